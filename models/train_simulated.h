#pragma once

#include <cstdint>
#include <vector>

#include "models/train.h"

namespace auscult::models {

// Labelled records of machines drawn at random, one record each: healthy, inner race, outer race
// and ball in turn. Meant to be hard: bearing, speed, rate, length and structure of any kind; lines
// of shaft and mesh above the noise; noise that healthy bearings modulate at their ball pass, shaft
// and cage; knocks that belong to no bearing; balls whose impacts come irregularly; impacts 20 dB
// below to 10 dB above the noise; a speed that is sent with an error, or only nominal. Every record
// is of the rig `rig`, or, where that is empty, of one of ten. Deterministic from the seed.
std::vector<LabelledRecord> SimulateLabelled(int count, uint64_t seed, const std::string& rig);

}  // namespace auscult::models

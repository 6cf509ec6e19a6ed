#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/fault.h"

namespace auscult::models {

// One judged record as seen by trees that its rig had no part in.
struct HeldOut {
  size_t truth = 0;  // among the classes
  int rig = 0;       // among the rigs
  std::vector<float> margins;
};

// How margins become verdicts.
struct Calibration {
  float temperature = 1;
  float threshold = 0.5f;
};

// Temperature of the least log loss, every rig with the same weight (Guo et al. 2017), and the
// lowest threshold from which at most `max_wrong_share` of the faults that are named are wrong, and
// at most that share of the healthy records are accused; 0.98 where there is none below.
// `without_rig` is left out; -1 leaves out none.
Calibration Calibrate(std::span<const HeldOut> records, std::span<const Fault> classes,
                      double max_wrong_share, int without_rig = -1);

// What held-out rigs show, each judged with the calibration of the others, as a JSON object:
// counts, confusion, accuracy by rig, log loss, Brier score, expected calibration error,
// abstentions, and healthy records accused.
std::string HeldOutMetrics(std::span<const HeldOut> records, std::span<const Fault> classes,
                           std::span<const std::string> rigs, double max_wrong_share, int left_out);

}  // namespace auscult::models

#pragma once

#include <cstdint>
#include <span>

// What libFuzzer calls with bytes of its making, and the tests with those that it once found worth
// keeping. Both abort on an answer that the contract does not allow.
namespace auscult::fuzz {

// Octets, encoding and calibration to samples, and samples to a waveform.
void TryDecoding(std::span<const uint8_t> bytes);

// A waveform of any shape, and a machine of any numbers, to features.
void TryExtraction(std::span<const uint8_t> bytes);

// A model file to a classifier, and what that says of any inputs.
void TryModel(std::span<const uint8_t> bytes);

}  // namespace auscult::fuzz

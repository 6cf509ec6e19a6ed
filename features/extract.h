#pragma once

#include <memory>

#include "absl/status/status.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "features/waveform.h"

namespace auscult::features {

// Turns waveforms into feature vectors. Owns the FFT plans and the scratch memory for the record
// lengths it has seen, so that nothing is allocated in the steady state; hence one Extractor for
// each thread. Results depend on the arguments alone, never on what was extracted before.
class Extractor {
 public:
  Extractor();
  ~Extractor();
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;

  // Fills `out`, reusing its memory. The channels of a waveform must all belong to one feature set
  // (FAILED_PRECONDITION otherwise: a point measures vibration or current, not both).
  absl::Status Extract(const Waveform& waveform, const Machine& machine, FeatureVector& out);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace auscult::features

#pragma once

#include "models/classifier.h"
#include "models/diagnosis.h"

namespace auscult::models {

// A diagnosis by physics, with a learnt classifier beside it. Among the faults that the classifier
// knows its probabilities decide, health among them; faults that it does not know keep what the
// rules gave them, and a verdict on one of these stands. The evidence stays that of physics, with
// what the classifier says put before it. Where the classifier abstains, so does the verdict,
// unless a fault that it does not know is called; refusals (unscorable, stopped) and what the rules
// need to know before silence is health hold as before. Pure.
Diagnosis WithClassifier(Diagnosis physics, const Classifier& classifier,
                         const Classification& classification);

}  // namespace auscult::models

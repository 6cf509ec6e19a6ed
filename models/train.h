#pragma once

#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "features/feature_set.h"
#include "features/machine.h"
#include "models/baseline.h"
#include "models/classifier.h"
#include "models/fault.h"
#include "models/train_trees.h"

namespace auscult::models {

// One record with what is true of it.
struct LabelledRecord {
  features::FeatureVector features;
  features::Machine machine;
  Fault fault = Fault::kHealthy;  // healthy, or a fault that a rule could name
  // What the record shares with others that look alike for other reasons than the fault: test rig,
  // asset. All records of a rig are held out together, so that windows of one recording never stand
  // on both sides.
  std::string rig;
  // False: learnt from, but neither calibrated nor measured on, as simulated records beside real
  // ones. Where no record is judged, all are.
  bool judged = true;
  const Baseline* baseline = nullptr;  // of the point, or null; outlives the call
};

struct TrainOptions {
  TreeOptions trees;
  int max_folds = 10;  // rigs beyond this many share folds
  // The threshold of faults is the lowest at which, on held-out rigs, at most this share of those
  // named is wrong, and of the healthy records accused.
  double max_wrong_share = 0.03;
  // Where the records are from, as JSON of an object; stands in the recipe as "data".
  std::string data_recipe = "{}";
  // Called between rounds with the share done, 0..1; false ends the training with CANCELLED.
  std::function<bool(double)> progress;
};

// Trains on all records, and as often as there are rigs on those of the others: calibration,
// threshold and metrics come from rigs held out. Deterministic: the same records and options give
// the same bytes, on one thread. FAILED_PRECONDITION where the records do not do: fewer than two
// judged rigs or two faults, or no bearing lines in them. Records that are unscorable or have no
// bearing lines are left out and counted in the metrics ("left_out").
absl::StatusOr<Classifier> Train(std::span<const LabelledRecord> records,
                                 const TrainOptions& options = {});

}  // namespace auscult::models

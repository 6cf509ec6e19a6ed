#include "models/train.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "models/classifier_inputs.h"
#include "models/train_metrics.h"

namespace auscult::models {
namespace {

using Json = nlohmann::ordered_json;

// Too few for the trees of a fold to mean anything.
constexpr size_t kMinRecords = 8;

// A record as trained on.
struct Row {
  std::vector<float> inputs;
  size_t label = 0;
  int rig = 0;
  bool judged = true;
};

struct TrainingSet {
  std::vector<Fault> classes;
  std::vector<std::string> rigs;  // of judged rows first, by name
  size_t judged_rigs = 0;
  std::vector<Row> rows;
  int left_out = 0;
};

bool IsUsable(const LabelledRecord& record) {
  constexpr features::QualityFlags kRefused =
      features::kUnscorable | features::Bit(features::QualityFlag::kStopped);
  if ((record.features.quality & kRefused) != 0) return false;
  const int channel = ClassifiedChannel(record.features);
  if (channel < 0) return false;
  return std::isfinite(record.features.Value(channel, "bpfo_existence")) ||
         std::isfinite(record.features.Value(channel, "bpfi_existence")) ||
         std::isfinite(record.features.Value(channel, "ball_existence"));
}

absl::StatusOr<TrainingSet> Prepare(std::span<const LabelledRecord> records) {
  TrainingSet set;
  const bool any_judged =
      std::any_of(records.begin(), records.end(), [](const LabelledRecord& r) { return r.judged; });
  std::vector<const LabelledRecord*> usable;
  std::set<Fault> classes;
  std::set<std::string> judged, others;
  for (const LabelledRecord& record : records) {
    if (record.fault >= Fault::kOther) {
      return absl::InvalidArgumentError(absl::StrCat("label ", std::string(FaultName(record.fault)),
                                                     " cannot be learnt; give healthy or a fault"));
    }
    if (!IsUsable(record)) {
      ++set.left_out;
      continue;
    }
    usable.push_back(&record);
    classes.insert(record.fault);
    (record.judged || !any_judged ? judged : others).insert(record.rig);
  }
  if (usable.size() < kMinRecords || classes.size() < 2 || judged.size() < 2) {
    return absl::FailedPreconditionError(absl::StrCat(
        "training needs at least ", kMinRecords,
        " records with bearing lines, of 2 faults (or "
        "healthy and one) and of 2 rigs, so that each can be judged by the others; these are ",
        usable.size(), " of ", classes.size(), " and of ", judged.size(), ", ", set.left_out,
        " are left out as unscorable or without bearing lines"));
  }
  set.classes.assign(classes.begin(), classes.end());
  set.rigs.assign(judged.begin(), judged.end());
  set.judged_rigs = set.rigs.size();
  for (const std::string& rig : others) {
    if (!judged.contains(rig)) set.rigs.push_back(rig);
  }
  std::map<std::string, int> rig_numbers;
  for (size_t i = 0; i < set.rigs.size(); ++i) rig_numbers[set.rigs[i]] = static_cast<int>(i);
  for (const LabelledRecord* record : usable) {
    const auto label = std::lower_bound(set.classes.begin(), set.classes.end(), record->fault);
    set.rows.push_back(
        {.inputs = ClassifierInputs(record->features, ClassifiedChannel(record->features),
                                    record->machine, record->baseline),
         .label = static_cast<size_t>(label - set.classes.begin()),
         .rig = rig_numbers[record->rig],
         .judged = record->judged || !any_judged});
  }
  return set;
}

// Which fold each rig is held out in: one each, or the largest first into the emptiest fold.
std::vector<int> FoldsOf(const TrainingSet& set, int max_folds) {
  const int folds = std::clamp(static_cast<int>(set.judged_rigs), 2, std::max(2, max_folds));
  std::vector<int> sizes(set.rigs.size(), 0), order(set.judged_rigs), filled(folds, 0);
  for (const Row& row : set.rows) ++sizes[row.rig];
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return sizes[a] > sizes[b]; });
  std::vector<int> fold_of(set.rigs.size(), -1);
  for (const int rig : order) {
    const auto emptiest = std::min_element(filled.begin(), filled.end());
    *emptiest += sizes[rig];
    fold_of[rig] = static_cast<int>(emptiest - filled.begin());
  }
  return fold_of;
}

// Rows outside `fold`; -1 takes all. Each fault of each rig weighs the same in sum, so that neither
// a rig with many records nor a common fault decides.
TrainingRows RowsOutside(const TrainingSet& set, std::span<const int> fold_of, int fold) {
  std::map<std::pair<int, size_t>, int> cell_sizes;
  TrainingRows rows;
  rows.column_count = static_cast<int>(ClassifierInputNames().size());
  std::vector<const Row*> taken;
  for (const Row& row : set.rows) {
    if (fold >= 0 && row.judged && fold_of[row.rig] == fold) continue;
    taken.push_back(&row);
    ++cell_sizes[{row.rig, row.label}];
  }
  const double share = static_cast<double>(taken.size()) / static_cast<double>(cell_sizes.size());
  for (const Row* row : taken) {
    rows.values.insert(rows.values.end(), row->inputs.begin(), row->inputs.end());
    rows.labels.push_back(static_cast<float>(row->label));
    rows.weights.push_back(static_cast<float>(share / cell_sizes[{row->rig, row->label}]));
  }
  return rows;
}

Json RecipeOf(const TrainingSet& set, const TrainOptions& options) {
  Json inputs = Json::array();
  for (const std::string_view name : ClassifierInputNames()) inputs.push_back(name);
  Json data = Json::parse(options.data_recipe, nullptr, false);
  if (!data.is_object()) data = Json::object();
  const TreeOptions& trees = options.trees;
  return {{"data", std::move(data)},
          {"records", set.rows.size()},
          {"seed", trees.seed},
          {"rounds", trees.rounds},
          {"max_depth", trees.max_depth},
          {"learning_rate", trees.learning_rate},
          {"min_child_weight", trees.min_child_weight},
          {"l2", trees.l2},
          {"row_share", trees.row_share},
          {"column_share", trees.column_share},
          {"max_folds", options.max_folds},
          {"max_wrong_share", options.max_wrong_share},
          {"inputs_version", kClassifierInputsVersion},
          {"inputs", std::move(inputs)}};
}

absl::Status CheckOptions(const TreeOptions& trees) {
  const auto share = [](double value) { return value > 0 && value <= 1; };
  if (trees.rounds < 1 || trees.rounds > 1000 || trees.max_depth < 1 || trees.max_depth > 10 ||
      !share(trees.learning_rate) || !share(trees.row_share) || !share(trees.column_share) ||
      !(trees.l2 >= 0) || !(trees.min_child_weight >= 0)) {
    return absl::InvalidArgumentError(
        "trees: rounds 1 to 1000, depth 1 to 10, learning rate and shares above 0 and at most 1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Classifier> Train(std::span<const LabelledRecord> records,
                                 const TrainOptions& options) {
  if (absl::Status status = CheckOptions(options.trees); !status.ok()) return status;
  absl::StatusOr<TrainingSet> set = Prepare(records);
  if (!set.ok()) return set.status();
  const std::vector<int> fold_of = FoldsOf(*set, options.max_folds);
  const int folds = *std::max_element(fold_of.begin(), fold_of.end()) + 1;
  const int class_count = static_cast<int>(set->classes.size());
  int rounds_done = 0;
  const double all_rounds = static_cast<double>(folds + 1) * options.trees.rounds;
  const auto round_done = [&] {
    return !options.progress || options.progress(++rounds_done / all_rounds);
  };
  std::vector<HeldOut> held_out;
  for (int fold = 0; fold < folds; ++fold) {
    const absl::StatusOr<TreeEnsemble> trees =
        TrainTrees(RowsOutside(*set, fold_of, fold), class_count, options.trees, round_done);
    if (!trees.ok()) return trees.status();
    for (const Row& row : set->rows) {
      if (!row.judged || fold_of[row.rig] != fold) continue;
      held_out.push_back({row.label, row.rig, std::vector<float>(set->classes.size())});
      trees->Margins(row.inputs, held_out.back().margins);
    }
  }
  absl::StatusOr<TreeEnsemble> trees =
      TrainTrees(RowsOutside(*set, fold_of, -1), class_count, options.trees, round_done);
  if (!trees.ok()) return trees.status();
  const Calibration calibration = Calibrate(held_out, set->classes, options.max_wrong_share);
  Classifier::Parts parts;
  parts.classes = set->classes;
  parts.temperature = calibration.temperature;
  parts.threshold = calibration.threshold;
  parts.recipe = RecipeOf(*set, options).dump(-1, ' ', false, Json::error_handler_t::replace);
  parts.metrics =
      HeldOutMetrics(held_out, set->classes, std::span(set->rigs).first(set->judged_rigs),
                     options.max_wrong_share, set->left_out);
  return Classifier::Create(*std::move(trees), std::move(parts));
}

}  // namespace auscult::models

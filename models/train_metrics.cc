#include "models/train_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/classifier.h"
#include "models/tree_ensemble.h"

namespace auscult::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr float kHighestThreshold = 0.98f;
// The metrics stay readable, and within what a model file holds.
constexpr size_t kMostRigsListed = 200;

std::vector<float> Probabilities(const HeldOut& record, float temperature) {
  std::vector<float> probabilities = record.margins;
  TreeEnsemble::Softmax(probabilities, temperature);
  return probabilities;
}

size_t Likeliest(std::span<const float> probabilities) {
  return static_cast<size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                             probabilities.begin());
}

double LogLoss(std::span<const float> probabilities, size_t truth) {
  return -std::log(std::max(1e-7, static_cast<double>(probabilities[truth])));
}

double MeanLogLoss(std::span<const HeldOut> records, std::span<const double> weights,
                   float temperature) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (weights[i] == 0) continue;
    sum += weights[i] * LogLoss(Probabilities(records[i], temperature), records[i].truth);
    total += weights[i];
  }
  return total > 0 ? sum / total : 0;
}

// One over the records of the rig, 0 for those left out.
std::vector<double> RigWeights(std::span<const HeldOut> records, int without_rig) {
  std::vector<double> counts;
  for (const HeldOut& record : records) {
    if (record.rig >= static_cast<int>(counts.size())) counts.resize(record.rig + 1, 0.0);
    ++counts[record.rig];
  }
  std::vector<double> weights;
  for (const HeldOut& record : records) {
    weights.push_back(record.rig == without_rig ? 0.0 : 1.0 / counts[record.rig]);
  }
  return weights;
}

float BestTemperature(std::span<const HeldOut> records, std::span<const double> weights) {
  float best = 1;
  double least = MeanLogLoss(records, weights, 1);
  for (int step = -16; step <= 24; ++step) {
    const float temperature = std::exp2(static_cast<float>(step) / 8.0f);
    const double loss = MeanLogLoss(records, weights, temperature);
    if (loss >= least) continue;
    least = loss;
    best = temperature;
  }
  return best;
}

float LowestThreshold(std::span<const HeldOut> records, std::span<const double> weights,
                      std::span<const Fault> classes, float temperature, double max_wrong_share) {
  struct Accusation {
    float probability;
    bool wrong, of_healthy;
  };
  std::vector<Accusation> accusations;
  int healthy_records = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (weights[i] == 0) continue;
    const bool is_healthy = classes[records[i].truth] == Fault::kHealthy;
    healthy_records += is_healthy;
    const std::vector<float> p = Probabilities(records[i], temperature);
    const size_t called = Likeliest(p);
    if (classes[called] == Fault::kHealthy) continue;
    accusations.push_back({p[called], called != records[i].truth, is_healthy});
  }
  for (float threshold = 0.4f; threshold < kHighestThreshold; threshold += 0.02f) {
    int named = 0, wrong = 0, healthy_accused = 0;
    for (const Accusation& accusation : accusations) {
      if (accusation.probability < threshold) continue;
      ++named;
      wrong += accusation.wrong;
      healthy_accused += accusation.of_healthy;
    }
    if (named > 0 && wrong <= max_wrong_share * named &&
        healthy_accused <= max_wrong_share * healthy_records) {
      return threshold;
    }
  }
  return kHighestThreshold;
}

// Sums over records, for all and for each rig.
struct Tally {
  int records = 0, forced_right = 0, right = 0, wrong = 0, abstained = 0;
  int healthy = 0, healthy_passed = 0, healthy_accused = 0;
  double log_loss = 0, brier = 0;

  void Add(std::span<const float> p, size_t truth, bool named, bool truth_healthy) {
    const size_t called = Likeliest(p);
    ++records;
    forced_right += called == truth;
    right += named && called == truth;
    wrong += named && called != truth;
    abstained += !named;
    healthy += truth_healthy;
    healthy_passed += truth_healthy && named && called == truth;
    healthy_accused += truth_healthy && named && called != truth;
    log_loss += LogLoss(p, truth);
    for (size_t c = 0; c < p.size(); ++c) {
      const double miss = p[c] - (c == truth ? 1.0 : 0.0);
      brier += miss * miss;
    }
  }

  Json ToJson() const {
    return {{"records", records},
            {"forced_right", forced_right},
            {"right", right},
            {"wrong", wrong},
            {"abstained", abstained},
            {"healthy", healthy},
            {"healthy_passed", healthy_passed},
            {"healthy_accused", healthy_accused},
            {"log_loss", log_loss / std::max(1, records)},
            {"brier", brier / std::max(1, records)}};
  }
};

// Expected calibration error over ten bins of the highest probability (Naeini et al. 2015).
class CalibrationError {
 public:
  void Add(float probability, bool right) {
    Bin& bin =
        bins_[std::min(kBins - 1, static_cast<size_t>(probability * static_cast<float>(kBins)))];
    bin.probability += probability;
    bin.right += right;
    ++records_;
  }
  double Value() const {
    double sum = 0;
    for (const Bin& bin : bins_) sum += std::abs(bin.probability - bin.right);
    return sum / std::max(1, records_);
  }

 private:
  struct Bin {
    double probability = 0, right = 0;
  };
  static constexpr size_t kBins = 10;
  std::array<Bin, kBins> bins_;
  int records_ = 0;
};

}  // namespace

Calibration Calibrate(std::span<const HeldOut> records, std::span<const Fault> classes,
                      double max_wrong_share, int without_rig) {
  const std::vector<double> weights = RigWeights(records, without_rig);
  const float temperature = BestTemperature(records, weights);
  return {temperature, LowestThreshold(records, weights, classes, temperature, max_wrong_share)};
}

std::string HeldOutMetrics(std::span<const HeldOut> records, std::span<const Fault> classes,
                           std::span<const std::string> rigs, double max_wrong_share,
                           int left_out) {
  Tally all;
  CalibrationError error;
  std::vector<std::vector<int>> confusion(classes.size(), std::vector<int>(classes.size() + 1));
  Json by_rig = Json::array();
  for (size_t rig = 0; rig < rigs.size(); ++rig) {
    const Calibration calibration =
        Calibrate(records, classes, max_wrong_share, static_cast<int>(rig));
    Tally one;
    for (const HeldOut& record : records) {
      if (record.rig != static_cast<int>(rig)) continue;
      const std::vector<float> p = Probabilities(record, calibration.temperature);
      const bool healthy = classes[record.truth] == Fault::kHealthy;
      const size_t called = Likeliest(p);
      const bool named = p[called] >= (classes[called] == Fault::kHealthy ? Classifier::kHealthyFrom
                                                                          : calibration.threshold);
      one.Add(p, record.truth, named, healthy);
      all.Add(p, record.truth, named, healthy);
      error.Add(p[called], called == record.truth);
      ++confusion[record.truth][named ? called : classes.size()];
    }
    Json entry = {{"rig", rigs[rig]}};
    entry.update(one.ToJson());
    if (rig < kMostRigsListed) by_rig.push_back(std::move(entry));
  }
  Json metrics = {{"protocol", "leave one rig out; each rig calibrated on the others"}};
  metrics.update(all.ToJson());
  metrics["calibration_error"] = error.Value();
  metrics["left_out"] = left_out;
  metrics["rigs"] = rigs.size();
  Json names = Json::array();
  for (const Fault fault : classes) names.push_back(FaultName(fault));
  metrics["classes"] = names;  // rows and columns of the confusion; its last column: abstained
  metrics["confusion"] = confusion;
  metrics["by_rig"] = std::move(by_rig);
  return metrics.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace auscult::models

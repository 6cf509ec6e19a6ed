#include "models/explain.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "models/baseline.h"
#include "models/distributions.h"
#include "models/robust.h"

namespace auscult::models {
namespace {

constexpr size_t kFewestRecords = 20;
constexpr float kShareKnown = 0.8f;
constexpr double kConfidence = 0.99;
constexpr double kWinsorAt = 4;  // scatters, inside the window
constexpr double kVarianceExplained = 0.9;
constexpr int kNeighboursLeftOut = 5;  // records next in time are no independent neighbours
constexpr size_t kContributions = 10;

// The window in robust scatters: a row for each record, a column for each level that both have.
struct Standardised {
  std::vector<int> columns;  // positions in FeatureVector::values
  std::vector<float> usual;
  Eigen::MatrixXd window;
  Eigen::VectorXd record;
};

Standardised Standardise(std::span<const features::FeatureVector> window,
                         const features::FeatureVector& record) {
  const features::FeatureSet& set = *features::FindFeatureSet(record.set_id);
  Standardised standardised;
  std::vector<std::vector<double>> columns;
  std::vector<double> own;
  for (size_t i = 0; i < record.values.size(); ++i) {
    if (set.features[i % set.features.size()].scale != features::Scale::kLevelDb ||
        !std::isfinite(record.values[i])) {
      continue;
    }
    std::vector<float> values;
    for (const features::FeatureVector& healthy : window) values.push_back(healthy.values[i]);
    const auto known =
        std::count_if(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
    if (static_cast<float>(known) < kShareKnown * static_cast<float>(values.size())) continue;
    const Spread spread = SpreadOf(values);
    std::vector<double> column;
    for (const float value : values) {
      const double z = (value - spread.location) / spread.scatter;
      column.push_back(std::isfinite(z) ? std::clamp(z, -kWinsorAt, kWinsorAt) : 0);
    }
    columns.push_back(std::move(column));
    own.push_back((record.values[i] - spread.location) / spread.scatter);
    standardised.columns.push_back(static_cast<int>(i));
    standardised.usual.push_back(spread.location);
  }
  const auto width = static_cast<Eigen::Index>(columns.size());
  standardised.window.resize(static_cast<Eigen::Index>(window.size()), width);
  standardised.record.resize(width);
  for (Eigen::Index c = 0; c < width; ++c) {
    standardised.window.col(c) =
        Eigen::Map<Eigen::VectorXd>(columns[c].data(), standardised.window.rows());
    standardised.record[c] = own[c];
  }
  return standardised;
}

// Weight of the identity in the shrunk covariance (Ledoit and Wolf 2004).
double Shrinkage(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& covariance) {
  const auto count = static_cast<double>(centred.rows());
  const auto width = static_cast<double>(centred.cols());
  const double mean_variance = covariance.trace() / width;
  Eigen::MatrixXd rest = covariance;
  rest.diagonal().array() -= mean_variance;
  const double distance = rest.squaredNorm();
  double noise = 0;
  for (Eigen::Index r = 0; r < centred.rows(); ++r) {
    const double square = centred.row(r).squaredNorm();
    noise += square * square - 2 * centred.row(r) * covariance * centred.row(r).transpose() +
             covariance.squaredNorm();
  }
  noise /= count * count;
  return distance > 0 ? std::clamp(noise / distance, 0.0, 1.0) : 1.0;
}

// Principal components of the window, with the statistics' limits.
class Components {
 public:
  explicit Components(const Eigen::MatrixXd& window) {
    const auto count = static_cast<double>(window.rows());
    const Eigen::MatrixXd centred = window.rowwise() - window.colwise().mean();
    const Eigen::MatrixXd covariance = centred.transpose() * centred / (count - 1);
    const double weight = Shrinkage(centred, covariance);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
    // Ascending. Shrinking towards the identity leaves the directions alone.
    variances_ = (1 - weight) * solver.eigenvalues().array() +
                 weight * covariance.trace() / static_cast<double>(window.cols());
    directions_ = solver.eigenvectors();
    Choose(count);
  }

  int kept() const { return static_cast<int>(kept_); }

  // The laws behind the limits take records for independent; neighbours in time are not.
  void RaiseLimits(double t2, double q) {
    t2_limit_ = std::max(t2_limit_, t2);
    q_limit_ = std::max(q_limit_, q);
  }

  Statistic T2(const Eigen::VectorXd& z) const {
    const Eigen::VectorXd scores = directions_.rightCols(kept_).transpose() * z;
    return {(scores.array().square() / variances_.tail(kept_).array()).sum(), t2_limit_};
  }
  Statistic Q(const Eigen::VectorXd& z) const {
    const Eigen::Index rest = directions_.cols() - kept_;
    return {(directions_.leftCols(rest).transpose() * z).squaredNorm(), q_limit_};
  }

  // The matrix of T2 / limit + Q / limit.
  Eigen::MatrixXd Combined() const {
    const Eigen::Index rest = directions_.cols() - kept_;
    Eigen::VectorXd weights(directions_.cols());
    weights.head(rest).setConstant(1 / q_limit_);
    weights.tail(kept_) = (variances_.tail(kept_).array() * t2_limit_).inverse();
    return directions_ * weights.asDiagonal() * directions_.transpose();
  }

 private:
  // As many components as explain most of the variance, but for a fifth of the records at most and
  // never all.
  void Choose(double count) {
    const Eigen::Index width = variances_.size();
    const double total = variances_.sum();
    const auto most = std::min<Eigen::Index>(width - 1, static_cast<Eigen::Index>(count / 5));
    double explained = 0;
    while (kept_ < most && explained < kVarianceExplained * total) {
      explained += variances_[width - 1 - kept_++];
    }
    const auto kept = static_cast<double>(kept_);
    t2_limit_ = kept * (count * count - 1) / (count * (count - kept)) *
                FQuantile(kConfidence, kept, count - kept);
    const Eigen::ArrayXd rest = variances_.head(width - kept_).array();
    const double mean = rest.sum();
    const double half_variance = rest.square().sum();
    q_limit_ = half_variance / mean * ChiSquareQuantile(kConfidence, mean * mean / half_variance);
  }

  Eigen::VectorXd variances_;
  Eigen::MatrixXd directions_;
  Eigen::Index kept_ = 0;
  double t2_limit_ = 0;
  double q_limit_ = 0;
};

// What the records of the window themselves reach when the components are those of the others, a
// block in time left out after the other.
void RaiseToHeldOut(const Eigen::MatrixXd& window, Components& components) {
  constexpr Eigen::Index kBlocks = 5;
  std::vector<float> t2, q;
  for (Eigen::Index block = 0; block < kBlocks; ++block) {
    const Eigen::Index first = window.rows() * block / kBlocks;
    const Eigen::Index last = window.rows() * (block + 1) / kBlocks;
    Eigen::MatrixXd others(window.rows() - (last - first), window.cols());
    others << window.topRows(first), window.bottomRows(window.rows() - last);
    const Components held_out(others);
    for (Eigen::Index r = first; r < last; ++r) {
      t2.push_back(static_cast<float>(held_out.T2(window.row(r).transpose()).value));
      q.push_back(static_cast<float>(held_out.Q(window.row(r).transpose()).value));
    }
  }
  components.RaiseLimits(Quantile(t2, static_cast<float>(kConfidence)),
                         Quantile(q, static_cast<float>(kConfidence)));
}

double NearestDistance(const Eigen::MatrixXd& window, const Eigen::VectorXd& z,
                       Eigen::Index without) {
  double nearest = std::numeric_limits<double>::infinity();
  for (Eigen::Index r = 0; r < window.rows(); ++r) {
    if (without >= 0 && std::abs(r - without) <= kNeighboursLeftOut) continue;
    nearest = std::min(nearest, (window.row(r).transpose() - z).squaredNorm());
  }
  return std::sqrt(nearest / static_cast<double>(window.cols()));
}

void Neighbours(const Standardised& data, Explanation& explanation) {
  explanation.nearest.value = NearestDistance(data.window, data.record, -1);
  std::vector<float> inside;
  int as_far = 0;
  for (Eigen::Index r = 0; r < data.window.rows(); ++r) {
    const double distance = NearestDistance(data.window, data.window.row(r), r);
    inside.push_back(static_cast<float>(distance));
    as_far += distance >= explanation.nearest.value;
  }
  explanation.nearest.limit = Quantile(inside, static_cast<float>(kConfidence));
  explanation.nearest_p = (1.0 + as_far) / (static_cast<double>(inside.size()) + 1);
}

void Reconstruct(const Standardised& data, const Components& components,
                 const features::FeatureVector& record, Explanation& explanation) {
  const Eigen::MatrixXd combined = components.Combined();
  const Eigen::VectorXd pull = combined * data.record;
  const double total = data.record.dot(pull);
  if (!(total > 0)) return;
  for (Eigen::Index c = 0; c < pull.size(); ++c) {
    const int index = data.columns[c];
    explanation.contributions.push_back(
        {.value_index = index,
         .share = static_cast<float>(pull[c] * pull[c] / combined(c, c) / total),
         .value = record.values[index],
         .usual = data.usual[c]});
  }
  std::sort(explanation.contributions.begin(), explanation.contributions.end(),
            [](const Reconstruction& a, const Reconstruction& b) { return a.share > b.share; });
  if (explanation.contributions.size() > kContributions) {
    explanation.contributions.resize(kContributions);
  }
}

}  // namespace

absl::StatusOr<Explanation> Explain(std::span<const features::FeatureVector> window,
                                    const features::FeatureVector& record) {
  if (window.size() < kFewestRecords) {
    return absl::FailedPreconditionError(absl::StrCat(
        "an explanation needs ", kFewestRecords, " healthy records, there are ", window.size()));
  }
  for (const features::FeatureVector& healthy : window) {
    if (healthy.set_id != record.set_id || healthy.values.size() != record.values.size() ||
        features::FindFeatureSet(record.set_id) == nullptr) {
      return absl::FailedPreconditionError(
          "the record and what was learnt are of different feature sets or channel counts; explain "
          "a record that was scored by the present baseline");
    }
  }
  const Standardised data = Standardise(window, record);
  if (data.columns.size() < 2) {
    return absl::FailedPreconditionError(
        "the record shares fewer than two levels with what was learnt");
  }
  Components components(data.window);
  RaiseToHeldOut(data.window, components);
  Explanation explanation;
  explanation.records = static_cast<int>(window.size());
  explanation.components = components.kept();
  explanation.t2 = components.T2(data.record);
  explanation.q = components.Q(data.record);
  Neighbours(data, explanation);
  Reconstruct(data, components, record, explanation);
  return explanation;
}

}  // namespace auscult::models

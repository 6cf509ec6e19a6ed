#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "models/cadence.h"
#include "models/condition.h"
#include "models/e_process.h"
#include "models/fault.h"
#include "models/health.h"
#include "models/operating_state.h"
#include "models/severity.h"

namespace auscult::models {

// Moments of the severities of healthy records that had no part in the baseline.
struct SeverityMoments {
  int count = 0;
  float mean = 0;
  float squares = 0;   // sum of squared distances from the mean
  float products = 0;  // sum of products of neighbours' distances
  float last = 0;      // distance of the last one

  void Add(float severity);
  float Deviation() const;
  float Correlation() const;
};

// Everything of the past that scoring the next record of a point needs. A value: copied out of the
// database, advanced, written back in one transaction.
struct PointState {
  Condition condition = Condition::kLearning;
  int records_learnt = 0;  // steady records since learning began
  int fit_attempts = 0;    // how often the window was refused and slid on
  // The last kMedianRecords steady records within what the baseline has seen, oldest first:
  // deviation vectors one after the other (in steps of kDeviationStep, so that storing them loses
  // nothing) and rises of the peak level.
  std::vector<float> recent;
  std::vector<float> recent_peak_rise;
  std::vector<Fault> recent_verdicts;  // of the last kMedianRecords steady records, oldest first
  int severe_records = 0;              // consecutive records that ask for a worse condition
  int mild_records = 0;                // consecutive records that ask for a better one
  Condition pending = Condition::kLearning;  // the mildest, or worst, of those asked for

  OperatingState operation;
  // Records that are scorable but were not steady, so must not be learnt from; the latest
  // kUnsteadyKept.
  std::vector<int64_t> unsteady_us;
  Cadence cadence;
  EProcess evidence;
  // Steady records since the evidence sufficed for an alert, which has not ended since; 0: it does
  // not suffice.
  int evidence_records = 0;
  SeverityMoments healthy;  // since the baseline was learnt
  int records_scored = 0;   // steady and comparable, since the first baseline was learnt
  int refine_from = 0;      // records_scored from which a wider window is tried (again)
  int quiet_records = 0;    // quieter than the baseline in a row: the machine runs in
  InputDrift drift;

  static constexpr int kMedianRecords = models::kMedianRecords;
  static constexpr float kDeviationStep = 1.0f / 64;
  static constexpr float kMaxDeviation = 500.0f;
  static constexpr size_t kUnsteadyKept = 128;

  // Compact binary form with a version byte; DATA_LOSS for what cannot be trusted. States of
  // earlier versions are read.
  std::string Serialize() const;
  static absl::StatusOr<PointState> Parse(std::string_view bytes);
};

// Takes a steady record within what was learnt into the memory of the running medians.
void RememberDeviations(std::span<const float> deviations, float peak_rise_db, PointState& state);

void NoteUnsteady(int64_t measured_at_us, PointState& state);

}  // namespace auscult::models

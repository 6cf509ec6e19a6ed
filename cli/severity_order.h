#pragma once

#include <string>
#include <vector>

#include "cli/evaluation.h"

namespace auscult::cli {

// Whether the severity that is told grows with the size of the fault, over recordings of one rig at
// one speed.
struct SeverityOrder {
  struct Record {
    const JudgedRecord* judged = nullptr;
    double size = 0;      // the number in fault_size, 0 where healthy
    double severity = 0;  // measure of the severity of the fault in question, 0 where none is told
  };
  std::string rig;  // dataset and speed
  models::Fault fault = models::Fault::kHealthy;
  std::string unit;             // of the measure
  std::vector<Record> records;  // by size
  int pairs = 0;                // of recordings of different size
  int in_order = 0;             // of those, the larger fault has the larger severity
  double spearman = 0;          // rank correlation of size and severity
};

// Rigs that have healthy recordings and at least two sizes of one fault, or three sizes of it, by
// rig and fault. Groups in which no severity is told are left out.
std::vector<SeverityOrder> SeverityOrdersOf(const std::vector<JudgedRecord>& judged);

}  // namespace auscult::cli

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "auscult/v1/ingest_service.pb.h"
#include "cli/command.h"

namespace auscult::cli {

// Counts what became of records that were sent. Thread-safe.
class IngestTally {
 public:
  void Add(const std::string& point, const v1::IngestResult& result);
  // A record that was never sent, because its file could not be read.
  void AddUnreadable(const std::string& why);

  int64_t answered() const;
  int64_t failed() const;  // rejected and unreadable
  int64_t total() const;   // answered and unreadable

  // What a sender knows when all is sent.
  struct Rates {
    int64_t bytes = 0;
    double elapsed_s = 0;
    int reconnects = 0;
    int64_t resends = 0;
  };
  std::string Text(const Rates& rates, const Terminal& terminal) const;
  std::string Json(const Rates& rates) const;

 private:
  struct PointTally {
    int64_t accepted = 0;
    int64_t duplicate = 0;
    int64_t rejected = 0;
    bool has_health = false;
    float first_index = 0;  // of the first record that had one
    v1::PointHealth last;
  };
  struct Rejections {
    int64_t count = 0;
    std::string example;
  };
  std::string RejectionText() const;

  mutable std::mutex mutex_;
  int64_t accepted_ = 0, duplicate_ = 0, rejected_ = 0, unreadable_ = 0;
  std::map<std::string, PointTally> points_;
  std::map<std::string, Rejections> rejections_;  // by reason
};

}  // namespace auscult::cli

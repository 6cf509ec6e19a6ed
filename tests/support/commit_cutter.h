#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/postgres_cluster.h"

namespace auscult::support {

// Stands between a program and a PostgreSQL cluster and cuts connections around a COMMIT, where a
// program cannot know what became of its transaction.
class CommitCutter {
 public:
  explicit CommitCutter(const PostgresCluster& cluster);
  ~CommitCutter();
  CommitCutter(const CommitCutter&) = delete;
  CommitCutter& operator=(const CommitCutter&) = delete;

  // `conninfo` as a program must use it to come through here.
  std::string Through(const std::string& conninfo) const;

  enum class Cut {
    kNone,
    kBefore,  // PostgreSQL never sees the COMMIT
    kAfter,   // PostgreSQL commits, the program never hears of it
  };
  // The next COMMIT meets this, those after it pass.
  void Arm(Cut cut) { armed_ = cut; }
  int cuts() const { return cuts_; }

 private:
  void Accept();
  void Relay(int program);
  const std::string cluster_dir_;
  std::string folder_;
  int listener_ = -1;
  std::atomic<Cut> armed_{Cut::kNone};
  std::atomic<int> cuts_{0};
  std::vector<std::jthread> relays_;
  std::jthread acceptor_;
};

}  // namespace auscult::support

#pragma once

#include <functional>
#include <memory>
#include <span>

#include "auscult/v1/trend_service.pb.h"
#include "db/postgres.h"
#include "server/trend_stream.h"
#include "server/watch_loop.h"

namespace auscult::server {

// Tells who watches what was measured. One thread asks the rows of the points every second while
// anybody watches: whatever replica stored a record, it is seen. Records of a point come in the
// order of their times, each once; what is measured before the last one that was told, and comes
// late, is not told. While the database is away nothing comes, and nothing is missed when it is
// back.
class TrendWatch {
 public:
  // `database` must outlive it.
  TrendWatch(db::Pool* database, WatchPace pace);

  grpc::ServerWriteReactor<v1::WatchTrendResponse>* Watch(const v1::WatchTrendRequest& request,
                                                          OpenedStream opened,
                                                          std::function<absl::Status()> may_go_on);

  // Every stream, new ones too, ends with UNAVAILABLE. Does not wait.
  void Stop() { loop_.Stop(); }

 private:
  absl::Status Poll(std::span<const std::shared_ptr<TrendStream>> streams);

  db::Pool* const database_;
  WatchLoop<TrendStream> loop_;
};

}  // namespace auscult::server

#include "server/trend_stream.h"

#include <cassert>
#include <utility>

namespace auscult::server {

bool TrendStream::idle() const {
  const std::lock_guard lock(mutex_);
  return !waiting_;
}

void TrendStream::Tell(v1::WatchTrendResponse news) {
  {
    const std::lock_guard lock(mutex_);
    assert(!waiting_);
    if (over()) return;
    waiting_ = std::move(news);
  }
  Proceed();
}

bool TrendStream::Take(v1::WatchTrendResponse& response) {
  if (!waiting_) return false;
  response = std::move(*waiting_);
  waiting_.reset();
  return true;
}

}  // namespace auscult::server

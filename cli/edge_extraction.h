#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/resources.pb.h"
#include "cli/commands.h"
#include "features/extract.h"

namespace auscult::cli {

// Features of records, extracted here as the server would, with points and machines as the server
// has them. For one thread.
class EdgeExtraction {
 public:
  using Say = std::function<void(const std::string&)>;
  EdgeExtraction(std::shared_ptr<grpc::Channel> channel, const ServerOptions& server, Say say)
      : channel_(std::move(channel)), server_(server), say_(std::move(say)) {}

  // UNAVAILABLE and its like where the plant cannot be read; FAILED_PRECONDITION where the record
  // is none that features can be made of here (its point is unknown, its channels are others, it
  // cannot be judged): the server shall see it whole and say why.
  absl::StatusOr<v1::FeatureRecord> Extract(const v1::Waveform& waveform);

  // Points and machines are read again before the next record.
  void Refetch() { fetched_.clear(); }

 private:
  struct Place {
    v1::Point point;
    v1::Machine described;
    features::Machine machine;
  };
  absl::Status Fetch(const std::string& site);
  absl::StatusOr<features::Waveform> Decode(const v1::Waveform& message, const v1::Point& point);

  const std::shared_ptr<grpc::Channel> channel_;
  const ServerOptions& server_;
  const Say say_;
  std::map<std::string, absl::Time> fetched_;  // by site
  std::map<std::string, Place> places_;        // by point
  bool told_ = false;                          // that the plant cannot be read
  features::Extractor extractor_;
  features::FeatureVector features_;
};

}  // namespace auscult::cli

#pragma once

#include <map>
#include <memory>
#include <string>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "cli/edge_extraction.h"
#include "cli/forwarder.h"

namespace auscult::cli {

// Sends features first. The samples follow where the server then finds the point at watch or worse
// or outside what it learnt, for every n-th record of a point, and for a record whose features
// cannot be made here or are not taken: an older server, say, that lacks the feature set. Otherwise
// they are done with when the features are stored.
class FeatureForwarder final : public Forwarder {
 public:
  // 0: no n-th.
  FeatureForwarder(ForwardState& state, const ServerOptions& server, WaveformSender::Limits limits,
                   int samples_every);

 protected:
  absl::StatusOr<bool> IsDoneWithoutSamples(const ForwardQueue::Item& item,
                                            const v1::Waveform& waveform) override;

 private:
  EdgeExtraction extraction_;
  const std::unique_ptr<v1::IngestService::Stub> stub_;
  const int samples_every_;
  std::map<std::string, int64_t> count_;  // of records, by point
};

}  // namespace auscult::cli

#include "cli/waveform_sender.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "cli/backoff.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kConnectTimeout{5000};
constexpr Milliseconds kFirstPause{200};
constexpr Milliseconds kLongestPause{10'000};

// A stream that ended for one of these may be tried again.
bool IsPassing(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:  // the server ended it without being asked: it is going down
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      // Without details it is from gRPC: a message larger than the server takes.
      return !status.error_details().empty();
    default:
      return false;
  }
}

}  // namespace

class WaveformSender::Stream {
 public:
  Stream(std::shared_ptr<grpc::Channel> channel, const ServerOptions& server, Limits limits,
         OnResult on_result)
      : channel_(std::move(channel)),
        server_(server),
        limits_(limits),
        on_result_(std::move(on_result)),
        stub_(v1::IngestService::NewStub(channel_)) {}

  ~Stream() {
    if (context_) context_->TryCancel();
    Close();
  }

  absl::Status Send(v1::Waveform waveform, uint64_t key) {
    if (!failure_.ok()) return failure_;
    const auto bytes = static_cast<int64_t>(waveform.ByteSizeLong());
    if (failure_ = WaitUntil([&] { return HasRoom(bytes); }); !failure_.ok()) return failure_;
    const uint64_t sequence = next_sequence_++;
    v1::StreamWaveformsRequest request;
    request.set_sequence(sequence);
    *request.mutable_waveform() = std::move(waveform);
    {
      const std::scoped_lock lock(mutex_);
      bytes_on_way_ += bytes;
      on_way_.emplace(sequence, OnWay{.request = request, .key = key, .bytes = bytes});
    }
    // A write that fails is found out by the reader, and what is on its way is sent again.
    (void)call_->Write(request);
    return absl::OkStatus();
  }

  absl::Status Flush() {
    if (failure_.ok()) failure_ = WaitUntil([&] { return on_way_.empty(); });
    return failure_;
  }

  absl::Status Finish() {
    if (absl::Status status = Flush(); !status.ok()) return status;
    call_->WritesDone();
    const grpc::Status ended = Close();
    // Every record has its answer, so it does not matter how the stream ended.
    return next_sequence_ > 1 ? absl::OkStatus() : ErrorOf(ended, server_);
  }

  int reconnects() const { return reconnects_; }
  int64_t resends() const { return resends_; }

 private:
  using Call = grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>;

  struct OnWay {
    v1::StreamWaveformsRequest request;
    uint64_t key = 0;
    int64_t bytes = 0;
    Clock::time_point retry_at = {};
    bool retry = false;
    Backoff backoff{kFirstPause, kLongestPause};
  };

  bool HasRoom(int64_t bytes) const {
    return on_way_.empty() ||
           (on_way_.size() < limits_.records && bytes_on_way_ + bytes <= limits_.bytes);
  }

  // Waits for `ready` (asked under the lock) with the stream up and nothing waiting to be sent
  // again, so that records of one point do not overtake each other more than they must.
  template <typename Ready>
  absl::Status WaitUntil(Ready ready) {
    while (true) {
      if (!call_) {
        if (absl::Status status = Open(); !status.ok()) return status;
      }
      std::unique_lock lock(mutex_);
      if (!broken_ && retries_ == 0 && ready()) return absl::OkStatus();
      if (!broken_ && retries_ == 0) {
        changed_.wait(lock, [&] { return broken_ || retries_ > 0 || ready(); });
        continue;
      }
      if (broken_) {
        lock.unlock();
        if (absl::Status status = Recover(); !status.ok()) return status;
        continue;
      }
      if (IsHopeless()) return absl::ResourceExhaustedError(last_refusal_);
      const auto due = FirstRetry();
      if (changed_.wait_until(lock, due, [&] { return broken_; })) continue;
      lock.unlock();
      SendRetries();
    }
  }

  Clock::time_point FirstRetry() const {
    Clock::time_point first = Clock::time_point::max();
    for (const auto& [sequence, record] : on_way_) {
      if (record.retry) first = std::min(first, record.retry_at);
    }
    return first;
  }

  void SendRetries() {
    std::vector<v1::StreamWaveformsRequest> due;
    {
      const std::scoped_lock lock(mutex_);
      for (auto& [sequence, record] : on_way_) {
        if (!record.retry || record.retry_at > Clock::now()) continue;
        record.retry = false;
        --retries_;
        due.push_back(record.request);
      }
      resends_ += static_cast<int64_t>(due.size());
    }
    for (const v1::StreamWaveformsRequest& request : due) {
      if (!call_->Write(request)) return;
    }
  }

  // The first connection is not waited for: a server that is not there is said to be not there.
  absl::Status Open() {
    if (!ConnectOnce()) {
      return ErrorOf(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no connection"), server_);
    }
    last_progress_ = Clock::now();
    Begin();
    return absl::OkStatus();
  }

  // One attempt, so that nobody waits for a port that refuses.
  bool ConnectOnce() {
    const auto deadline = std::chrono::system_clock::now() + kConnectTimeout;
    while (true) {
      const grpc_connectivity_state state = channel_->GetState(true);
      if (state == GRPC_CHANNEL_READY) return true;
      if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
      if (!channel_->WaitForStateChange(state, deadline)) return false;
    }
  }

  void Begin() {
    context_ = std::make_unique<grpc::ClientContext>();
    call_ = stub_->StreamWaveforms(context_.get());
    {
      const std::scoped_lock lock(mutex_);
      broken_ = false;
    }
    reader_ = std::thread([this] { ReadAnswers(); });
  }

  grpc::Status Close() {
    if (!call_) return grpc::Status::OK;
    if (reader_.joinable()) reader_.join();
    grpc::Status status = call_->Finish();
    call_.reset();
    context_.reset();
    return status;
  }

  // Opens a new stream and sends on it what was not answered, until that works or too long passed.
  absl::Status Recover() {
    const grpc::Status ended = Close();
    if (!IsPassing(ended)) return ErrorOf(ended, server_);
    // The reader has ended.
    if (std::exchange(answered_, false)) backoff_.Reset();
    Milliseconds asked = RetryDelayOf(ended);
    while (true) {
      bool hopeless = false;
      {
        const std::scoped_lock lock(mutex_);
        hopeless = IsHopeless();
      }
      if (hopeless) {
        return ErrorOf(
            ended.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "stream ended") : ended,
            server_);
      }
      std::this_thread::sleep_for(std::exchange(asked, {}) + backoff_.Next());
      if (channel_->WaitForConnected(std::chrono::system_clock::now() + kConnectTimeout)) break;
    }
    ++reconnects_;
    Begin();
    std::vector<v1::StreamWaveformsRequest> unanswered;
    {
      const std::scoped_lock lock(mutex_);
      for (auto& [sequence, record] : on_way_) {
        record.retry = false;
        unanswered.push_back(record.request);
      }
      retries_ = 0;
      resends_ += static_cast<int64_t>(unanswered.size());
    }
    for (const v1::StreamWaveformsRequest& request : unanswered) {
      if (!call_->Write(request)) break;
    }
    return absl::OkStatus();
  }

  bool IsHopeless() const {
    const auto idle = std::chrono::duration<double>(Clock::now() - last_progress_);
    if (idle.count() > limits_.give_up_after_s) return true;
    return limits_.give_up && limits_.give_up();
  }

  void ReadAnswers() {
    v1::StreamWaveformsResponse response;
    while (call_->Read(&response)) {
      const std::scoped_lock lock(mutex_);
      const auto found = on_way_.find(response.sequence());
      if (found == on_way_.end()) continue;
      const v1::Rejection& rejection = response.result().rejection();
      if (rejection.has_retry_after()) {
        const auto& delay = rejection.retry_after();
        found->second.retry_at = Clock::now() + std::chrono::seconds(delay.seconds()) +
                                 std::chrono::nanoseconds(delay.nanos()) +
                                 found->second.backoff.Next();
        retries_ += found->second.retry ? 0 : 1;
        found->second.retry = true;
        last_refusal_ = absl::StrCat(rejection.message(), "; ", rejection.remedy());
      } else {
        const OnWay& record = found->second;
        on_result_(record.key, record.request.waveform().point(), response.result());
        bytes_on_way_ -= found->second.bytes;
        on_way_.erase(found);
        last_progress_ = Clock::now();
        answered_ = true;
      }
      changed_.notify_all();
    }
    const std::scoped_lock lock(mutex_);
    broken_ = true;
    changed_.notify_all();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const ServerOptions& server_;
  const Limits limits_;
  const OnResult on_result_;
  const std::unique_ptr<v1::IngestService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Call> call_;
  std::thread reader_;
  absl::Status failure_;
  uint64_t next_sequence_ = 1;
  Backoff backoff_{kFirstPause, kLongestPause};
  int reconnects_ = 0;
  int64_t resends_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, OnWay> on_way_;  // sent and not answered, by sequence
  int64_t bytes_on_way_ = 0;
  int retries_ = 0;  // of them, those that the server asked to send again
  bool broken_ = false;
  bool answered_ = false;            // since the stream was opened, a record for good
  Clock::time_point last_progress_;  // when a record last got its final answer
  std::string last_refusal_;
};

WaveformSender::WaveformSender(std::shared_ptr<grpc::Channel> channel, const ServerOptions& server,
                               Limits limits, OnResult on_result)
    : stream_(std::make_unique<Stream>(std::move(channel), server, limits, std::move(on_result))) {}

WaveformSender::~WaveformSender() = default;

absl::Status WaveformSender::Send(v1::Waveform waveform, uint64_t key) {
  return stream_->Send(std::move(waveform), key);
}

absl::Status WaveformSender::Flush() { return stream_->Flush(); }

absl::Status WaveformSender::Finish() { return stream_->Finish(); }

int WaveformSender::reconnects() const { return stream_->reconnects(); }

int64_t WaveformSender::resends() const { return stream_->resends(); }

}  // namespace auscult::cli

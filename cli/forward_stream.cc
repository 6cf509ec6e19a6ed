#include "cli/forward_stream.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/util/json_util.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/plant_file.h"

namespace auscult::cli {
namespace {

constexpr int kPollMs = 200;
constexpr size_t kChunkBytes = 1 << 18;
constexpr size_t kMostBytes = 512 << 20;  // of a record
constexpr size_t kSyncEvery = 8 << 20;
constexpr size_t kMostVarintBytes = 5;

class ForwardStream final : public ForwardInput {
 public:
  ForwardStream(int fd, ForwardStreamFormat format) : fd_(fd), format_(format) {}

  absl::Status Run(ForwardIntake& intake) override {
    size_t unsynced = 0;
    while (!intake.state().stopping()) {
      const bool has_more = WaitForMore(0);
      if (unsynced > 0 && (!has_more || unsynced > kSyncEvery)) {
        (void)intake.Sync();
        unsynced = 0;
      }
      if (!has_more && !WaitForMore(kPollMs)) continue;
      const size_t before = buffer_.size();
      const bool ended = !Fill();
      unsynced += buffer_.size() - before;
      absl::Status status = TakeWhole(intake, ended);
      if (status.ok() && ended && !buffer_.empty()) {
        status = absl::DataLossError("the input ends in the middle of a record");
      }
      if (!status.ok() || ended) {
        const absl::Status synced = intake.Sync();
        return status.ok() ? synced : absl::IsCancelled(status) ? absl::OkStatus() : status;
      }
    }
    return intake.Sync();
  }

 private:
  bool WaitForMore(int timeout_ms) const {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, timeout_ms) > 0;
  }

  // False at the end.
  bool Fill() {
    const size_t before = buffer_.size();
    buffer_.resize(before + kChunkBytes);
    ssize_t count = 0;
    do {
      count = read(fd_, buffer_.data() + before, kChunkBytes);
    } while (count < 0 && errno == EINTR);
    buffer_.resize(before + static_cast<size_t>(count > 0 ? count : 0));
    return count > 0;
  }

  // Takes what has come whole, and keeps the rest.
  absl::Status TakeWhole(ForwardIntake& intake, bool ended) {
    size_t at = 0;
    absl::Status status;
    while (status.ok()) {
      const absl::StatusOr<std::optional<Piece>> piece =
          NextPiece(std::string_view(buffer_).substr(at), at == 0 ? searched_ : 0, ended);
      if (!piece.ok()) status = piece.status();
      if (!piece.ok() || !piece->has_value()) break;
      status = TakePiece((*piece)->octets, intake);
      at += (*piece)->size;
    }
    buffer_.erase(0, at);
    if (status.ok() && buffer_.size() > kMostBytes) {
      status = absl::InvalidArgumentError(
          absl::StrCat("a record on the input is larger than ", kMostBytes >> 20, " MB"));
    }
    searched_ = buffer_.size();
    return status;
  }

  struct Piece {
    std::string_view octets;
    size_t size = 0;  // with what surrounds it
  };

  absl::StatusOr<std::optional<Piece>> NextPiece(std::string_view rest, size_t searched,
                                                 bool ended) const {
    if (format_ == ForwardStreamFormat::kJsonLines) {
      // The begin of a long line is not searched again with each chunk.
      const size_t end = rest.find('\n', searched);
      if (end != std::string_view::npos) return Piece{rest.substr(0, end), end + 1};
      if (ended && !rest.empty()) return Piece{rest, rest.size()};
      return std::nullopt;
    }
    google::protobuf::io::CodedInputStream input(
        reinterpret_cast<const uint8_t*>(rest.data()),
        static_cast<int>(std::min(rest.size(), kMostVarintBytes)));
    uint32_t size = 0;
    if (!input.ReadVarint32(&size)) {
      if (rest.size() < kMostVarintBytes) return std::nullopt;
      return absl::DataLossError("the input holds no sizes as varints; is it --input json?");
    }
    const auto begin = static_cast<size_t>(input.CurrentPosition());
    if (size > kMostBytes) return absl::DataLossError("the input holds an impossible size");
    if (rest.size() < begin + size) return std::nullopt;
    return Piece{rest.substr(begin, size), begin + size};
  }

  absl::Status TakePiece(std::string_view octets, ForwardIntake& intake) const {
    const bool json = format_ == ForwardStreamFormat::kJsonLines;
    if (json && octets.find_first_not_of(" \t\r") == std::string_view::npos)
      return absl::OkStatus();
    v1::Waveform waveform;
    absl::Status status;
    if (json) {
      const auto parsed = google::protobuf::util::JsonStringToMessage(
          google::protobuf::StringPiece(octets.data(), octets.size()), &waveform);
      if (!parsed.ok()) status = absl::InvalidArgumentError(parsed.ToString());
    } else if (!waveform.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
      status = absl::InvalidArgumentError("no message of the type auscult.v1.Waveform");
    }
    if (status.ok() && waveform.point().empty()) {
      status = absl::InvalidArgumentError("the record names no point");
    }
    if (status.ok()) {
      waveform.set_point(ResourceName(waveform.point()));
      status = intake.Take(waveform);
    }
    if (!absl::IsInvalidArgument(status)) return status;
    ForwardState& state = intake.state();
    if (++state.counts().unreadable <= 10) {
      state.Say(absl::StrCat("a record of the input was put into ", state.rejects().folder(), ": ",
                             std::string(status.message())));
    }
    return state.rejects().PutOctets(octets, std::string(status.message()));
  }

  const int fd_;
  const ForwardStreamFormat format_;
  std::string buffer_;
  size_t searched_ = 0;  // so many octets of the buffer hold no end of line
};

}  // namespace

std::unique_ptr<ForwardInput> OpenForwardStream(int fd, ForwardStreamFormat format) {
  return std::make_unique<ForwardStream>(fd, format);
}

}  // namespace auscult::cli

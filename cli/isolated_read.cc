#include "cli/isolated_read.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"

namespace auscult::cli {
namespace {

constexpr unsigned kMaxSeconds = 120;
constexpr char kOk = 'R';
constexpr char kError = 'E';

template <typename T>
void Put(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PutText(std::string& out, std::string_view text) {
  Put<uint64_t>(out, text.size());
  out.append(text);
}

// Takes values off the front of a byte string; `ok` turns false at the first that is not there.
struct Input {
  std::string_view bytes;
  bool ok = true;

  template <typename T>
  T Take() {
    T value{};
    if (!ok || bytes.size() < sizeof(value)) {
      ok = false;
      return value;
    }
    std::memcpy(&value, bytes.data(), sizeof(value));
    bytes.remove_prefix(sizeof(value));
    return value;
  }

  std::string_view TakeBytes(uint64_t count) {
    if (!ok || bytes.size() < count) {
      ok = false;
      return {};
    }
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(count);
    return taken;
  }

  std::string TakeText() { return std::string(TakeBytes(Take<uint64_t>())); }
};

void WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

std::string ReadAll(int descriptor) {
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = read(descriptor, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(count));
  }
}

void Limit(int resource, rlim_t value) {
  const rlimit limit = {value, value};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

[[noreturn]] void ReadInChild(int descriptor,
                              const std::function<absl::StatusOr<Recording>()>& read) {
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);  // libraries complain there on their own
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_CPU, kMaxSeconds);
#ifndef __SANITIZE_ADDRESS__  // which reserves terabytes of address space for itself
  Limit(RLIMIT_AS, static_cast<rlim_t>(3 * kMaxFileBytes));
#endif
  alarm(kMaxSeconds);
  const absl::StatusOr<Recording> recording = read();
  std::string answer;
  if (recording.ok()) {
    answer = absl::StrCat(std::string(1, kOk), SerializeRecording(*recording));
  } else {
    answer.push_back(kError);
    Put(answer, static_cast<int32_t>(recording.status().code()));
    PutText(answer, std::string(recording.status().message()));
  }
  WriteAll(descriptor, answer);
  // Not exit: what the parent registered to be done at its end is not for the child.
  _exit(0);
}

absl::StatusOr<Recording> ParseAnswer(std::string_view answer, int wait_status) {
  const absl::Status crashed = absl::DataLossError(
      WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGALRM
          ? "the file is damaged: reading it does not come to an end; copy it again from its source"
          : "the file is damaged in a way that the library for its format does not survive; copy "
            "it again from its source");
  Input input{answer};
  const char kind = input.Take<char>();
  if (kind == kOk) {
    absl::StatusOr<Recording> recording = ParseRecording(input.bytes);
    return recording.ok() ? std::move(recording) : crashed;
  }
  const int32_t code = input.Take<int32_t>();
  const std::string message = input.TakeText();
  if (kind != kError || !input.ok || code == 0) return crashed;
  return absl::Status(static_cast<absl::StatusCode>(code), message);
}

}  // namespace

std::string SerializeRecording(const Recording& recording) {
  std::string out;
  PutText(out, recording.source);
  Put(out, recording.sample_rate_hz);
  Put(out, recording.speed_rpm);
  Put<char>(out, recording.speed_is_nominal);
  Put(out, recording.load_percent);
  Put<char>(out, recording.measured_at.has_value());
  Put(out, recording.measured_at ? absl::ToUnixMicros(*recording.measured_at) : int64_t{0});
  PutText(out, recording.clock_problem);
  Put<uint64_t>(out, recording.channels.size());
  for (const RecordedChannel& channel : recording.channels) {
    PutText(out, channel.name);
    PutText(out, channel.unit);
    Put<uint64_t>(out, channel.samples.size());
    out.append(reinterpret_cast<const char*>(channel.samples.data()),
               channel.samples.size() * sizeof(float));
  }
  return out;
}

absl::StatusOr<Recording> ParseRecording(std::string_view bytes) {
  Input input{bytes};
  Recording recording;
  recording.source = input.TakeText();
  recording.sample_rate_hz = input.Take<double>();
  recording.speed_rpm = input.Take<float>();
  recording.speed_is_nominal = input.Take<char>() != 0;
  recording.load_percent = input.Take<float>();
  const bool has_time = input.Take<char>() != 0;
  const int64_t time_us = input.Take<int64_t>();
  if (has_time) recording.measured_at = absl::FromUnixMicros(time_us);
  recording.clock_problem = input.TakeText();
  const uint64_t channel_count = input.Take<uint64_t>();
  for (uint64_t c = 0; input.ok && c < channel_count; ++c) {
    RecordedChannel channel;
    channel.name = input.TakeText();
    channel.unit = input.TakeText();
    const uint64_t count = input.Take<uint64_t>();
    const std::string_view samples =
        input.TakeBytes(count <= bytes.size() ? count * sizeof(float) : bytes.size() + 1);
    channel.samples.resize(samples.size() / sizeof(float));
    if (!samples.empty()) std::memcpy(channel.samples.data(), samples.data(), samples.size());
    if (input.ok) recording.channels.push_back(std::move(channel));
  }
  bool even = !recording.channels.empty();
  for (const RecordedChannel& channel : recording.channels) {
    even = even && channel.samples.size() == recording.sample_count();
  }
  if (!input.ok || !input.bytes.empty() || !even) {
    return absl::DataLossError("the recording did not come through whole");
  }
  return recording;
}

absl::StatusOr<Recording> ReadIsolated(const std::function<absl::StatusOr<Recording>()>& read) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return absl::ErrnoToStatus(errno, "cannot start the reader");
  }
  if (child == 0) {
    close(ends[0]);
    ReadInChild(ends[1], read);
  }
  close(ends[1]);
  const std::string answer = ReadAll(ends[0]);
  close(ends[0]);
  int wait_status = 0;
  while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
  }
  return ParseAnswer(answer, wait_status);
}

}  // namespace auscult::cli

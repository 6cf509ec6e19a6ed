#include "server/tls/tls_watch.h"

#include <sys/stat.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace auscult::server {
namespace {

// Another text when a file was changed, replaced, or given other permissions.
std::string Fingerprint(const TlsFiles& files) {
  std::string text;
  for (const std::string& path : {files.cert, files.key, files.client_ca}) {
    struct stat found {};
    if (path.empty() || stat(path.c_str(), &found) != 0) {
      text += "-;";
      continue;
    }
    absl::StrAppend(&text, found.st_dev, ":", found.st_ino, ":", found.st_size, ":",
                    found.st_mtim.tv_sec, ".", found.st_mtim.tv_nsec, ":", found.st_ctim.tv_sec,
                    ".", found.st_ctim.tv_nsec, ";");
  }
  return text;
}

bool AreTheSame(const TlsMaterial& one, const TlsMaterial& other) {
  return one.cert_pem == other.cert_pem && one.key_pem == other.key_pem &&
         one.client_ca_pem == other.client_ca_pem;
}

}  // namespace

struct TlsWatch::Parts {
  void Watch();
  void Reload();
  void RemindOfExpiry();

  TlsFiles files;
  Told told;
  std::chrono::milliseconds period{};
  std::string fingerprint;
  std::chrono::steady_clock::time_point reminder{};  // not before that
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool ends = false;
  std::shared_ptr<const TlsMaterial> current;
  std::thread thread;
};

void TlsWatch::Parts::Watch() {
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, period, [this] { return ends; })) {
    lock.unlock();
    Reload();
    RemindOfExpiry();
    lock.lock();
  }
}

void TlsWatch::Parts::Reload() {
  // Before the files are read: a change meanwhile is then seen the next time.
  std::string now = Fingerprint(files);
  if (now == fingerprint) return;
  fingerprint = std::move(now);
  absl::StatusOr<TlsMaterial> read = ReadTlsFiles(files);
  if (!read.ok()) return told.refused(read.status());
  const auto fresh = std::make_shared<const TlsMaterial>(*std::move(read));
  {
    const std::lock_guard lock(mutex);
    if (AreTheSame(*fresh, *current)) return;
    current = fresh;
  }
  told.renewed(*fresh);
  reminder = {};
}

void TlsWatch::Parts::RemindOfExpiry() {
  const auto now = std::chrono::steady_clock::now();
  if (now < reminder || current->expires - std::chrono::system_clock::now() > kExpiryNotice) return;
  reminder = now + std::chrono::hours(24);
  told.ends_soon(*current);
}

TlsWatch::TlsWatch(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TlsWatch::~TlsWatch() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->ends = true;
  }
  parts_->wake.notify_all();
  parts_->thread.join();
}

absl::StatusOr<std::unique_ptr<TlsWatch>> TlsWatch::Start(const TlsFiles& files, Told told,
                                                          std::chrono::milliseconds period) {
  auto parts = std::make_unique<Parts>();
  parts->files = files;
  parts->told = std::move(told);
  parts->period = period;
  parts->fingerprint = Fingerprint(files);
  absl::StatusOr<TlsMaterial> read = ReadTlsFiles(files);
  if (!read.ok()) return read.status();
  parts->current = std::make_shared<const TlsMaterial>(*std::move(read));
  parts->thread = std::thread([running = parts.get()] { running->Watch(); });
  return std::unique_ptr<TlsWatch>(new TlsWatch(std::move(parts)));
}

const TlsFiles& TlsWatch::files() const { return parts_->files; }

std::shared_ptr<const TlsMaterial> TlsWatch::current() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->current;
}

}  // namespace auscult::server

#include "cli/server_key.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/command.h"

namespace auscult::cli {
namespace {

using grpc::experimental::ClientInterceptorFactoryInterface;
using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;

constexpr mode_t kOfOthers = 077;

class KeyInterceptor final : public Interceptor {
 public:
  explicit KeyInterceptor(const std::string* authorization) : authorization_(authorization) {}
  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      batch->GetSendInitialMetadata()->emplace("authorization", *authorization_);
    }
    batch->Proceed();
  }

 private:
  const std::string* const authorization_;
};

// Of a channel, which outlives its calls.
class KeyInterceptors final : public ClientInterceptorFactoryInterface {
 public:
  explicit KeyInterceptors(const std::string& key) : authorization_(absl::StrCat("Bearer ", key)) {}
  Interceptor* CreateClientInterceptor(ClientRpcInfo*) override {
    return new KeyInterceptor(&authorization_);
  }

 private:
  const std::string authorization_;
};

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) {
    return WrongUse(absl::StrCat("--key-file ", path, ": ", std::strerror(errno)));
  }
  if ((found.st_mode & kOfOthers) != 0) {
    return WrongUse(absl::StrCat("--key-file ", path, ": others may read it; chmod 600 ", path));
  }
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::string key(absl::StripAsciiWhitespace(text));
  if (!file.good() && !file.eof()) {
    return WrongUse(absl::StrCat("--key-file ", path, ": cannot be read"));
  }
  if (key.empty()) return WrongUse(absl::StrCat("--key-file ", path, ": is empty"));
  return key;
}

}  // namespace

absl::Status FindKey(ServerOptions& server) {
  if (server.key_file.empty()) {
    const char* const key = std::getenv("AUSCULT_KEY");
    if (key != nullptr) server.key = std::string(absl::StripAsciiWhitespace(key));
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> key = ReadKeyFile(server.key_file);
  if (!key.ok()) return key.status();
  server.key = *std::move(key);
  return absl::OkStatus();
}

std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> ShowKey(const std::string& key) {
  std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> interceptors;
  if (!key.empty()) interceptors.push_back(std::make_unique<KeyInterceptors>(key));
  return interceptors;
}

}  // namespace auscult::cli

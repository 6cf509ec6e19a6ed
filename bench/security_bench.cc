// What do TLS and a key cost on the ingest stream? Three servers with a database each, the same
// load on one after the other, in turns: in plain text, within TLS, within TLS with a key. Every
// record has to be acknowledged as accepted.
//
//   security_bench [--seconds 10] [--rounds 3] [--program build/release/bin/auscultd]

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "auscult/v1/admin_service.grpc.pb.h"
#include "bench/ingest_load.h"
#include "bench/ingest_scene.h"
#include "bench/own_server.h"
#include "tests/support/auscultd_process.h"
#include "tests/support/made_certificates.h"

namespace auscult::bench {
namespace {

using support::AuscultdProcess;

constexpr int kStreams = 4, kPointsPerStream = 4;
constexpr double kWarmUpSeconds = 2;
constexpr int64_t kRoundUs = int64_t{7200} * 1'000'000;  // of measured time
constexpr double kMostLost = 0.15;

struct Options {
  double seconds = 10;
  int rounds = 3;
  std::string program = BuiltServer();
};

// A server and how it is reached.
struct Guarded {
  const char* name;
  std::unique_ptr<AuscultdProcess> server;
  Passage passage;
  std::vector<double> windows_per_s;

  double Median() {
    std::sort(windows_per_s.begin(), windows_per_s.end());
    return windows_per_s[windows_per_s.size() / 2];
  }
};

// With the files of TLS.
struct TlsFolder : Folder {
  TlsFolder() {
    const support::MadeCertificate made = authority.Issue("localhost");
    support::WriteFile(path + "/cert.pem", made.cert);
    support::WriteFile(path + "/key.pem", made.key);
  }
  support::MadeAuthority authority;
};

std::string MakeKey(const Guarded& guarded) {
  v1::CreateKeyRequest request;
  request.set_key_id("bench");
  for (const v1::Role role : {v1::ROLE_ADMIN, v1::ROLE_INGEST}) {
    v1::Grant& grant = *request.mutable_key()->add_grants();
    grant.set_role(role);
    grant.set_site("sites/-");
  }
  v1::CreateKeyResponse response;
  grpc::ClientContext context;
  const grpc::Status status =
      v1::AdminService::NewStub(
          grpc::CreateChannel(guarded.server->address(), guarded.passage.channel))
          ->CreateKey(&context, request, &response);
  if (!status.ok()) Die("key: " + status.error_message());
  return response.secret();
}

Guarded Start(const char* name, const Options& options, const TlsFolder& folder, bool tls,
              bool key) {
  const std::string base = folder.path + "/" + name;
  std::vector<std::string> arguments = ServerArguments(base);
  Guarded guarded{name, nullptr, {}, {}};
  if (tls) {
    arguments.insert(arguments.end(), {"--tls-cert", folder.path + "/cert.pem", "--tls-key",
                                       folder.path + "/key.pem"});
    guarded.passage.channel = grpc::SslCredentials({folder.authority.pem(), "", ""});
  }
  guarded.server = std::make_unique<AuscultdProcess>(options.program, arguments, base + ".log");
  if (key) guarded.passage.key = MakeKey(guarded);
  ApplyPlant(guarded.server->address(), guarded.passage);
  return guarded;
}

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

double Measure(const Guarded& guarded, double seconds, int64_t first_us) {
  std::vector<std::unique_ptr<IngestLoad>> loads;
  for (int s = 0; s < kStreams; ++s) {
    std::vector<std::string> points;
    for (int p = 0; p < kPointsPerStream; ++p) points.push_back(PointName(s, p));
    loads.push_back(std::make_unique<IngestLoad>(guarded.server->address(), Messages(), points,
                                                 first_us, guarded.passage));
  }
  const auto acked = [&loads] {
    int64_t sum = 0;
    for (const auto& load : loads) sum += load->acked();
    return sum;
  };
  Sleep(kWarmUpSeconds);
  const int64_t before = acked();
  const auto begin = std::chrono::steady_clock::now();
  Sleep(seconds);
  const auto done = static_cast<double>(acked() - before);
  return done / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--seconds") {
      options.seconds = std::atof(argv[i + 1]);
    } else if (name == "--rounds") {
      options.rounds = std::atoi(argv[i + 1]);
    } else if (name == "--program") {
      options.program = argv[i + 1];
    } else {
      Die("unknown argument " + name + "; use --seconds N, --rounds N, --program PATH");
    }
  }
  if (options.rounds < 1 || options.seconds <= 0) Die("nothing would be measured");
  return options;
}

int Main(const Options& options) {
  const TlsFolder folder;
  std::array<Guarded, 3> all = {Start("plain", options, folder, false, false),
                                Start("tls", options, folder, true, false),
                                Start("tls-key", options, folder, true, true)};
  const int64_t first_us = absl::ToUnixMicros(absl::Now()) - int64_t{5} * 86'400 * 1'000'000;
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      // Another one first each time, so that none profits from its place.
      Guarded& guarded = all[(i + static_cast<size_t>(round)) % all.size()];
      guarded.windows_per_s.push_back(
          Measure(guarded, options.seconds, first_us + round * kRoundUs));
      std::printf("%-8s %8.0f windows/s\n", guarded.name, guarded.windows_per_s.back());
      std::fflush(stdout);
    }
  }
  for (Guarded& guarded : all) {
    if (guarded.server->Stop() != 0) Die("auscultd did not stop cleanly");
  }
  const double plain = all[0].Median(), tls = all[1].Median(), key = all[2].Median();
  const nlohmann::ordered_json result = {
      {"bench", "security"},          {"plain_windows_per_s", plain},
      {"tls_windows_per_s", tls},     {"tls_key_windows_per_s", key},
      {"tls_ratio", tls / plain},     {"tls_key_ratio", key / plain},
      {"asked_ratio", 1 - kMostLost}, {"rounds", options.rounds},
      {"seconds", options.seconds}};
  std::printf("%s\n", result.dump().c_str());
  return key / plain >= 1 - kMostLost ? 0 : 1;
}

}  // namespace
}  // namespace auscult::bench

int main(int argc, char** argv) {
  return auscult::bench::Main(auscult::bench::ParseOptions(argc, argv));
}

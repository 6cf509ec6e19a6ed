// How the program speaks to a server: in plain text to this machine only, within TLS elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/run_program.h"
#include "tests/support/auscultd_process.h"
#include "tests/support/made_certificates.h"

namespace auscult::cli {
namespace {

using support::MadeAuthority;
using support::MadeCertificate;
using support::WriteFile;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ServerSecurity, RefusesPlainTextToOtherMachines) {
  for (const char* server : {"192.0.2.1:7070", "plant.example:7070", "[2001:db8::1]:7070",
                             "127.0.0.1.example:7070", "dns:///plant.example:7070"}) {
    const ProgramResult result = RunAuscult({"assets"}, server);
    EXPECT_EQ(result.exit_code, 2) << server;
    EXPECT_THAT(result.err, AllOf(HasSubstr("--tls"), HasSubstr("--insecure"))) << server;
  }
  for (const char* server : {"127.0.0.1:1", "localhost:1", "[::1]:1"}) {
    EXPECT_EQ(RunAuscult({"assets"}, server).exit_code, 1) << server;
  }
}

TEST(ServerSecurity, SaysWhatIsWrongWithItsFiles) {
  const MadeFolder folder;
  const MadeCertificate own = MadeAuthority().Issue("edge-7");
  const std::string cert = folder.Path("cert.pem"), key = folder.Path("key.pem");
  WriteFile(cert, own.cert);
  WriteFile(key, own.key, 0644);
  const auto complaint = [](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"assets"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramResult result = RunAuscult(arguments);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_THAT(complaint({"--cert", cert}), HasSubstr("--cert and --cert-key go together"));
  EXPECT_THAT(complaint({"--ca", folder.Path("none.pem")}),
              AllOf(HasSubstr("--ca: "), HasSubstr("none.pem")));
  WriteFile(folder.Path("text"), "hello");
  EXPECT_THAT(complaint({"--ca", folder.Path("text")}), HasSubstr("is no PEM file"));
  EXPECT_THAT(complaint({"--cert", cert, "--cert-key", key}),
              AllOf(HasSubstr("can be read by others"), HasSubstr("chmod 600 ")));
}

TEST(ServerSecurity, SpeaksTlsAndShowsItsCertificate) {
  const MadeFolder folder;
  chmod(folder.Path("").c_str(), 0755);
  const MadeAuthority authority, clients("clients");
  const MadeCertificate server = authority.Issue("plant.example"), own = clients.Issue("edge-7");
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"cert.pem", server.cert},
                                                        {"key.pem", server.key},
                                                        {"ca.pem", authority.pem()},
                                                        {"own.pem", own.cert},
                                                        {"own-key.pem", own.key},
                                                        {"clients.pem", clients.pem()}}) {
    WriteFile(folder.Path(name), text);
  }
  std::vector<std::string> arguments = {"--data-dir",         folder.Path("data"),
                                        "--tls-cert",         folder.Path("cert.pem"),
                                        "--tls-key",          folder.Path("key.pem"),
                                        "--tls-client-ca",    folder.Path("clients.pem"),
                                        "--tls-client-certs", "optional"};
  if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
  const support::AuscultdProcess daemon(AUSCULT_BIN_DIR "/auscultd", arguments, folder.Path("log"));
  const std::string address = "localhost:" + std::to_string(daemon.port());
  const std::string ca = folder.Path("ca.pem");

  ProgramResult result = RunAuscult({"assets"}, address);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("if it speaks TLS, say --tls"));
  result = RunAuscult({"assets", "--tls"}, address);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("--ca FILE"));
  // A client CA is a way to say who one is, so that nobody is let in without.
  result = RunAuscult({"assets", "--ca", ca}, address);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("NO_CREDENTIALS"));
  result = RunAuscult({"assets", "--ca", ca, "--cert", folder.Path("own.pem"), "--cert-key",
                       folder.Path("own-key.pem")},
                      address);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("UNKNOWN_CERTIFICATE"));
}

}  // namespace
}  // namespace auscult::cli

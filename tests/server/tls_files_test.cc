#include "server/tls/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/tls/tls_watch.h"
#include "tests/server/data_folder.h"
#include "tests/support/made_certificates.h"

namespace auscult::server {
namespace {

using support::MadeAuthority;
using support::MadeCertificate;
using support::WriteFile;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A good pair and a good CA, each to be spoilt.
class TlsFilesOnDisk : public ::testing::Test {
 protected:
  TlsFilesOnDisk() {
    mkdir(folder_.path().c_str(), 0700);
    Put(authority_.Issue("plant.example"));
    files_.client_ca = folder_.path() + "/ca.pem";
    WriteFile(files_.client_ca, authority_.pem(), 0644);
  }

  void Put(const MadeCertificate& made) {
    files_.cert = folder_.path() + "/cert.pem";
    files_.key = folder_.path() + "/key.pem";
    WriteFile(files_.cert, made.cert, 0644);
    WriteFile(files_.key, made.key);
  }
  std::string Error() const { return std::string(ReadTlsFiles(files_).status().message()); }

  DataFolder folder_;
  MadeAuthority authority_;
  TlsFiles files_;
};

TEST_F(TlsFilesOnDisk, AreTakenAsTheyAre) {
  const auto read = ReadTlsFiles(files_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->subject, "CN = plant.example");
  const auto left = read->expires - std::chrono::system_clock::now();
  EXPECT_NEAR(std::chrono::duration<double>(left).count(), 30 * 86400, 60);
  EXPECT_NE(read->http_context, nullptr);
}

TEST_F(TlsFilesOnDisk, SayWhichIsMissingAndWhich) {
  const std::string good = files_.cert;
  files_.cert = folder_.path() + "/none.pem";
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls_cert: "), HasSubstr("/none.pem"),
                             HasSubstr("No such file"), HasSubstr("may read")));
  files_.cert = folder_.path();
  EXPECT_THAT(Error(), HasSubstr("is no file of certificates"));
  files_.cert = good;
  files_.key = folder_.path() + "/none.pem";
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls_key: "), HasSubstr("No such file")));
}

TEST_F(TlsFilesOnDisk, SayWhatIsNoCertificate) {
  const MadeCertificate good = authority_.Issue("plant.example");
  std::string cut = good.cert;
  cut.erase(cut.size() / 2, 40);
  for (const std::string& text : {std::string(), std::string("hello"), good.key, cut,
                                  good.cert + cut, std::string("\0\xff\x80", 3)}) {
    WriteFile(files_.cert, text);
    EXPECT_THAT(Error(), AllOf(HasSubstr("tls_cert: "), HasSubstr("cert.pem"),
                               HasSubstr("-----BEGIN CERTIFICATE-----")))
        << text;
  }
  WriteFile(files_.cert, authority_.Issue("later", 3600).cert);
  EXPECT_THAT(Error(), AllOf(HasSubstr("is not valid before"), HasSubstr("clock")));
  WriteFile(files_.cert, authority_.Issue("old", -7200, -3600).cert);
  EXPECT_THAT(Error(), AllOf(HasSubstr("expired on 20"), HasSubstr("CN = old"), HasSubstr("new")));
}

TEST_F(TlsFilesOnDisk, SayWhatIsNoKeyOfIt) {
  const MadeCertificate good = authority_.Issue("plant.example");
  for (const std::string& text : {std::string(), good.cert, good.key.substr(0, 60)}) {
    WriteFile(files_.key, text);
    EXPECT_THAT(Error(), AllOf(HasSubstr("tls_key: "), HasSubstr("no private key"))) << text;
  }
  WriteFile(files_.key, good.key);
  EXPECT_THAT(Error(), AllOf(HasSubstr("is not the key of the first certificate"),
                             HasSubstr("cert.pem"), HasSubstr("CN = plant.example")));
  WriteFile(files_.key, MadeAuthority::Locked(good.key));
  EXPECT_THAT(Error(), AllOf(HasSubstr("passphrase"), HasSubstr("openssl pkey")));
}

TEST_F(TlsFilesOnDisk, RefuseAKeyThatOthersCanRead) {
  for (const mode_t mode : {0604, 0644, 0666, 0622, 0610}) {
    chmod(files_.key.c_str(), mode);
    EXPECT_THAT(Error(), AllOf(HasSubstr("can be read by others"), HasSubstr("chmod 600 ")))
        << std::oct << mode;
  }
  for (const mode_t mode : {0600, 0400}) {
    chmod(files_.key.c_str(), mode);
    EXPECT_EQ(Error(), "");
  }
  chmod(files_.key.c_str(), 0640);  // of a group that root lets read it
  EXPECT_EQ(Error().empty(), geteuid() == 0);
}

TEST_F(TlsFilesOnDisk, WantAuthoritiesOfClientsThatMaySign) {
  WriteFile(files_.client_ca, "nothing");
  EXPECT_THAT(Error(), AllOf(HasSubstr("tls_client_ca: "), HasSubstr("holds no certificate")));
  WriteFile(files_.client_ca, authority_.Issue("somebody").cert);
  EXPECT_THAT(Error(), AllOf(HasSubstr("may not sign others"), HasSubstr("CN = somebody")));
}

TEST(TlsSettings, AreWhole) {
  EXPECT_TRUE(CheckTlsSettings({}).ok());
  EXPECT_TRUE(CheckTlsSettings({"c", "k", "", true}).ok());
  EXPECT_TRUE(CheckTlsSettings({"c", "k", "a", false}).ok());
  for (const TlsFiles& files :
       {TlsFiles{"c", "", "", true}, TlsFiles{"", "k", "", true}, TlsFiles{"", "", "a", true}}) {
    EXPECT_EQ(CheckTlsSettings(files).code(), absl::StatusCode::kInvalidArgument);
  }
}

// What was told, with waiting for it.
class Words {
 public:
  TlsWatch::Told Listener() {
    return {.renewed = [this](const TlsMaterial& fresh) { Add(fresh.subject); },
            .refused = [this](const absl::Status& problem) { Add(std::string(problem.message())); },
            .ends_soon = [this](const TlsMaterial& soon) { Add(soon.subject + " ends soon"); }};
  }
  std::vector<std::string> All() const {
    const std::lock_guard lock(mutex_);
    return words_;
  }
  bool Reach(size_t count) const {
    for (int i = 0; i < 500 && All().size() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return All().size() >= count;
  }

 private:
  void Add(std::string word) {
    const std::lock_guard lock(mutex_);
    words_.push_back(std::move(word));
  }
  mutable std::mutex mutex_;
  std::vector<std::string> words_;
};

TEST_F(TlsFilesOnDisk, AreReadAgainWhenTheyChangeAndNotWhenTheyAreBroken) {
  Words words;
  const auto watch = TlsWatch::Start(files_, words.Listener(), std::chrono::milliseconds(10));
  ASSERT_TRUE(watch.ok()) << watch.status();
  const auto first = (*watch)->current();

  WriteFile(files_.cert, "half a fi");
  ASSERT_TRUE(words.Reach(1));
  EXPECT_THAT(words.All()[0], HasSubstr("holds no certificate"));
  EXPECT_EQ((*watch)->current(), first);
  unlink(files_.cert.c_str());
  ASSERT_TRUE(words.Reach(2));
  EXPECT_THAT(words.All()[1], HasSubstr("No such file"));
  EXPECT_EQ((*watch)->current(), first);

  // As certbot and cert-manager do: a new file in the place of the old one.
  const MadeCertificate next = authority_.Issue("next.example");
  WriteFile(files_.key + ".new", next.key);
  WriteFile(files_.cert + ".new", next.cert);
  rename((files_.key + ".new").c_str(), files_.key.c_str());
  rename((files_.cert + ".new").c_str(), files_.cert.c_str());
  const auto in_force = [&] { return (*watch)->current()->subject; };
  for (int i = 0; i < 500 && in_force() != "CN = next.example"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(in_force(), "CN = next.example");
  EXPECT_NE((*watch)->current()->http_context, first->http_context);

  const auto second = (*watch)->current();
  const size_t told = words.All().size();
  chmod(files_.key.c_str(), 0644);
  ASSERT_TRUE(words.Reach(told + 1));
  EXPECT_THAT(words.All().back(), HasSubstr("can be read by others"));
  EXPECT_EQ((*watch)->current(), second);
}

TEST_F(TlsFilesOnDisk, AreCalledForBeforeTheyEnd) {
  Words words;
  constexpr long kDay = 86400;
  Put(authority_.Issue("plant.example", -kDay, 13 * kDay));
  const auto watch = TlsWatch::Start(files_, words.Listener(), std::chrono::milliseconds(10));
  ASSERT_TRUE(watch.ok()) << watch.status();
  ASSERT_TRUE(words.Reach(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_THAT(words.All(), ElementsAre("CN = plant.example ends soon"));  // once a day

  const MadeCertificate next = authority_.Issue("next.example", -kDay, 15 * kDay);
  WriteFile(files_.key, next.key);
  WriteFile(files_.cert, next.cert, 0644);
  for (int i = 0; i < 500 && words.All().back() != "CN = next.example"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(words.All().back(), "CN = next.example");
}

}  // namespace
}  // namespace auscult::server

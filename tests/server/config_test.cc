#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "server/settings.h"

namespace auscult::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A file that is gone when the test ends.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, mode_t mode = 0600) {
    std::string path = ::testing::TempDir() + "/auscultd.toml.XXXXXX";
    const int fd = mkstemp(path.data());
    path_ = path;
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    fchmod(fd, mode);
    close(fd);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

absl::StatusOr<Invocation> Parse(std::vector<const char*> arguments,
                                 std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), "auscultd");
  environment.push_back("HOME=/home/somebody");
  return ParseInvocation(static_cast<int>(arguments.size()), arguments.data(), environment);
}

std::string ErrorOf(std::vector<const char*> arguments, std::vector<std::string> environment = {}) {
  const auto invocation = Parse(std::move(arguments), std::move(environment));
  EXPECT_FALSE(invocation.ok());
  return std::string(invocation.status().message());
}

TEST(Config, HasDefaultsWithoutAnySource) {
  const auto invocation = Parse({});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.listen, "127.0.0.1:7070");
  EXPECT_EQ(invocation->config.ingest_buffer_bytes, 512 << 20);
  EXPECT_EQ(invocation->config.data_dir,
            geteuid() == 0 ? "/var/lib/auscult" : "/home/somebody/.local/state/auscult");
}

TEST(Config, PrefersFlagsToVariablesToTheFile) {
  const TemporaryFile file("workers = 1\nwriters = 1\ncommit_records = 1\n");
  const std::string flag = "--config=" + file.path();
  const auto invocation =
      Parse({flag.c_str(), "--workers=3"}, {"AUSCULT_WORKERS=2", "AUSCULT_WRITERS=2"});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.workers, 3);
  EXPECT_EQ(invocation->config.writers, 2);
  EXPECT_EQ(invocation->config.commit_records, 1);
  EXPECT_EQ(invocation->config.database_connections, 8);
  EXPECT_THAT(
      invocation->effective,
      AllOf(HasSubstr("workers = 3  # --workers\n"), HasSubstr("writers = 2  # AUSCULT_WRITERS\n"),
            HasSubstr("commit_records = 1  # " + file.path() + ":3\n"),
            HasSubstr("database_connections = 8  # default\n")));
}

TEST(Config, FindsTheFileByAVariableToo) {
  const TemporaryFile file("workers = 7\n");
  const auto invocation = Parse({}, {"AUSCULT_CONFIG=" + file.path()});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.workers, 7);
  EXPECT_EQ(invocation->config_file, file.path());
}

TEST(Config, ReadsSizesWithUnits) {
  struct Case {
    const char* text;
    int64_t bytes;
  };
  for (const Case& c : {Case{"2097152", 2 << 20}, Case{"2048KB", 2 << 20}, Case{"2MB", 2 << 20},
                        Case{"2 mb", 2 << 20}, Case{"1GB", 1 << 30}}) {
    SCOPED_TRACE(c.text);
    const auto invocation = Parse({"--stream-buffer-bytes", c.text});
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->config.stream_buffer_bytes, c.bytes);
  }
}

TEST(Config, RefusesValuesThatAreNoneAndSaysWhatIsAllowed) {
  struct Case {
    const char *flag, *hint;
  };
  for (const Case& c :
       {Case{"--stream-buffer-bytes=2TB", "1MB to 1024GB"},
        Case{"--stream-buffer-bytes=MB", "1MB to 1024GB"},
        Case{"--stream-buffer-bytes=99999999999999GB", "1MB to 1024GB"},
        Case{"--stream-buffer-bytes=-5MB", "1MB to 1024GB"}, Case{"--workers=many", "0 to 1024"},
        Case{"--workers=1.5", "0 to 1024"}, Case{"--writers=65", "0 to 64"},
        Case{"--commit-records=4097", "1 to 4096"}, Case{"--log-format=xml", "text, json"},
        Case{"--log-level=loud", "debug, info, warn, error, off"},
        Case{"--allow-unsafe-database=perhaps", "true"}}) {
    SCOPED_TRACE(c.flag);
    const std::string flag = c.flag;
    EXPECT_THAT(ErrorOf({c.flag}),
                AllOf(HasSubstr(flag.substr(0, flag.find('='))),
                      HasSubstr(flag.substr(flag.find('=') + 1)), HasSubstr(c.hint)));
  }
}

TEST(Config, RefusesUnknownNamesWithTheNearestKnownOne) {
  EXPECT_THAT(ErrorOf({"--comit-records=3"}),
              AllOf(HasSubstr("--comit-records"), HasSubstr("did you mean --commit-records?")));
  EXPECT_THAT(ErrorOf({"--chek-config"}), HasSubstr("did you mean --check-config?"));
  EXPECT_THAT(ErrorOf({"--zzzzzzzzzz"}), Not(HasSubstr("did you mean")));
  EXPECT_THAT(ErrorOf({"start"}), HasSubstr("unexpected argument \"start\""));
  EXPECT_THAT(ErrorOf({}, {"AUSCULT_WORKER=3"}),
              AllOf(HasSubstr("AUSCULT_WORKER"), HasSubstr("did you mean AUSCULT_WORKERS?")));
  const TemporaryFile file("# comment\n\nlistne = \"127.0.0.1:1\"\n");
  EXPECT_THAT(
      ErrorOf({"--config", file.path().c_str()}),
      AllOf(HasSubstr(file.path() + ":3: unknown key listne"), HasSubstr("did you mean listen?")));
}

TEST(Config, LeavesVariablesOfOthersAlone) {
  EXPECT_TRUE(Parse({}, {"AUSCULTATION=1", "PATH=/bin", "AUSCULT_SERVER=127.0.0.1:7070"}).ok());
}

TEST(Config, NamesTheLineOfAFileThatIsWrong) {
  struct Case {
    const char *text, *expected;
  };
  for (const Case& c :
       {Case{"workers = 1\nwriters = \n", ":2: "},
        Case{"\nworkers = \"two\"\n", ":2: the value of workers"},
        Case{"listen = 7070\n", ":1: the value of listen"},
        Case{"[listen]\nport = 1\n", ":1: the value of listen"},
        Case{"workers = 1\nworkers = 2\n", ":2: "},
        Case{"workers = 1\nwriters = 65\n", ":2: \"65\" is not a value of writers"}}) {
    SCOPED_TRACE(c.text);
    const TemporaryFile file(c.text);
    EXPECT_THAT(ErrorOf({"--config", file.path().c_str()}), HasSubstr(file.path() + c.expected));
  }
}

TEST(Config, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(ErrorOf({"--config=/nowhere/auscultd.toml"}),
              AllOf(HasSubstr("/nowhere/auscultd.toml"), HasSubstr("No such file")));
  EXPECT_THAT(ErrorOf({"--config=/tmp"}), HasSubstr("/tmp"));
  const TemporaryFile empty("");
  EXPECT_TRUE(Parse({"--config", empty.path().c_str()}).ok());
}

TEST(Config, RefusesAddressesThatOthersCanReach) {
  for (const char* listen : {"0.0.0.0:7070", "[::]:7070", ":7070", "192.0.2.1:7070"}) {
    SCOPED_TRACE(listen);
    EXPECT_THAT(ErrorOf({"--listen", listen}), HasSubstr("TLS"));
  }
  EXPECT_TRUE(Parse({"--listen", "0.0.0.0:7070", "--rest-listen", "[::]:7080", "--tls-cert",
                     "c.pem", "--tls-key", "k.pem"})
                  .ok());
  EXPECT_THAT(ErrorOf({"--rest-listen", "0.0.0.0:7080"}), HasSubstr("rest_listen: 0.0.0.0:7080"));
  EXPECT_THAT(ErrorOf({"--tls-cert", "c.pem"}), HasSubstr("without tls_key"));
  EXPECT_THAT(ErrorOf({"--rest-upstream", "192.0.2.1:7070"}), HasSubstr("rest_upstream_ca"));
  for (const char* listen : {"127.0.0.1", "localhost:http", "127.0.0.1:65536", "::1:7070", ""}) {
    SCOPED_TRACE(listen);
    EXPECT_THAT(ErrorOf({"--listen", listen}), HasSubstr("127.0.0.1:7070"));
  }
  for (const char* listen : {"127.0.0.1:0", "localhost:7070", "[::1]:7070", "127.1.2.3:7070"}) {
    SCOPED_TRACE(listen);
    EXPECT_TRUE(Parse({"--listen", listen}).ok());
  }
}

TEST(Config, RefusesMessagesThatTheBufferHasNoRoomFor) {
  EXPECT_THAT(ErrorOf({"--ingest-buffer-bytes=100MB"}), HasSubstr("--max-message-bytes"));
  EXPECT_TRUE(Parse({"--ingest-buffer-bytes=128MB"}).ok());
  EXPECT_TRUE(Parse({"--ingest-buffer-bytes=100MB", "--max-message-bytes=25MB"}).ok());
}

TEST(Config, KeepsPasswordsOffTheCommandLineAndOutOfOpenFiles) {
  const char* const uri = "--database=postgresql://auscult:s3cret@db/auscult";
  EXPECT_THAT(ErrorOf({uri}), AllOf(HasSubstr("AUSCULT_DATABASE"), Not(HasSubstr("s3cret"))));
  const std::string text = "database = \"host=db password=s3cret\"\n";
  const TemporaryFile open(text, 0644), own(text, 0600);
  EXPECT_THAT(ErrorOf({"--config", open.path().c_str()}),
              AllOf(HasSubstr("chmod 600"), HasSubstr(":1"), Not(HasSubstr("s3cret"))));
  const auto invocation = Parse({"--config", own.path().c_str()});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.database, "host=db password=s3cret");
  EXPECT_THAT(invocation->effective,
              AllOf(HasSubstr("host=db password=***"), Not(HasSubstr("s3cret"))));
}

TEST(Config, MakesTheDataFolderAbsolute) {
  const auto invocation = Parse({"--data-dir=some/../folder"});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.data_dir, std::filesystem::current_path().string() + "/folder");
}

TEST(Config, OnlyRootHasADefaultFolderWithoutAHome) {
  const char* const arguments[] = {"auscultd"};
  const auto invocation = ParseInvocation(1, arguments, {});
  if (geteuid() == 0) {
    ASSERT_TRUE(invocation.ok()) << invocation.status();
    EXPECT_EQ(invocation->config.data_dir, "/var/lib/auscult");
  } else {
    EXPECT_THAT(std::string(invocation.status().message()), HasSubstr("--data-dir"));
  }
}

TEST(Config, TakesATaskAndItsFolderAmongTheFlags) {
  const auto backup = Parse({"backup", "--data-dir=/srv/a", "copies/monday"});
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(backup->task, Invocation::Task::kBackUp);
  EXPECT_EQ(backup->config.data_dir, "/srv/a");
  EXPECT_EQ(backup->backup_folder, std::filesystem::current_path().string() + "/copies/monday");
  EXPECT_EQ(Parse({"restore", "/x"})->task, Invocation::Task::kRestore);
  EXPECT_EQ(Parse({})->task, Invocation::Task::kServe);
  EXPECT_THAT(ErrorOf({"backup"}), HasSubstr("auscultd backup FOLDER"));
  EXPECT_THAT(ErrorOf({"restore", "a", "b"}), HasSubstr("one folder"));
  EXPECT_THAT(ErrorOf({"backup", "x", "--database=host=h"}), HasSubstr("embedded database"));
}

TEST(Config, RefusesARoleThatThereIsNot) {
  EXPECT_EQ(Parse({"--roles=jobs,ingest"})->config.roles, "jobs,ingest");
  EXPECT_THAT(ErrorOf({"--roles=ingest,web"}), AllOf(HasSubstr("\"web\""), HasSubstr("jobs")));
}

TEST(Config, HelpNamesEverySetting) {
  const auto invocation = Parse({"--help"});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_TRUE(invocation->show_help);
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(invocation->help, HasSubstr(FlagOf(setting) + " ")) << setting.key;
    EXPECT_THAT(invocation->help, HasSubstr(setting.help)) << setting.key;
  }
}

// The example lists every key, commented out, with its default.
TEST(ExampleConfig, HoldsEveryKeyWithItsDefaultAndParses) {
  std::ifstream example(AUSCULT_SOURCE_DIR "/deploy/auscultd.toml");
  ASSERT_TRUE(example) << "deploy/auscultd.toml";
  const std::regex key_line("#?([a-z_]+) = .*");
  std::set<std::string> keys;
  std::string uncommented;
  for (std::string line; std::getline(example, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, key_line)) continue;
    keys.insert(match[1]);
    uncommented += line.substr(line.front() == '#' ? 1 : 0) + "\n";
  }
  std::set<std::string> known;
  for (const Setting& setting : Settings()) known.insert(setting.key);
  EXPECT_EQ(keys, known);

  const TemporaryFile file(uncommented);
  const auto invocation = Parse({"--config", file.path().c_str()});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  const auto bare = Parse({});
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(FormatValue(setting, invocation->config), FormatValue(setting, bare->config))
        << setting.key;
  }
}

TEST(DocumentedConfig, NamesEveryKeyWithItsDefault) {
  std::ifstream page(AUSCULT_SOURCE_DIR "/docs/operations.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(text, HasSubstr(std::string("| `") + setting.key + "` | `" +
                                FormatValue(setting, Config{}) + "` | "));
  }
}

TEST(ExampleConfig, ParsesAsItIs) {
  const auto invocation = Parse({"--config", AUSCULT_SOURCE_DIR "/deploy/auscultd.toml"});
  EXPECT_TRUE(invocation.ok()) << invocation.status();
}

}  // namespace
}  // namespace auscult::server

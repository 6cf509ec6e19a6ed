// Keys as people make, show and use them, with the real programs.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class KeyCommands : public ServedPlant {
 protected:
  // A file with the text, of this mode.
  std::string KeyFile(const std::string& name, const std::string& text, mode_t mode) {
    const std::string path = folder_.Write(name, text);
    chmod(path.c_str(), mode);
    return path;
  }
};

TEST_F(KeyCommands, MakeShowAndRevoke) {
  EXPECT_THAT(Run({"whoami"}).out, AllOf(HasSubstr("local"), HasSubstr("admin ingest")));
  EXPECT_THAT(Run({"keys", "list"}).out, HasSubstr("no keys"));
  EXPECT_EQ(Run({"keys", "create", "boss"}).exit_code, 2);
  EXPECT_EQ(Run({"keys", "create", "boss", "--grant", "king"}).exit_code, 2);
  EXPECT_EQ(Run({"keys", "create", "boss", "--grant", "admin", "--expires", "soon"}).exit_code, 2);
  const ProgramResult made = Run({"keys", "create", "boss", "--grant", "admin"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, StartsWith("ak_"));
  EXPECT_THAT(made.err, AllOf(HasSubstr("this once"), Not(HasSubstr("ak_"))));
  // From now on they are asked for.
  EXPECT_THAT(Run({"keys", "list"}).err, HasSubstr("NO_CREDENTIALS"));
  const std::string boss = KeyFile("boss", made.out, 0600);
  EXPECT_THAT(Run({"whoami", "--key-file", boss}).out, HasSubstr("keys/boss"));
  const Json line = RunJson({"keys", "create", "line-3", "--grant", "ingest@made", "--grant",
                             "viewer@sites/made", "--expires", "90d", "--description",
                             "gateway of line 3", "--key-file", boss, "--json"});
  EXPECT_EQ(line["key"]["grants"][1]["site"], "sites/made");
  EXPECT_TRUE(line["key"].contains("expire_time"));
  EXPECT_THAT(Run({"keys", "show", "line-3", "--key-file", boss}).out,
              AllOf(HasSubstr("ingest@made viewer@made"), HasSubstr("gateway of line 3"),
                    Not(HasSubstr("ak_"))));
  EXPECT_THAT(Run({"keys", "revoke", "line-3", "--key-file", boss}).out, HasSubstr("revoked"));
  const std::string revoked = KeyFile("line", line["secret"], 0600);
  EXPECT_THAT(Run({"whoami", "--key-file", revoked}).err, HasSubstr("KEY_REVOKED"));
  EXPECT_EQ(RunJson({"keys", "list", "--key-file", boss, "--json"})["keys"].size(), 2u);
}

TEST_F(KeyCommands, TakeNoKeyThatOthersMayRead) {
  for (const auto& [name, text, mode, why] :
       {std::tuple("open", "ak_x", mode_t{0644}, "chmod 600"),
        std::tuple("empty", " \n", mode_t{0600}, "is empty")}) {
    const ProgramResult result = Run({"whoami", "--key-file", KeyFile(name, text, mode)});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(why));
  }
  EXPECT_THAT(Run({"whoami", "--key-file", folder_.Path("none")}).err, HasSubstr("No such file"));
  EXPECT_THAT(Run({"whoami", "--key-file", KeyFile("bad", "ak_x", 0600)}).err,
              HasSubstr("BAD_KEY"));
}

}  // namespace
}  // namespace auscult::cli

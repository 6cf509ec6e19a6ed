// No SQL text is made of values: db::Sql takes literals alone, and this holds what the compiler
// cannot, the few places that go around it and what the schema executes itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "db/postgres.h"

namespace auscult::db {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

static_assert(!std::is_constructible_v<Sql, std::string>);
static_assert(!std::is_constructible_v<Sql, const char*>);
static_assert(!std::is_default_constructible_v<Sql>);

std::string TextOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Who may hand text to PostgreSQL other than by db::Sql.
const std::map<std::string, std::set<std::string>>& Allowed() {
  // The connection itself, with the text of a db::Sql, or constants of its own.
  static const std::set<std::string> connection = {"db/postgres.cc", "db/acting.cc"};
  static const std::map<std::string, std::set<std::string>> allowed = {
      {"PQexec", connection},
      {"PQsend", connection},
      {"PQprepare", connection},
      // The scripts that are compiled in.
      {"ExecuteScript(", {"db/postgres.cc", "db/postgres.h", "db/migrate.cc"}},
      {"libpq-fe.h", {"db/postgres.cc", "db/acting.cc", "db/rows.cc", "db/binary_rows.cc"}},
  };
  return allowed;
}

std::vector<std::string> Detours(const std::string& path, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& [word, files] : Allowed()) {
    if (files.count(path) == 0 && text.find(word) != std::string::npos) {
      found.push_back(path + ": " + word);
    }
  }
  return found;
}

TEST(SqlText, IsHandedToPostgresByTheConnectionAlone) {
  const fs::path top = AUSCULT_SOURCE_DIR;
  size_t files = 0;
  for (const char* folder : {"features", "models", "db", "server", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      ++files;
      EXPECT_THAT(Detours(fs::relative(entry.path(), top), TextOf(entry.path())), IsEmpty());
    }
  }
  EXPECT_GT(files, 400u);
  EXPECT_THAT(Detours("server/x.cc", "PQexec(connection, text.c_str());"), testing::SizeIs(1));
  EXPECT_THAT(Detours("cli/x.cc", "c.ExecuteScript(\"DELETE \" + name);"), testing::SizeIs(1));
}

// What PQexec and its kin are given where they are called.
TEST(SqlText, IsConstantWithinTheConnection) {
  const std::regex call(R"(PQ(?:exec|sendQuery|sendPrepare|prepare)\w*\(connection_,\s*([^,)]+))");
  const std::set<std::string> constants = {
      "statement.text", "sql.text(",    "script.c_str(",
      "name.c_str(",    "\"ROLLBACK\"", "session_is_own_ ? \"BEGIN\" : kBeginWithLimits"};
  int calls = 0;
  for (const char* file : {"db/postgres.cc", "db/acting.cc"}) {
    const std::string text = TextOf(fs::path(AUSCULT_SOURCE_DIR) / file);
    for (std::sregex_iterator it(text.begin(), text.end(), call), end; it != end; ++it, ++calls) {
      EXPECT_EQ(constants.count((*it)[1]), 1u) << (*it)[1];
    }
  }
  EXPECT_GE(calls, 8);
}

// EXECUTE within the schema: of format() with names (%I), values (%L), and as they are (%s) only
// what PostgreSQL quotes itself, being of type regclass, or what the function puts together of
// constants.
std::vector<std::string> Suspicious(std::string sql) {
  static const std::set<std::string> as_they_are = {
      "child", "past.child", "part.child", "week.oid::regclass", "guarded", "owners", "condition"};
  sql = std::regex_replace(sql, std::regex("--[^\n]*"), "");
  // Its parentheses are not those of format().
  sql = std::regex_replace(sql, std::regex(R"(current_schema\(\))"), "current_schema");
  std::vector<std::string> found;
  const std::regex execute(R"(\bEXECUTE\s+(?!FUNCTION|ON)[^;]*)");
  for (std::sregex_iterator it(sql.begin(), sql.end(), execute), end; it != end; ++it) {
    const std::string statement = it->str();
    static const std::regex literal(R"('(?:[^']|'')*'|\$q\$[\s\S]*?\$q\$)");
    static const std::regex made(
        R"(EXECUTE\s+format\(\s*((?:\s|\bLITERAL\b)+)((?:,[^)]*)?)\)[^)]*)");
    const std::string shape = std::regex_replace(statement, literal, "LITERAL");
    std::smatch parts;
    if (!std::regex_match(shape, parts, made)) {
      found.push_back(statement);
      continue;
    }
    std::vector<std::string> arguments;
    const std::string list = parts[2];
    static const std::regex argument(R"(,\s*([^,]*[^,\s]))");
    for (std::sregex_iterator arg(list.begin(), list.end(), argument);
         arg != std::sregex_iterator(); ++arg) {
      arguments.push_back((*arg)[1]);
    }
    size_t next = 0;
    static const std::regex place(R"(%(?:(\d+)\$)?([A-Za-z]))");
    for (std::sregex_iterator at(statement.begin(), statement.end(), place);
         at != std::sregex_iterator(); ++at) {
      const size_t index = (*at)[1].matched ? std::stoul((*at)[1]) - 1 : next++;
      const std::string kind = (*at)[2];
      const bool known = index < arguments.size();
      if (kind == "I" || kind == "L") continue;
      if (kind != "s" || !known || as_they_are.count(arguments[index]) == 0) {
        found.push_back(statement);
      }
    }
  }
  return found;
}

TEST(SqlText, OfTheSchemaIsMadeOfNamesAndConstants) {
  const fs::path top = AUSCULT_SOURCE_DIR "/db";
  EXPECT_THAT(Suspicious(TextOf(top / "schema.sql")), IsEmpty());
  for (const auto& entry : fs::directory_iterator(top / "migrations")) {
    EXPECT_THAT(Suspicious(TextOf(entry.path())), IsEmpty()) << entry.path();
  }
  for (const char* bad :
       {"EXECUTE 'DROP TABLE ' || name;", "EXECUTE statement;",
        "EXECUTE format('DROP TABLE %s', name);", "EXECUTE format('SELECT %2$s', child, name);",
        "EXECUTE format('SELECT %I' || name, child);"}) {
    EXPECT_THAT(Suspicious(bad), testing::SizeIs(1)) << bad;
  }
  EXPECT_THAT(Suspicious("EXECUTE format('SELECT %I, %1$s', child) INTO n USING name;"), IsEmpty());
}

}  // namespace
}  // namespace auscult::db

// The audit log of a real server, and what becomes of it in the hands of somebody who would rather
// not be in it.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "cli/audit_chain.h"
#include "tests/cli/served_plant.h"

namespace auscult::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Audit : public ServedPlant {
 protected:
  void SetUp() override {
    ASSERT_EQ(Run({"apply", folder_.Write("plant.yaml", kPlant)}).exit_code, 0);
    ASSERT_EQ(Run({"retention", "set", "made", "--trend-days", "90"}).exit_code, 0);
    ASSERT_EQ(Run({"retention", "set", "made", "--trend-days", "91"}).exit_code, 0);
  }

  std::vector<v1::AuditEntry> Entries() {
    const ProgramResult result = Run({"audit", "list", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<v1::AuditEntry> entries;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &entries.emplace_back()).ok())
          << line;
    }
    return entries;
  }

  // As the one who runs the database.
  void Tamper(const std::string& sql) {
    const std::string command = "psql -q -h '" + folder_.Path("data") + "/run' -U auscult auscult" +
                                " -c \"ALTER TABLE audit DISABLE TRIGGER USER\" -c \"" + sql + "\"";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  // The number of the first entry that does not follow; 0: all of them do.
  static int64_t FirstBroken(const std::vector<v1::AuditEntry>& entries) {
    AuditChain chain;
    for (const v1::AuditEntry& entry : entries) {
      if (!chain.Follow(entry).ok()) return chain.count() + 1;
    }
    return 0;
  }
};

TEST_F(Audit, ListsWhoChangedWhat) {
  const ProgramResult all = Run({"audit", "list"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("retention_policy"));
  EXPECT_THAT(all.out, HasSubstr("policy"));
  EXPECT_THAT(all.out, HasSubstr("pump"));
  EXPECT_THAT(Run({"audit", "list", "--after", "1000"}).out, StartsWith("No changes."));
  EXPECT_EQ(Run({"audit", "list", "--site", "made"}).exit_code, 0);
  EXPECT_EQ(Run({"audit", "list", "--site", "nowhere"}).exit_code, 1);
}

TEST_F(Audit, FindsEveryFieldThatWasChanged) {
  const std::vector<v1::AuditEntry> entries = Entries();
  ASSERT_GE(entries.size(), 5u);
  EXPECT_EQ(FirstBroken(entries), 0);
  const size_t at = entries.size() - 2;
  const google::protobuf::Descriptor& type = *v1::AuditEntry::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    std::vector<v1::AuditEntry> changed = entries;
    v1::AuditEntry& entry = changed[at];
    const google::protobuf::FieldDescriptor* field = type.field(i);
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        entry.GetReflection()->SetString(&entry, field,
                                         entry.GetReflection()->GetString(entry, field) + " ");
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
        entry.set_sequence(entry.sequence() + 1);
        break;
      default:
        entry.mutable_time()->set_nanos(entry.time().nanos() + 1000);
    }
    EXPECT_EQ(FirstBroken(changed), static_cast<int64_t>(at + 1)) << field->name();
  }
}

TEST_F(Audit, FindsEntriesThatAreMissingAddedOrMoved) {
  const std::vector<v1::AuditEntry> entries = Entries();
  for (const size_t at : {size_t{0}, size_t{2}, entries.size() - 2}) {
    const auto place = static_cast<std::ptrdiff_t>(at);
    const auto number = static_cast<int64_t>(at) + 1;
    std::vector<v1::AuditEntry> changed = entries;
    changed.erase(changed.begin() + place);
    EXPECT_EQ(FirstBroken(changed), number);
    // Numbered anew, it is the hashes that do not fit.
    for (size_t i = at; i < changed.size(); ++i) {
      changed[i].set_sequence(changed[i].sequence() - 1);
    }
    EXPECT_EQ(FirstBroken(changed), number);
    changed = entries;
    std::swap(changed[at], changed[at + 1]);
    EXPECT_EQ(FirstBroken(changed), number);
    changed = entries;
    changed.insert(changed.begin() + place, entries[at]);
    EXPECT_EQ(FirstBroken(changed), number + 1);
  }
}

TEST_F(Audit, IsVerifiedByTheProgram) {
  const ProgramResult whole = Run({"audit", "verify"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr(" entries, unbroken; head "));
  const std::string head = whole.out.substr(whole.out.find("head ") + 5, 64 + 1 + 1);
  ASSERT_EQ(Run({"retention", "clear", "made"}).exit_code, 0);
  EXPECT_EQ(Run({"audit", "verify", "--expect-head", head}).exit_code, 0)
      << "what came later does not matter";
  const ProgramResult later = Run({"audit", "verify", "--expect-head", head.substr(0, 65) + "99"});
  EXPECT_EQ(later.exit_code, 1);
  EXPECT_THAT(later.err, HasSubstr("was cut"));
  const ProgramResult other =
      Run({"audit", "verify", "--expect-head", std::string(64, 'a') + "@2"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("the hash of entry 2 is"));
  EXPECT_EQ(Run({"audit", "verify", "--expect-head", "x@2"}).exit_code, 2);
  Tamper("UPDATE audit SET hashed = replace(hashed, 'local', 'nobody') WHERE sequence = 3");
  const ProgramResult tampered = Run({"audit", "verify"});
  EXPECT_EQ(tampered.exit_code, 1);
  EXPECT_THAT(tampered.err, HasSubstr("broken at entry 3: its hash is not that of its text"));
  Tamper("DELETE FROM audit WHERE sequence = 2");
  EXPECT_THAT(Run({"audit", "verify"}).err, HasSubstr("entry 2 should stand there"));
}

}  // namespace
}  // namespace auscult::cli

#include "server/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace auscult::server {
namespace {

using ::testing::HasSubstr;

const absl::TimeZone kUtc = absl::UTCTimeZone();

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

std::string NextOf(const char* cron, const char* after, const absl::TimeZone& zone = kUtc) {
  const auto parsed = CronExpression::Parse(cron);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  if (!parsed.ok()) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", parsed->Next(At(after), zone), zone);
}

TEST(Cron, FindsTheNextMinuteAndNeverTheSame) {
  EXPECT_EQ(NextOf("* * * * *", "2026-03-01T10:00:00Z"), "2026-03-01T10:01:00+00:00");
  EXPECT_EQ(NextOf("* * * * *", "2026-03-01T10:00:59Z"), "2026-03-01T10:01:00+00:00");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-03-01T02:30:00Z"), "2026-03-02T02:30:00+00:00");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-03-01T02:29:59Z"), "2026-03-01T02:30:00+00:00");
}

TEST(Cron, ReadsListsRangesStepsAndNames) {
  EXPECT_EQ(NextOf("*/15 * * * *", "2026-03-01T10:46:00Z"), "2026-03-01T11:00:00+00:00");
  EXPECT_EQ(NextOf("5/20 8-18/5 * * *", "2026-03-01T08:46:00Z"), "2026-03-01T13:05:00+00:00");
  EXPECT_EQ(NextOf("0 6,22 * * *", "2026-03-01T07:00:00Z"), "2026-03-01T22:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 * feb-Mar *", "2026-04-01T00:00:00Z"), "2027-02-01T00:00:00+00:00");
  // 2026-03-01 is a Sunday.
  EXPECT_EQ(NextOf("0 0 * * MON-FRI", "2026-02-28T00:00:00Z"), "2026-03-02T00:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 * * 7", "2026-02-27T00:00:00Z"), "2026-03-01T00:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 * * 0", "2026-02-27T00:00:00Z"), "2026-03-01T00:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 * * 5-7", "2026-02-28T00:00:00Z"), "2026-03-01T00:00:00+00:00");
}

TEST(Cron, EitherDayCountsWhereBothAreGiven) {
  EXPECT_EQ(NextOf("0 0 13 * FRI", "2026-03-07T00:00:00Z"), "2026-03-13T00:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 15 * FRI", "2026-03-07T00:00:00Z"), "2026-03-13T00:00:00+00:00");
  EXPECT_EQ(NextOf("0 0 15 * *", "2026-03-07T00:00:00Z"), "2026-03-15T00:00:00+00:00");
}

TEST(Cron, WaitsForTheLeapDayThroughACenturyWithoutOne) {
  EXPECT_EQ(NextOf("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00:00+00:00");
}

TEST(Cron, RunsAtTheEndOfTheHourThatTheClocksSkip) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-03-28T12:00:00Z", berlin), "2026-03-29T03:00:00+02:00");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-03-29T01:00:00Z", berlin), "2026-03-30T02:30:00+02:00");
}

TEST(Cron, RunsOnceInTheHourThatComesTwice) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-10-24T12:00:00Z", berlin), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(NextOf("30 2 * * *", "2026-10-25T00:30:00Z", berlin), "2026-10-26T02:30:00+01:00");
  // Half an hour, as on Lord Howe Island.
  const absl::TimeZone howe = Zone("Australia/Lord_Howe");
  EXPECT_EQ(NextOf("45 1 * * *", "2026-04-04T12:00:00Z", howe), "2026-04-05T01:45:00+11:00");
  EXPECT_EQ(NextOf("45 1 * * *", "2026-04-04T14:45:00Z", howe), "2026-04-06T01:45:00+10:30");
}

TEST(Cron, AgreesWithWalkingThroughEveryMinute) {
  const auto cron = CronExpression::Parse("7,40 3-5 */10 * 2");
  ASSERT_TRUE(cron.ok());
  const absl::TimeZone zone = Zone("America/New_York");
  absl::Time time = At("2026-01-01T00:00:00Z");
  for (int i = 0; i < 50; ++i) {
    const absl::Time next = cron->Next(time, zone);
    absl::Time walked = time;
    for (;;) {
      walked += absl::Minutes(1);
      const absl::CivilMinute civil = absl::ToCivilMinute(walked, zone);
      const bool minute = civil.minute() == 7 || civil.minute() == 40;
      const bool hour = civil.hour() >= 3 && civil.hour() <= 5;
      const bool day = civil.day() % 10 == 1;
      if (minute && hour && day && absl::GetWeekday(civil) == absl::Weekday::tuesday) break;
    }
    ASSERT_EQ(next, walked);
    time = next;
  }
}

TEST(Cron, SaysWhatIsWrong) {
  const auto refused = [](const char* text) {
    return std::string(CronExpression::Parse(text).status().message());
  };
  EXPECT_THAT(refused(""), HasSubstr("five fields"));
  EXPECT_THAT(refused("* * * *"), HasSubstr("here are 4"));
  EXPECT_THAT(refused("* * * * * *"), HasSubstr("here are 6"));
  EXPECT_THAT(refused("60 * * * *"), HasSubstr("no minute: 0 to 59"));
  EXPECT_THAT(refused("* 24 * * *"), HasSubstr("no hour"));
  EXPECT_THAT(refused("* * 0 * *"), HasSubstr("no day of month"));
  EXPECT_THAT(refused("* * * foo *"), HasSubstr("no month"));
  EXPECT_THAT(refused("* * * * FRI-MON"), HasSubstr("no day of week"));
  EXPECT_THAT(refused("0 0 30 2 *"), HasSubstr("never comes"));
  for (const char* text :
       {"*/0 * * * *", "1,,2 * * * *", "1- * * * *", "-1 * * * *", "1-2-3 * * * *", "*/2/3 * * * *",
        "+5 * * * *", "1.5 * * * *", "*/99999999999 * * * *", "* * * * monday"}) {
    EXPECT_FALSE(CronExpression::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace auscult::server

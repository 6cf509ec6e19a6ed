#include "cli/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "cli/spool_frame.h"
#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SpoolTest : public testing::Test {
 protected:
  std::unique_ptr<Spool> Open(Spool::Limits limits = {}) {
    auto spool = Spool::Open(folder_.Path("spool"), limits,
                             [this](const std::string& line) { remarks_.push_back(line); });
    EXPECT_TRUE(spool.ok()) << spool.status();
    return spool.ok() ? *std::move(spool) : nullptr;
  }

  // What waits, as "lane:octets".
  static std::vector<std::string> Contents(Spool& spool) {
    std::vector<std::string> contents;
    for (const Spool::Waiting& waiting : spool.TakeFound()) {
      const absl::StatusOr<std::string> octets = spool.Read(waiting.number);
      contents.push_back(waiting.lane + ":" + (octets.ok() ? *octets : "?"));
    }
    return contents;
  }

  std::string OnlySegment() const {
    std::string path;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.Path("spool"))) {
      if (entry.path().extension() != ".spool") continue;
      EXPECT_EQ(path, "");
      path = entry.path().string();
    }
    return path;
  }

  int FilesIn(const std::string& name) const {
    std::error_code error;
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.Path("spool/" + name), error)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  // A spool of three records, closed; the bytes of its segment.
  std::string MakeThree() {
    {
      const std::unique_ptr<Spool> spool = Open();
      for (const char* octets : {"first", "second", "third"}) {
        EXPECT_TRUE(spool->Append("a", octets).ok());
      }
      EXPECT_TRUE(spool->Sync().ok());
    }
    return BytesOf(OnlySegment());
  }

  // The spool as it was, with this segment.
  void StartFrom(const std::string& segment) {
    std::filesystem::remove_all(folder_.Path("spool"));
    std::filesystem::create_directories(folder_.Path("spool"));
    folder_.Write("spool/00000000000000000001.spool", segment);
    remarks_.clear();
  }

  MadeFolder folder_;
  std::vector<std::string> remarks_;
};

TEST_F(SpoolTest, GivesBackInOrderWhatWasNotRemoved) {
  {
    const std::unique_ptr<Spool> spool = Open();
    EXPECT_EQ(*spool->Append("a", "1"), 1u);
    EXPECT_EQ(*spool->Append("b", "2"), 2u);
    EXPECT_EQ(*spool->Append("a", "3"), 3u);
    spool->Remove(2);
    spool->Remove(2);
    EXPECT_EQ(spool->Read(2).status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(spool->backlog().records, 2);
  }
  const std::unique_ptr<Spool> spool = Open();
  EXPECT_THAT(Contents(*spool), ElementsAre("a:1", "a:3"));
  EXPECT_EQ(*spool->Append("c", "4"), 4u);  // no number is given twice
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(SpoolTest, GivesNoNumberTwiceWhenAllWasRemoved) {
  { EXPECT_EQ(*Open()->Append("a", "1"), 1u); }
  Open()->Remove(1);
  EXPECT_EQ(Open()->backlog().records, 0);
  EXPECT_EQ(*Open()->Append("a", "2"), 2u);
}

TEST_F(SpoolTest, IsForOneProcess) {
  const std::unique_ptr<Spool> first = Open();
  const auto second = Spool::Open(folder_.Path("spool"), {}, [](const std::string&) {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SpoolTest, CutsATornTailAtAnyByte) {
  const std::string whole = MakeThree();
  const size_t third = whole.size() - kSpoolFrameHeaderBytes - 1 - 5;
  for (size_t size = third; size < whole.size(); ++size) {
    for (const bool zeros : {false, true}) {
      SCOPED_TRACE(testing::Message() << size << (zeros ? " and zeros" : ""));
      // Space that was promised and never written reads as zeros.
      std::string torn = whole.substr(0, size);
      if (zeros && size == third) torn.resize(whole.size(), '\0');
      StartFrom(torn);
      {
        const std::unique_ptr<Spool> spool = Open();
        EXPECT_THAT(Contents(*spool), ElementsAre("a:first", "a:second"));
        ASSERT_TRUE(spool->Append("a", "again").ok());
      }
      EXPECT_TRUE(remarks_.empty());
      EXPECT_THAT(Contents(*Open()), ElementsAre("a:first", "a:second", "a:again"));
    }
  }
}

TEST_F(SpoolTest, SetsARecordWithAFlippedBitAsideAndGoesOn) {
  const std::string whole = MakeThree();
  const size_t second = kSpoolFrameHeaderBytes + 1 + 5;
  const size_t third = second + kSpoolFrameHeaderBytes + 1 + 6;
  for (size_t at = second; at < third; ++at) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    StartFrom(damaged);
    EXPECT_THAT(Contents(*Open()), ElementsAre("a:first", "a:third"));
    ASSERT_EQ(remarks_.size(), 1u);
    EXPECT_THAT(remarks_[0], HasSubstr("set aside"));
    EXPECT_EQ(FilesIn("damaged"), 1);
    // It is told once.
    EXPECT_THAT(Contents(*Open()), ElementsAre("a:first", "a:third"));
    EXPECT_EQ(remarks_.size(), 1u);
  }
}

TEST_F(SpoolTest, FindsDamageThatComesWhileItIsOpen) {
  const std::string whole = MakeThree();
  const std::unique_ptr<Spool> spool = Open();
  std::string damaged = whole;
  damaged[kSpoolFrameHeaderBytes + 2] ^= 1;
  std::ofstream(OnlySegment(), std::ios::binary) << damaged;
  EXPECT_EQ(spool->Read(1).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*spool->Read(2), "second");
  EXPECT_EQ(spool->backlog().records, 2);
  EXPECT_EQ(spool->damaged_count(), 1);
}

TEST_F(SpoolTest, ReadsAnyRubbishWithoutInventingRecords) {
  const std::string whole = MakeThree();
  models::Random random(5);
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    StartFrom(Damaged(whole, random));
    const std::unique_ptr<Spool> spool = Open();
    for (const std::string& content : Contents(*spool)) {
      EXPECT_THAT(content, testing::AnyOf("a:first", "a:second", "a:third"));
    }
  }
}

TEST_F(SpoolTest, IsFullAtItsLimitAndHasRoomAgainWhenRecordsAreRemoved) {
  const std::unique_ptr<Spool> spool = Open({.bytes = 100'000, .segment_bytes = 10'000});
  const std::string octets(1000, 'x');
  std::vector<uint64_t> numbers;
  absl::StatusOr<uint64_t> number = spool->Append("a", octets);
  for (; number.ok(); number = spool->Append("a", octets)) numbers.push_back(*number);
  EXPECT_EQ(number.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(numbers.size(), 96u);
  EXPECT_EQ(spool->Append("a", std::string(200'000, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
  // All but one in each segment: what is left is written anew.
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i % 10 != 3) spool->Remove(numbers[i]);
  }
  EXPECT_LT(spool->backlog().disk_bytes, 25'000);
  EXPECT_EQ(spool->backlog().records, 10);
  for (size_t i = 3; i < numbers.size(); i += 10) EXPECT_EQ(*spool->Read(numbers[i]), octets);
  EXPECT_TRUE(spool->Append("a", octets).ok());
  EXPECT_EQ(*spool->RemoveOldest(), numbers[3]);
}

TEST_F(SpoolTest, HasRoomForALargeRecordBesideAnOldSmallOne) {
  const std::unique_ptr<Spool> spool = Open({.bytes = 100'000, .segment_bytes = 50'000});
  ASSERT_TRUE(spool->Append("held", "1").ok());
  for (int i = 0; i < 20; ++i) {
    const absl::StatusOr<uint64_t> number = spool->Append("a", std::string(60'000, 'x'));
    ASSERT_TRUE(number.ok()) << i << number.status();
    spool->Remove(*number);
  }
  EXPECT_EQ(spool->backlog().records, 1);
}

TEST_F(SpoolTest, LeavesNoPartOfARecordWhereTheDiskIsFull) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  {
    const std::unique_ptr<Spool> spool = Open();
    ASSERT_TRUE(spool->Append("a", std::string(3000, 'x')).ok());
    const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_EQ(spool->Append("a", std::string(3000, 'y')).status().code(),
              absl::StatusCode::kResourceExhausted);
    EXPECT_TRUE(spool->Append("a", "small").ok());
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_TRUE(spool->Append("a", std::string(3000, 'z')).ok());
  }
  EXPECT_THAT(Contents(*Open()),
              ElementsAre("a:" + std::string(3000, 'x'), "a:small", "a:" + std::string(3000, 'z')));
  EXPECT_TRUE(remarks_.empty());
}

TEST_F(SpoolTest, SendsAgainWhatARemovalCutOffDoesNotName) {
  {
    const std::unique_ptr<Spool> spool = Open();
    for (const char* octets : {"1", "2", "3"}) ASSERT_TRUE(spool->Append("a", octets).ok());
    spool->Remove(1);
    spool->Remove(2);
  }
  const std::string removed = BytesOf(folder_.Path("spool/removed"));
  folder_.Write("spool/removed", removed.substr(0, removed.size() - 5));
  EXPECT_THAT(Contents(*Open()), ElementsAre("a:2", "a:3"));
}

}  // namespace
}  // namespace auscult::cli

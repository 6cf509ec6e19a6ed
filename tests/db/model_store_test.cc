#include "db/model_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "db/active_classifier.h"
#include "tests/db/plant_of_points.h"
#include "tests/models/made_classifier.h"

namespace auscult::db {
namespace {

using models::Fault;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kModel[] = "diagnosis";

class ModelStore : public ::testing::Test {
 protected:
  int Add(uint64_t seed) {
    const models::Classifier classifier = models::MadeClassifier(seed);
    return Store(classifier);
  }
  int Store(const models::Classifier& classifier) {
    const auto version =
        AddModelVersion(connection(), kModel, classifier, classifier.Serialize(), "made");
    EXPECT_TRUE(version.ok()) << version.status();
    return version.value_or(-1);
  }
  absl::Status Activate(int version) {
    return InTransaction(connection(),
                         [&] { return ActivateModelVersion(connection(), kModel, version, "me"); });
  }
  absl::StatusOr<int> RollBack() {
    absl::StatusOr<int> version = absl::UnknownError("not run");
    const absl::Status status = InTransaction(connection(), [&] {
      version = RollBackModel(connection(), kModel, "me");
      return version.status();
    });
    EXPECT_EQ(status, version.status());
    return version;
  }
  absl::Status Delete(int version) {
    return InTransaction(connection(),
                         [&] { return DeleteModelVersion(connection(), kModel, version); });
  }
  int Active() { return ActiveModelVersion(connection(), kModel).value_or(-1); }
  std::vector<int> Versions(int64_t before = std::numeric_limits<int64_t>::max(), int limit = 100) {
    std::vector<int> versions;
    const auto listed = ListModelVersions(connection(), kModel, before, limit);
    EXPECT_TRUE(listed.ok()) << listed.status();
    for (const ModelVersion& version : *listed) versions.push_back(version.version);
    return versions;
  }
  Connection& connection() { return plant_.connection(); }

  PlantOfPoints plant_;
};

TEST_F(ModelStore, KnowsThePhysicsBeforeAnythingIsStored) {
  EXPECT_THAT(Versions(), ElementsAre(0));
  const auto physics = GetModelVersion(connection(), kModel, 0);
  ASSERT_TRUE(physics.ok()) << physics.status();
  EXPECT_TRUE(physics->active);
  EXPECT_EQ(physics->activate_time_us, 0);
  EXPECT_EQ(physics->faults.front(), Fault::kHealthy);
  EXPECT_EQ(physics->faults.back(), Fault::kElectrical);
  EXPECT_TRUE(absl::IsNotFound(GetModelVersion(connection(), kModel, 1).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadModelFile(connection(), kModel, 0).status()));
}

TEST_F(ModelStore, KeepsAFileAndWhatStandsInIt) {
  const models::Classifier classifier = models::MadeClassifier();
  const int number = Store(classifier);
  const auto version = GetModelVersion(connection(), kModel, number);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->description, "made");
  EXPECT_EQ(version->feature_set, classifier.set_id());
  EXPECT_EQ(version->faults, classifier.classes());
  EXPECT_EQ(version->recipe, classifier.recipe());
  EXPECT_EQ(version->metrics, classifier.metrics());
  EXPECT_EQ(version->size_bytes, static_cast<int64_t>(classifier.Serialize().size()));
  EXPECT_EQ(version->content_hash.size(), 64u);
  EXPECT_GT(version->create_time_us, PlantOfPoints::kStartUs);
  EXPECT_FALSE(version->active);
  const auto file = ReadModelFile(connection(), kModel, number);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*file, classifier.Serialize());
}

TEST_F(ModelStore, StoresTheSameFileOnceAndGivesNoNumberTwice) {
  const int first = Add(1);
  EXPECT_EQ(Add(1), first);
  const int second = Add(2);
  EXPECT_GT(second, first);
  EXPECT_TRUE(Delete(second).ok());
  EXPECT_GT(Add(3), second);
  EXPECT_TRUE(absl::IsNotFound(Delete(second)));
  // Latest first, in pages, the physics last.
  EXPECT_THAT(Versions(), ElementsAre(second + 1, first, 0));
  EXPECT_THAT(Versions(second + 1, 1), ElementsAre(first));
}

TEST_F(ModelStore, ActivatesWhatIsThereAndDeletesWhatIsNotActive) {
  const int version = Add(1);
  EXPECT_TRUE(absl::IsNotFound(Activate(version + 1)));
  EXPECT_TRUE(Activate(version).ok());
  EXPECT_EQ(Active(), version);
  EXPECT_TRUE(GetModelVersion(connection(), kModel, version)->active);
  EXPECT_GT(GetModelVersion(connection(), kModel, version)->activate_time_us, 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(version)));
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(0)));
  EXPECT_TRUE(Activate(version).ok());  // again: nothing happens
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM model_activation"), 1);
  EXPECT_TRUE(Activate(0).ok());
  EXPECT_EQ(Active(), 0);
  EXPECT_TRUE(Delete(version).ok());
}

TEST_F(ModelStore, RollsBackStepByStepPastWhatIsGone) {
  EXPECT_TRUE(absl::IsFailedPrecondition(RollBack().status()));
  const int a = Add(1), b = Add(2), c = Add(3);
  for (const int version : {a, b, c}) ASSERT_TRUE(Activate(version).ok());
  EXPECT_EQ(RollBack().value_or(-1), b);
  EXPECT_EQ(Active(), b);
  EXPECT_EQ(RollBack().value_or(-1), a);  // and not c again
  ASSERT_TRUE(Activate(c).ok());
  ASSERT_TRUE(Activate(b).ok());
  ASSERT_TRUE(Activate(a).ok());
  ASSERT_TRUE(Delete(b).ok());
  EXPECT_EQ(RollBack().value_or(-1), c);
  EXPECT_EQ(RollBack().value_or(-1), a);
  EXPECT_EQ(RollBack().value_or(-1), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(RollBack().status()));
}

TEST_F(ModelStore, TellsWritersWhatIsActive) {
  ActiveClassifier active;
  EXPECT_EQ(active.Get().version, 0);
  EXPECT_EQ(active.Refresh(connection()).value_or(true), false);
  const int version = Add(1);
  ASSERT_TRUE(Activate(version).ok());
  EXPECT_EQ(active.Get().version, 0);
  EXPECT_EQ(active.Refresh(connection()).value_or(false), true);
  EXPECT_EQ(active.Refresh(connection()).value_or(true), false);
  const ActiveClassifier::Version got = active.Get();
  EXPECT_EQ(got.version, version);
  ASSERT_NE(got.classifier, nullptr);
  EXPECT_EQ(got.classifier->Serialize(), models::MadeClassifier(1).Serialize());
  ASSERT_TRUE(RollBack().ok());
  EXPECT_TRUE(*active.Refresh(connection()));
  EXPECT_EQ(active.Get().version, 0);
  EXPECT_EQ(active.Get().classifier, nullptr);
}

TEST_F(ModelStore, FallsBackToThePhysicsWhenTheStoredFileIsDamaged) {
  const int version = Add(1);
  ASSERT_TRUE(Activate(version).ok());
  ASSERT_TRUE(connection()
                  .Execute("UPDATE model_version SET file = set_byte(file, 200,"
                           " 255 - get_byte(file, 200))")
                  .ok());
  ActiveClassifier active;
  EXPECT_TRUE(*active.Refresh(connection()));
  EXPECT_EQ(active.Get().version, 0);
  EXPECT_EQ(active.Get().classifier, nullptr);
  EXPECT_EQ(active.wanted_version(), version);
  EXPECT_THAT(active.problem(), HasSubstr("model file"));
  EXPECT_FALSE(*active.Refresh(connection()));  // said once
  // Stored again it is whole again, as the same version.
  EXPECT_EQ(Add(1), version);
  EXPECT_TRUE(*active.Refresh(connection()));
  EXPECT_EQ(active.Get().version, version);
  EXPECT_EQ(active.problem(), "");
  const int next = Add(2);
  ASSERT_TRUE(Activate(next).ok());
  EXPECT_TRUE(*active.Refresh(connection()));
  EXPECT_EQ(active.Get().version, next);
  EXPECT_EQ(active.problem(), "");
}

// A record with bearing lines, so that a classifier has something to go by.
Record WithLines(Record record) {
  const features::FeatureSet& set = *features::FindFeatureSet(record.features.set_id);
  for (const char* name : {"bpfo_existence", "bpfi_existence", "ball_existence"}) {
    record.features.values[static_cast<size_t>(features::FeatureIndex(set, name))] = 1;
  }
  return record;
}

TEST_F(ModelStore, WritersJudgeByTheActiveVersionAndSaySo) {
  const int version =
      Store(models::ConstantClassifier({Fault::kHealthy, Fault::kBall}, {0.01f, 0.99f}));
  BaselineCache baselines(10);
  ActiveClassifier active;
  TrendWriter writer(plant_.conninfo(), &baselines, 86400, &active);
  const Record records[] = {WithLines(plant_.Make(0, 0)), WithLines(plant_.Make(0, 1)),
                            WithLines(plant_.Make(0, 2))};
  EXPECT_EQ(plant_.Accepted(writer.Write(std::span(records, 1))), 1);
  ASSERT_TRUE(Activate(version).ok());
  ASSERT_TRUE(active.Refresh(connection()).ok());
  EXPECT_EQ(plant_.Accepted(writer.Write(std::span(records + 1, 1))), 1);
  // A late record too.
  Record late = WithLines(plant_.Make(0, 0));
  late.measured_at_us -= 1;
  EXPECT_EQ(plant_.Accepted(writer.Write(std::span(&late, 1))), 1);
  ASSERT_TRUE(Activate(0).ok());
  ASSERT_TRUE(active.Refresh(connection()).ok());
  EXPECT_EQ(plant_.Accepted(writer.Write(std::span(records + 2, 1))), 1);
  EXPECT_EQ(plant_.Text("SELECT string_agg(classifier_version::text, ',' ORDER BY measured_at)"
                        " FROM score"),
            std::to_string(version) + ",0," + std::to_string(version) + ",0");
  // The late one stands by itself, without the verdicts of the records around it.
  EXPECT_EQ(plant_.Count("SELECT verdict FROM score ORDER BY measured_at LIMIT 1"),
            static_cast<int>(Fault::kBall));
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE classifier_version = 0 AND verdict = 3"),
            0);
}

}  // namespace
}  // namespace auscult::db

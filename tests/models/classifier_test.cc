#include "models/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "models/byte_codec.h"
#include "models/classifier_inputs.h"
#include "tests/models/made_classifier.h"
#include "tests/models/mutations.h"

namespace auscult::models {
namespace {

using ::testing::HasSubstr;

std::vector<float> AnyInputs(Random& random) {
  std::vector<float> inputs(ClassifierInputNames().size());
  for (float& input : inputs) {
    input = random.Uniform() < 0.2 ? NAN : static_cast<float>(3 * random.Normal());
  }
  inputs[0] = 1;
  return inputs;
}

std::string Sealed(std::string bytes) {
  const uint32_t sum = Checksum(std::string_view(bytes).substr(0, bytes.size() - sizeof sum));
  std::memcpy(bytes.data() + bytes.size() - sizeof sum, &sum, sizeof sum);
  return bytes;
}

TEST(Classifier, IsTheSameAfterWritingAndReading) {
  const Classifier classifier = MadeClassifier();
  const std::string bytes = classifier.Serialize();
  const auto again = Classifier::Parse(bytes);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Serialize(), bytes);
  EXPECT_EQ(again->recipe(), classifier.recipe());
  EXPECT_EQ(again->metrics(), classifier.metrics());
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    const std::vector<float> inputs = AnyInputs(random);
    EXPECT_EQ(again->Classify(inputs).probabilities, classifier.Classify(inputs).probabilities);
  }
}

TEST(Classifier, AThousandDamagedFilesAreRefusedWithAReasonOrMeanTheSame) {
  const Classifier classifier = MadeClassifier();
  const std::string bytes = classifier.Serialize();
  Random random(11);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string damaged = Mutate(bytes, random);
    const auto parsed = Classifier::Parse(damaged);
    if (parsed.ok()) {
      // An accident may only have made another sound number: what was read is what is written.
      EXPECT_EQ(parsed->Serialize(), damaged);
      const Classification said = parsed->Classify(AnyInputs(random));
      double sum = 0;
      for (const float p : said.probabilities) sum += p;
      EXPECT_NEAR(sum, 1, 1e-4);
      continue;
    }
    ++refused;
    EXPECT_TRUE(parsed.status().code() == absl::StatusCode::kDataLoss ||
                parsed.status().code() == absl::StatusCode::kFailedPrecondition)
        << parsed.status();
    EXPECT_THAT(parsed.status().message(), HasSubstr("model file: "));
  }
  EXPECT_GT(refused, 700);
}

TEST(Classifier, EveryShorterFileIsRefused) {
  const std::string bytes = MadeClassifier(1, 1, 2).Serialize();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Classifier::Parse(bytes.substr(0, size)).ok()) << size;
    if (size < 12) continue;
    EXPECT_FALSE(Classifier::Parse(Sealed(bytes.substr(0, size))).ok()) << size;
  }
}

TEST(Classifier, RefusesAFileThatIsNoneOrTooLargeAtOnce) {
  EXPECT_THAT(Classifier::Parse("").status().message(), HasSubstr("no classifier"));
  EXPECT_THAT(Classifier::Parse("binf\1\2\3").status().message(), HasSubstr("no classifier"));
  const auto before = std::chrono::steady_clock::now();
  const std::string large(Classifier::kMaxBytes + 1, 'x');
  EXPECT_THAT(Classifier::Parse(large).status().message(), HasSubstr("at most"));
  // The most trees a header may claim, with nothing behind it.
  std::string claims = MadeClassifier().Serialize();
  EXPECT_FALSE(Classifier::Parse(Sealed(claims.substr(0, 80))).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
}

TEST(Classifier, AFileOfOtherInputsIsRefusedAsSuch) {
  std::string bytes = MadeClassifier().Serialize();
  bytes[6] = 77;  // behind magic and version
  const auto parsed = Classifier::Parse(Sealed(bytes));
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(parsed.status().message(), HasSubstr("train it again"));
}

TEST(Classifier, RefusesPartsThatDoNotFit) {
  const auto with = [](auto change) {
    const Classifier sound = MadeClassifier();
    Classifier::Parts parts = {.classes = sound.classes(), .recipe = "{}", .metrics = "{}"};
    change(parts);
    return Classifier::Create(sound.trees(), parts).status();
  };
  using Parts = Classifier::Parts;
  EXPECT_TRUE(with([](Parts&) {}).ok());
  EXPECT_FALSE(with([](Parts& p) { p.classes.pop_back(); }).ok());
  EXPECT_FALSE(with([](Parts& p) { std::swap(p.classes[0], p.classes[1]); }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.classes.back() = Fault::kAbstain; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.classes.back() = static_cast<Fault>(99); }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.temperature = 0; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.temperature = NAN; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.threshold = 1.5f; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.threshold = NAN; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.recipe = "seed"; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.metrics = "[1]"; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.metrics.resize(Classifier::kMaxTextBytes + 1, ' '); }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.set_id = features::kCurrentSet; }).ok());
  EXPECT_FALSE(with([](Parts& p) { p.set_id = 999; }).ok());
}

TEST(Classifier, AbstainsBelowItsThresholdAndSaysWhatItLeansTo) {
  const std::vector<Fault> classes = {Fault::kHealthy, Fault::kOuterRace};
  std::vector<float> inputs(ClassifierInputNames().size(), 0.0f);
  const Classification unsure = ConstantClassifier(classes, {0.45f, 0.55f}).Classify(inputs);
  EXPECT_EQ(unsure.fault, Fault::kAbstain);
  EXPECT_NEAR(unsure.probability, 0.55f, 1e-5);
  EXPECT_THAT(unsure.reason, HasSubstr("outer_race has a probability of 0.55"));
  const Classification sure = ConstantClassifier(classes, {0.2f, 0.8f}).Classify(inputs);
  EXPECT_EQ(sure.fault, Fault::kOuterRace);
  EXPECT_TRUE(sure.reason.empty());
}

TEST(Classifier, HasNoOpinionWithoutBearingLinesOrOnCurrent) {
  const Classifier classifier = MadeClassifier();
  std::vector<float> inputs(ClassifierInputNames().size(), 1.0f);
  inputs[0] = inputs[1] = inputs[2] = NAN;
  const Classification none = classifier.Classify(inputs);
  EXPECT_EQ(none.fault, Fault::kAbstain);
  EXPECT_TRUE(none.probabilities.empty());
  EXPECT_FALSE(none.reason.empty());
  const features::FeatureSet& set = *features::FindFeatureSet(features::kCurrentSet);
  const features::FeatureVector current = {.set_id = set.id,
                                           .channel_count = 1,
                                           .values = std::vector<float>(set.features.size(), 1.0f)};
  const Classification of_current = classifier.Classify(current, {});
  EXPECT_EQ(of_current.fault, Fault::kAbstain);
  EXPECT_THAT(of_current.reason, HasSubstr("vibration"));
}

TEST(ClassifierInputs, DoNotChangeWithTheLevelOfTheRecord) {
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  features::FeatureVector features = {.set_id = set.id, .channel_count = 1, .values = {}};
  Random random(2);
  for (size_t i = 0; i < set.features.size(); ++i) {
    features.values.push_back(static_cast<float>(1 + random.Uniform()));
  }
  features::FeatureVector louder = features;
  for (size_t i = 0; i < set.features.size(); ++i) {
    const std::string_view unit = set.features[i].unit;
    if (unit == "SI" || unit == "mm/s" || unit == "m/s2" || unit == "um") louder.values[i] *= 8;
    if (set.features[i].name.starts_with("band_") || set.features[i].name == "level_db" ||
        set.features[i].name == "peak_db") {
      louder.values[i] += 18;
    }
  }
  features::Machine machine;
  machine.bearings.resize(2);
  const auto quiet = ClassifierInputs(features, 0, machine, nullptr);
  const auto loud = ClassifierInputs(louder, 0, machine, nullptr);
  ASSERT_EQ(quiet.size(), ClassifierInputNames().size());
  for (size_t i = 0; i < quiet.size(); ++i) {
    EXPECT_TRUE((std::isnan(quiet[i]) && std::isnan(loud[i])) || quiet[i] == loud[i])
        << ClassifierInputNames()[i];
  }
}

TEST(ClassifierInputs, AreOfTheChannelThatAccusesMost) {
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  features::FeatureVector features = {.set_id = set.id,
                                      .channel_count = 3,
                                      .values = std::vector<float>(3 * set.features.size(), 0.0f)};
  const auto put = [&](int channel, std::string_view name, float value) {
    features.values[channel * set.features.size() + features::FeatureIndex(set, name)] = value;
  };
  put(0, "bpfo_existence", NAN);
  put(1, "bpfi_existence", 9);
  put(2, "ball_existence", 3);
  EXPECT_EQ(ClassifiedChannel(features), 1);
  features.values.pop_back();
  EXPECT_EQ(ClassifiedChannel(features), -1);
}

}  // namespace
}  // namespace auscult::models

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/analysis.h"
#include "cli/read_recording.h"

namespace auscult::cli {
namespace {

// Public recordings beside the checkout; they are not part of the project.
class RealRecordings : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path folder =
        std::filesystem::path(AUSCULT_SOURCE_DIR) / ".." / "shared" / "data";
    data_ = folder.string();
    if (!std::filesystem::is_directory(folder)) {
      std::cerr << "*** SKIPPED: no recordings at " << data_
                << "; the readers are checked on made files only ***\n";
      GTEST_SKIP() << "NOT TESTED: real recordings; none at " << data_;
    }
  }

  Recording Read(const std::string& name) {
    const auto file = OpenRecordFile(data_ + "/" + name);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return {};
    absl::StatusOr<Recording> recording = (*file)->Read(0);
    EXPECT_TRUE(recording.ok()) << recording.status();
    return recording.ok() ? *std::move(recording) : Recording();
  }

  std::string data_;
};

TEST_F(RealRecordings, OfCwruAreRead) {
  const Recording faulty = Read("cwru/12k_Drive_End_Bearing_Fault_Data/IR/007/105_0.mat");
  ASSERT_EQ(faulty.channels.size(), 3u);
  EXPECT_EQ(faulty.channels[2].name, "BA");
  EXPECT_EQ(faulty.sample_count(), 121265u);
  EXPECT_EQ(faulty.speed_rpm, 1797);
  const Recording normal = Read("cwru/Normal/97_Normal_0.mat");
  ASSERT_EQ(normal.channels.size(), 2u);
  EXPECT_EQ(normal.sample_count(), 243938u);
}

TEST_F(RealRecordings, OfMfptAndUestcAreRead) {
  const Recording mfpt = Read("mfpt/train_data/InnerRaceFault_vload_1.mat");
  EXPECT_EQ(mfpt.sample_count(), 146484u);
  EXPECT_EQ(mfpt.sample_rate_hz, 48828);
  EXPECT_EQ(mfpt.speed_rpm, 1500);
  const Recording uestc = Read("uestc/B_1200/B_1200_1.mat");
  EXPECT_EQ(uestc.sample_count(), 262144u);
  EXPECT_EQ(uestc.sample_rate_hz, 20000);
}

TEST_F(RealRecordings, OfFemtoAndImsAreRead) {
  const Recording femto = Read("femto/Full_Test_Set/Bearing3_3/acc_00432.csv");
  ASSERT_EQ(femto.channels.size(), 2u);
  EXPECT_EQ(femto.sample_count(), 2560u);
  EXPECT_EQ(femto.sample_rate_hz, 25600);
  EXPECT_EQ(femto.channels[0].samples[0], 0.35f);
  const Recording ims = Read("ims/1st_test/1st_test/2003.10.22.12.06.24");
  ASSERT_EQ(ims.channels.size(), 8u);
  EXPECT_EQ(ims.sample_count(), 20480u);
  EXPECT_EQ(ims.channels[0].samples[0], -0.022f);

  const auto whole =
      OpenRecordFile(data_ + "/femto/compact_i16/Bearing1_2.i16.gz",
                     std::string(AUSCULT_SOURCE_DIR) + "/deploy/recordings/femto_i16.yaml");
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ((*whole)->record_count(), 871);
}

TEST_F(RealRecordings, OfMotorCurrentsAreRead) {
  const Recording one_phase = Read("motor_current_brb/1420rpm_1brb.csv");
  EXPECT_NEAR(one_phase.sample_rate_hz, 5000, 0.01);
  EXPECT_EQ(one_phase.channels.back().unit, "A");
  EXPECT_EQ(one_phase.sample_count(), 5000u);
  const Recording three_phase = Read("itsc/dataset/cropped/SC_HLT/SC_HLT_001.csv");
  EXPECT_EQ(three_phase.channels.size(), 3u);
  EXPECT_EQ(three_phase.sample_count(), 1000u);
  EXPECT_EQ(three_phase.sample_rate_hz, 0);
}

TEST_F(RealRecordings, WithAFalseClockAreNotTrusted) {
  const Recording recording = Read("motor_current_im/3-Phase-current-healthy-motor/healthy.csv");
  EXPECT_EQ(recording.sample_count(), 116975u);
  EXPECT_NEAR(recording.sample_rate_hz, 443, 5);
  EXPECT_NE(recording.clock_problem, "");
}

TEST_F(RealRecordings, OfOtherShapesAreRead) {
  EXPECT_EQ(Read("gearbox_spectraquest/Healthy/h30hz50.csv").channels.size(), 4u);
  EXPECT_EQ(Read("pewc_motor/RUL_Data_2_2752_1741575638.csv").channels.size(), 4u);
  const Recording pump = Read("skab/valve1/0.csv");
  EXPECT_EQ(pump.channels.size(), 10u);
  EXPECT_NEAR(pump.sample_rate_hz, 1, 0.1);
}

TEST_F(RealRecordings, AreDiagnosedAtNominalSpeed) {
  struct Case {
    const char* file;
    float rate_hz, speed_rpm;
    features::BearingOrders orders;
    models::Fault truth;
  };
  const features::BearingOrders cwru = {3.5848f, 5.4152f, 2.3567f, 0.3983f};
  const features::BearingOrders uestc = {3.05f, 4.95f, 1.99f, 0.3815f};
  const std::string folder = "cwru/12k_Drive_End_Bearing_Fault_Data/";
  const std::string inner = folder + "IR/007/105_0.mat", outer = folder + "OR/007/@6/130@6_0.mat";
  for (const Case& c :
       {Case{inner.c_str(), 12000, 1797, cwru, models::Fault::kInnerRace},
        Case{outer.c_str(), 12000, 1796, cwru, models::Fault::kOuterRace},
        Case{"cwru/Normal/97_Normal_0.mat", 48000, 1796, cwru, models::Fault::kHealthy},
        Case{"uestc/I_1200/I_1200_1.mat", 20000, 1200, uestc, models::Fault::kInnerRace},
        Case{"uestc/N_1200/N_1200_1.mat", 20000, 1200, uestc, models::Fault::kHealthy}}) {
    SCOPED_TRACE(c.file);
    features::Machine machine;
    machine.bearings = {{"bearing", "", c.orders}};
    AnalysisOptions options;
    options.rate_hz = c.rate_hz;
    options.speed_rpm = c.speed_rpm;
    options.channels = {"1"};
    const absl::StatusOr<Analysis> analysis = Analyse(Read(c.file), options, machine);
    ASSERT_TRUE(analysis.ok()) << analysis.status();
    EXPECT_EQ(models::FaultName(analysis->diagnosis.verdict), models::FaultName(c.truth));
  }
}

TEST_F(RealRecordings, AllOpenOrSayWhy) {
  int opened = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !LooksLikeRecordFile(name) || name.ends_with(".gz")) continue;
    const auto file = OpenRecordFile(entry.path().string());
    EXPECT_TRUE(file.ok()) << file.status();
    opened += file.ok() ? 1 : 0;
  }
  EXPECT_GT(opened, 70);
}

}  // namespace
}  // namespace auscult::cli

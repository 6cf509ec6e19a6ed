#include "tests/server/stored_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/util/message_differencer.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;

using Trends = v1::TrendService::Stub;

TEST_F(StoredSamples, ComeBackAsTheyWereSent) {
  const v1::Waveform sent = Sent(kStartUs, Sine(120, 1));
  ASSERT_EQ(Store(sent), db::Outcome::Kind::kAccepted);
  v1::GetWaveformResponse response;
  ASSERT_TRUE(Ask(&Trends::GetWaveform, OfPoint(), response).ok());
  const v1::Waveform& back = response.waveform();
  EXPECT_EQ(back.point(), kPoint);
  EXPECT_EQ(back.sample_rate_hz(), kRateHz);
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(back.conditions(), sent.conditions()));
  ASSERT_EQ(back.channels_size(), 2);
  EXPECT_EQ(back.channels(0).encoded().octets(), Octets(Sine(120, 1)));
  EXPECT_EQ(back.channels(1).encoded().octets(), sent.channels(0).encoded().octets());
  EXPECT_EQ(back.channels(1).encoded().scale(), 0.0012345678901234567);
  EXPECT_EQ(back.channels(1).encoded().offset(), -0.25);
  EXPECT_EQ(back.channels(1).unit(), "m/s2");
  EXPECT_EQ(response.stored().size_bytes(), kCount * 6);
  EXPECT_LT(response.stored().stored_bytes(), kCount * 6);
  // Sent again, it is the same record.
  EXPECT_EQ(Store(back), db::Outcome::Kind::kDuplicate);
}

TEST_F(StoredSamples, AreListedNewestFirstInPages) {
  for (int i = 0; i < 3; ++i) Store(Sent(kStartUs + i * kMinuteUs, Sine(120, 1 + i)));
  v1::ListWaveformsResponse page;
  const std::string list = "parent: '" + std::string(kPoint) + "' page_size: 2 ";
  ASSERT_TRUE(Ask(&Trends::ListWaveforms, list, page).ok());
  ASSERT_EQ(page.waveforms_size(), 2);
  EXPECT_EQ(page.waveforms(0).measured_at().seconds(), kStartUs / 1'000'000 + 120);
  EXPECT_THAT(page.waveforms(0).channels(), ElementsAre("H", "V"));
  EXPECT_EQ(page.waveforms(0).sample_count(), kCount);
  EXPECT_EQ(page.waveforms(0).kept_for(), v1::KEPT_FOR_BEING_NTH);
  ASSERT_NE(page.next_page_token(), "");
  ASSERT_TRUE(
      Ask(&Trends::ListWaveforms, list + "page_token: '" + page.next_page_token() + "'", page)
          .ok());
  ASSERT_EQ(page.waveforms_size(), 1);
  EXPECT_EQ(page.waveforms(0).measured_at().seconds(), kStartUs / 1'000'000);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(StoredSamples, ShowTheExtremesOfEachPixel) {
  std::vector<float> samples = Sine(120, 1);
  samples[4000] = 9;
  samples[5000] = -8;
  Store(Sent(kStartUs, samples));
  v1::GetWaveformResponse response;
  ASSERT_TRUE(Ask(&Trends::GetWaveform, OfPoint("channel: 'H' max_points: 64"), response).ok());
  ASSERT_EQ(response.min_size(), 64);
  ASSERT_EQ(response.max_size(), 64);
  EXPECT_EQ(response.unit(), "m/s2");
  EXPECT_DOUBLE_EQ(response.seconds_per_value(), 128 / kRateHz);
  EXPECT_NEAR(response.max(4000 / 128), 9 * 9.80665, 1e-4);
  EXPECT_NEAR(response.min(5000 / 128), -8 * 9.80665, 1e-4);
  ASSERT_TRUE(Ask(&Trends::GetWaveform,
                  OfPoint("channel: '1' max_points: 10000 format: NUMBER_FORMAT_OCTETS"), response)
                  .ok());
  EXPECT_EQ(response.min_octets().size(), kCount * sizeof(float));
  EXPECT_TRUE(response.max_octets().empty());
}

TEST_F(StoredSamples, StayOnRequest) {
  Store(Sent(kStartUs, Sine(120, 1)));
  v1::StoredWaveform kept;
  ASSERT_TRUE(
      Ask(&Trends::KeepWaveform, OfPoint("measured_at { seconds: 1790000000 }"), kept).ok());
  EXPECT_EQ(kept.kept_for(), v1::KEPT_FOR_REQUEST);
  ExpectRefused(Ask(&Trends::KeepWaveform, OfPoint(), kept), StatusCode::INVALID_ARGUMENT,
                "MISSING_TIME", "measured_at");
}

TEST_F(StoredSamples, ThatAreNotThereAreNotFoundWithARemedy) {
  v1::GetWaveformResponse response;
  ExpectRefused(Ask(&Trends::GetWaveform, OfPoint(), response), StatusCode::NOT_FOUND,
                "UNKNOWN_RECORD", "measured_at");
  Store(Sent(kStartUs, Sine(120, 1)));
  ASSERT_TRUE(connection_->ExecuteScript("DELETE FROM waveform").ok());
  ExpectRefused(Ask(&Trends::GetWaveform, OfPoint("measured_at { seconds: 1790000000 }"), response),
                StatusCode::NOT_FOUND, "SAMPLES_NOT_KEPT");
  ExpectRefused(Ask(&Trends::GetWaveform, OfPoint("measured_at { seconds: 1790000001 }"), response),
                StatusCode::NOT_FOUND, "UNKNOWN_RECORD", "measured_at");
  v1::Waterfall waterfall;
  ExpectRefused(Ask(&Trends::GetWaterfall, OfPoint(), waterfall), StatusCode::NOT_FOUND,
                "SAMPLES_NOT_KEPT");
  ExpectRefused(Ask(&Trends::GetWaveform, "point: 'sites/a/assets/pump/points/x'", response),
                StatusCode::NOT_FOUND, "UNKNOWN_POINT", "point");
}

TEST_F(StoredSamples, ThatAreDamagedAreNotShown) {
  Store(Sent(kStartUs, Sine(120, 1)));
  ASSERT_TRUE(connection_
                  ->ExecuteScript("UPDATE waveform SET samples = set_byte(samples, 50,"
                                  " 255 - get_byte(samples, 50))")
                  .ok());
  v1::GetWaveformResponse response;
  EXPECT_EQ(Ask(&Trends::GetWaveform, OfPoint(), response).error_code(), StatusCode::DATA_LOSS);
}

TEST_F(StoredSamples, GiveTheAmplitudeOfALineWhereverItFalls) {
  // Between two bins: 8,192 samples at 25,600 Hz are 3.125 Hz apart.
  constexpr double kHz = 160.9;
  Store(Sent(kStartUs, Sine(kHz, 2)));
  struct Case {
    const char* unit;
    double amplitude;
  };
  constexpr double kSi = 2 * 9.80665;
  constexpr double kOmega = 2 * std::numbers::pi * kHz;
  for (const auto& [unit, amplitude] : {Case{"", kSi},
                                        {"unit: 'g'", 2},
                                        {"unit: 'g' rms: true", 2 / std::numbers::sqrt2},
                                        {"unit: 'mm/s'", kSi / kOmega * 1000},
                                        {"unit: 'um'", kSi / kOmega / kOmega * 1e6}}) {
    SCOPED_TRACE(unit);
    v1::Spectrum spectrum;
    const grpc::Status status = Ask(&Trends::GetSpectrum, OfPoint(unit), spectrum);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_GE(spectrum.peaks_size(), 1);
    EXPECT_NEAR(spectrum.peaks(0).hz(), kHz, 1);
    EXPECT_NEAR(spectrum.peaks(0).amplitude(), amplitude, 0.02 * amplitude);
    EXPECT_EQ(spectrum.values_size(), kCount / 2 + 1);
    EXPECT_NEAR(spectrum.speed_rpm(), 1479.3, 30);
  }
}

TEST_F(StoredSamples, KeepTheLargestOfEachPixelOfASpectrum) {
  Store(Sent(kStartUs, Sine(1600, 2)));
  v1::Spectrum spectrum;
  ASSERT_TRUE(Ask(&Trends::GetSpectrum,
                  OfPoint("unit: 'g' min_hz: 100 max_hz: 5000 max_points: 50"), spectrum)
                  .ok());
  ASSERT_LE(spectrum.values_size(), 50);
  EXPECT_DOUBLE_EQ(spectrum.start_hz(), 100);
  const int pixel = static_cast<int>((1600 - spectrum.start_hz()) / spectrum.step_hz());
  EXPECT_NEAR(spectrum.values(pixel), 2, 0.01);
  EXPECT_NEAR(spectrum.bin_hz(), 3.125, 1e-9);
  v1::Spectrum octets;
  ASSERT_TRUE(Ask(&Trends::GetSpectrum,
                  OfPoint("unit: 'g' min_hz: 100 max_hz: 5000 max_points: 50 "
                          "format: NUMBER_FORMAT_OCTETS"),
                  octets)
                  .ok());
  EXPECT_EQ(octets.octets(),
            Octets(std::vector<float>(spectrum.values().begin(), spectrum.values().end())));
}

TEST_F(StoredSamples, NameTheLinesOfTheMachine) {
  Store(Sent(kStartUs, Sine(2 * 1479.3 / 60, 1)));
  v1::Spectrum spectrum;
  ASSERT_TRUE(Ask(&Trends::GetSpectrum, OfPoint("max_hz: 400"), spectrum).ok());
  ASSERT_GE(spectrum.peaks_size(), 1);
  EXPECT_EQ(spectrum.peaks(0).line(), "2x");
  EXPECT_NEAR(spectrum.peaks(0).orders(), 2, 0.05);
  std::vector<std::string> names;
  for (const v1::MachineLine& line : spectrum.lines()) names.push_back(line.name());
  EXPECT_THAT(names, ::testing::IsSupersetOf(
                         {"1x", "2x", "line frequency", "BPFO drive end", "FTF drive end"}));
}

TEST_F(StoredSamples, ShowWhatModulatesABand) {
  std::vector<float> samples = Sine(4000, 1);
  for (int i = 0; i < kCount; ++i) {
    samples[static_cast<size_t>(i)] *=
        static_cast<float>(1 + 0.2 * std::cos(2 * std::numbers::pi * 100 * i / kRateHz));
  }
  Store(Sent(kStartUs, samples));
  v1::Spectrum spectrum;
  const grpc::Status status =
      Ask(&Trends::GetEnvelopeSpectrum, OfPoint("band_low_hz: 3500 band_high_hz: 4500"), spectrum);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_GE(spectrum.peaks_size(), 1);
  EXPECT_NEAR(spectrum.peaks(0).hz(), 100, 2);
  // (1 + m cos)^2 / mean has a line of 2 m / (1 + m^2 / 2).
  EXPECT_NEAR(spectrum.peaks(0).amplitude(), 0.4 / 1.02, 0.02);
  EXPECT_EQ(spectrum.band_low_hz(), 3500);
  ASSERT_TRUE(Ask(&Trends::GetEnvelopeSpectrum, OfPoint(), spectrum).ok());
  EXPECT_GT(spectrum.band_high_hz(), spectrum.band_low_hz());
}

TEST_F(StoredSamples, ShowManySpectraBelowEachOther) {
  for (int i = 0; i < 5; ++i) Store(Sent(kStartUs + i * kMinuteUs, Sine(1600, 1 + i)));
  v1::Waterfall waterfall;
  ASSERT_TRUE(Ask(&Trends::GetWaterfall,
                  OfPoint("unit: 'g' max_hz: 3200 max_bins: 64 max_spectra: 3"), waterfall)
                  .ok());
  EXPECT_EQ(waterfall.record_count(), 5);
  ASSERT_EQ(waterfall.time_us_size(), 3);
  EXPECT_EQ(waterfall.time_us(0), kStartUs);
  EXPECT_EQ(waterfall.time_us(2), kStartUs + 4 * kMinuteUs);
  ASSERT_LE(waterfall.bin_count(), 64);
  ASSERT_EQ(waterfall.values_size(), 3 * waterfall.bin_count());
  const int pixel = static_cast<int>((1600 - waterfall.start_hz()) / waterfall.step_hz());
  for (int row = 0; row < 3; ++row) {
    EXPECT_NEAR(waterfall.values(row * waterfall.bin_count() + pixel), 1 + 2 * row, 0.02);
  }
  ASSERT_TRUE(Ask(&Trends::GetWaterfall, OfPoint("envelope: true max_bins: 100"), waterfall).ok());
  EXPECT_EQ(waterfall.time_us_size(), 5);
}

TEST_F(StoredSamples, RefuseWithTheFieldToBlame) {
  Store(Sent(kStartUs, Sine(120, 1)));
  struct Case {
    const char* request;
    StatusCode code;
    const char* reason;
    const char* field;
  };
  for (const auto& [request, code, reason, field] :
       {Case{"channel: 'X'", StatusCode::NOT_FOUND, "UNKNOWN_CHANNEL", "channel"},
        Case{"unit: 'furlong'", StatusCode::INVALID_ARGUMENT, "UNKNOWN_UNIT", "unit"},
        Case{"unit: 'A'", StatusCode::INVALID_ARGUMENT, "UNIT_MISMATCH", "unit"},
        Case{"min_hz: 10 max_hz: 5", StatusCode::INVALID_ARGUMENT, "BAD_BAND", "min_hz"},
        Case{"max_points: -1", StatusCode::INVALID_ARGUMENT, "BAD_MAX_POINTS", "max_points"}}) {
    SCOPED_TRACE(request);
    v1::Spectrum spectrum;
    ExpectRefused(Ask(&Trends::GetSpectrum, OfPoint(request), spectrum), code, reason, field);
  }
  v1::Spectrum spectrum;
  ExpectRefused(
      Ask(&Trends::GetEnvelopeSpectrum, OfPoint("band_low_hz: 9000 band_high_hz: 20000"), spectrum),
      StatusCode::INVALID_ARGUMENT, "BAD_BAND", "band_high_hz");
}

}  // namespace
}  // namespace auscult::server

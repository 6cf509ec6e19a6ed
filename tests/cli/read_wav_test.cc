#include "cli/read_wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>

#include "tests/cli/made_files.h"

namespace auscult::cli {
namespace {

void WriteWav(const std::string& path, int format, int channels,
              const std::vector<float>& interleaved) {
  SF_INFO info = {};
  info.samplerate = 48000;
  info.channels = channels;
  info.format = format;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
  const auto frames = static_cast<sf_count_t>(interleaved.size()) / channels;
  ASSERT_EQ(sf_writef_float(file, interleaved.data(), frames), frames);
  sf_close(file);
}

TEST(ReadWav, GivesBackWhatWasWritten) {
  struct Case {
    const char* name;
    int format;
    float tolerance;
  };
  const std::vector<float> samples = MadeSamples(3000);
  for (const Case& c : {Case{"float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0},
                        Case{"int16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2.0f / 32768},
                        Case{"int24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1.0f / 8388608},
                        Case{"rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_32, 1e-6f},
                        Case{"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1e-6f}}) {
    SCOPED_TRACE(c.name);
    const MadeFolder folder;
    const std::string path = folder.Path("made.wav");
    WriteWav(path, c.format, 2, samples);
    const absl::StatusOr<Recording> recording = ReadWav(path);
    ASSERT_TRUE(recording.ok()) << recording.status();
    EXPECT_EQ(recording->sample_rate_hz, 48000);
    ASSERT_EQ(recording->channels.size(), 2u);
    EXPECT_EQ(recording->channels[1].name, "2");
    ASSERT_EQ(recording->sample_count(), 1500u);
    for (size_t i = 0; i < 1500; ++i) {
      ASSERT_NEAR(recording->channels[0].samples[i], samples[2 * i], c.tolerance);
      ASSERT_NEAR(recording->channels[1].samples[i], samples[2 * i + 1], c.tolerance);
    }
  }
}

TEST(ReadWav, RefusesWhatIsNoSoundFile) {
  const MadeFolder folder;
  const absl::StatusOr<Recording> recording =
      ReadWav(folder.Write("made.wav", "RIFF but nothing else"));
  ASSERT_FALSE(recording.ok());
  EXPECT_THAT(std::string(recording.status().message()), testing::HasSubstr("not a sound file"));
}

TEST(ReadWav, SurvivesDamage) {
  const MadeFolder folder;
  const std::string path = folder.Path("made.wav");
  WriteWav(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2, MadeSamples(2000));
  const std::string bytes = BytesOf(path);
  models::Random random(11);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    const absl::StatusOr<Recording> recording =
        ReadWav(folder.Write("damaged.wav", Damaged(bytes, random)));
    refused += recording.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace auscult::cli

// How small do stored samples get, and at what cost? Integers and floats of simulated converters,
// and of the recordings in DATA (default ../shared/data) where there are any, beside zstd and lz4
// alone. Every record is unpacked and compared bit by bit before anything is timed. codec_bench
// [DATA]

#include <blosc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/file_bytes.h"
#include "cli/read_recording.h"
#include "db/sample_codec.h"
#include "models/simulate.h"

namespace auscult {
namespace {

using features::Encoding;

constexpr int kSamples = 16384;
constexpr int kRecordsOfSet = 40;

struct StoredRecord {
  std::vector<db::ChannelLayout> layout;
  std::string octets;
};

struct RecordSet {
  std::string name;
  std::vector<StoredRecord> records;
};

template <typename T>
std::string OctetsOf(const std::vector<T>& samples) {
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(T)};
}

// CPU seconds: other work on the machine must not count.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A simulated accelerometer behind a converter of `bits` with +-80 m/s2.
std::vector<int32_t> Converted(uint64_t seed, int bits) {
  models::SimulatedMachine machine;
  machine.seed = seed;
  machine.machine.bearings = {{"drive end", "6205", {3.5848f, 5.4152f, 2.3567f, 0.39828f}}};
  const double step = 160.0 / std::ldexp(1.0, bits);
  std::vector<int32_t> samples;
  for (const float sample : SimulateVibration(machine, {}, seed, 25600, kSamples)) {
    samples.push_back(static_cast<int32_t>(std::lround(static_cast<double>(sample) / step)));
  }
  return samples;
}

std::vector<RecordSet> SimulatedSets() {
  RecordSet shorts{"simulated int16", {}}, longs{"simulated int32, 24 bits", {}};
  RecordSet converter{"simulated float32 of 16 bits", {}}, plain{"simulated float32", {}};
  for (uint64_t seed = 1; seed <= kRecordsOfSet / 2; ++seed) {
    const std::vector<int32_t> coarse = Converted(seed, 16);
    shorts.records.push_back({{{Encoding::kInt16Le, kSamples}},
                              OctetsOf(std::vector<int16_t>(coarse.begin(), coarse.end()))});
    longs.records.push_back({{{Encoding::kInt32Le, kSamples}}, OctetsOf(Converted(seed, 24))});
    std::vector<float> scaled;
    for (const int32_t k : coarse) scaled.push_back(static_cast<float>(k * (160.0 / 65536)));
    converter.records.push_back({{{Encoding::kFloat32Le, kSamples}}, OctetsOf(scaled)});
    models::SimulatedMachine machine;
    machine.seed = seed;
    plain.records.push_back({{{Encoding::kFloat32Le, kSamples}},
                             OctetsOf(SimulateVibration(machine, {}, seed, 25600, kSamples))});
  }
  return {shorts, longs, converter, plain};
}

// int16, two channels of 2,560 samples a record, sample by sample.
RecordSet Femto(const std::filesystem::path& folder) {
  constexpr size_t kCount = 2560;
  RecordSet set{"femto int16", {}};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".gz") continue;
    const auto bytes = cli::ReadFileBytes(entry.path().string());
    if (!bytes.ok()) continue;
    const size_t records = bytes->size() / (2 * 2 * kCount);
    for (size_t r = 0; r < records; r += std::max<size_t>(1, records / kRecordsOfSet)) {
      StoredRecord record{{{Encoding::kInt16Le, kCount}, {Encoding::kInt16Le, kCount}}, {}};
      for (size_t channel = 0; channel < 2; ++channel) {
        for (size_t i = 0; i < kCount; ++i) {
          record.octets.append(bytes->data() + 2 * (2 * (r * kCount + i) + channel), 2);
        }
      }
      set.records.push_back(std::move(record));
    }
  }
  return set;
}

// Floats as the readers give them, cut into records.
RecordSet Recordings(const std::string& name, const std::filesystem::path& folder) {
  RecordSet set{name + " float32", {}};
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file() || !cli::LooksLikeRecordFile(entry.path().filename().string())) {
      continue;
    }
    auto file = cli::OpenRecordFile(entry.path().string());
    if (!file.ok()) continue;
    const auto recording = (*file)->Read(0);
    if (!recording.ok()) continue;
    const size_t count = std::min<size_t>(kSamples, recording->sample_count());
    for (size_t at = 0;
         count >= 256 && at + count <= std::min(recording->sample_count(), 4 * count);
         at += count) {
      StoredRecord record;
      for (const cli::RecordedChannel& channel : recording->channels) {
        record.layout.push_back({Encoding::kFloat32Le, count});
        record.octets.append(reinterpret_cast<const char*>(channel.samples.data() + at),
                             count * sizeof(float));
      }
      set.records.push_back(std::move(record));
    }
    if (set.records.size() >= kRecordsOfSet) break;
  }
  return set;
}

struct Figures {
  double ratio = 0, mb_s = 0;
};

// A compressor alone, with nothing known of samples.
Figures Alone(const RecordSet& set, const char* compressor) {
  size_t in = 0, out = 0;
  std::string packed;
  const double start = CpuSeconds();
  for (const StoredRecord& record : set.records) {
    packed.resize(record.octets.size() + BLOSC_MAX_OVERHEAD);
    const int size =
        blosc_compress_ctx(1, BLOSC_NOSHUFFLE, 4, record.octets.size(), record.octets.data(),
                           packed.data(), packed.size(), compressor, record.octets.size(), 1);
    in += record.octets.size();
    out += static_cast<size_t>(std::max(size, 0));
  }
  return {static_cast<double>(in) / static_cast<double>(out),
          static_cast<double>(in) / 1e6 / (CpuSeconds() - start)};
}

nlohmann::ordered_json Measure(const RecordSet& set) {
  db::SamplePacker packer;
  std::vector<std::string> packed;
  size_t in = 0, out = 0;
  for (const StoredRecord& record : set.records) {
    packed.push_back(packer.Pack(record.layout, record.octets));
    const auto back = db::UnpackSamples(record.layout, packed.back());
    if (!back.ok() || *back != record.octets) {
      std::fprintf(stderr, "%s: a record does not come back\n", set.name.c_str());
      std::exit(1);
    }
    in += record.octets.size();
    out += packed.back().size();
  }
  const double before_pack = CpuSeconds();
  for (const StoredRecord& record : set.records) packer.Pack(record.layout, record.octets);
  const double before_unpack = CpuSeconds();
  for (size_t i = 0; i < packed.size(); ++i) {
    if (!db::UnpackSamples(set.records[i].layout, packed[i]).ok()) std::exit(1);
  }
  const double megabytes = static_cast<double>(in) / 1e6;
  const double pack_s = before_unpack - before_pack, unpack_s = CpuSeconds() - before_unpack;
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  const Figures zstd = Alone(set, "zstd"), lz4 = Alone(set, "lz4");
  std::printf("%-30s %7zu %7.2f %8.0f %8.0f %8.2f %6.2f %7.0f\n", set.name.c_str(),
              set.records.size(), ratio, megabytes / pack_s, megabytes / unpack_s, zstd.ratio,
              lz4.ratio, zstd.mb_s);
  return {{"set", set.name},
          {"records", set.records.size()},
          {"ratio", ratio},
          {"pack_mb_s", megabytes / pack_s},
          {"unpack_mb_s", megabytes / unpack_s},
          {"zstd_ratio", zstd.ratio},
          {"lz4_ratio", lz4.ratio}};
}

int Run(const std::filesystem::path& data) {
  std::vector<RecordSet> sets = SimulatedSets();
  sets.push_back(Femto(data / "femto" / "compact_i16"));
  for (const char* name : {"cwru", "mfpt", "uestc", "ims/1st_test", "gearbox_spectraquest",
                           "motor_current_brb", "itsc"}) {
    sets.push_back(Recordings(name, data / name));
  }
  std::printf("%-30s %7s %7s %8s %8s %8s %6s %7s\n", "", "records", "ratio", "MB/s in", "MB/s out",
              "zstd -1", "lz4", "zstd MB/s");
  nlohmann::ordered_json result = {{"bench", "codec"}, {"sets", nlohmann::ordered_json::array()}};
  bool better = true;
  for (const RecordSet& set : sets) {
    if (set.records.empty()) {
      std::printf("%-30s not here, left out\n", set.name.c_str());
      continue;
    }
    result["sets"].push_back(Measure(set));
    const auto& last = result["sets"].back();
    const bool integers = set.records[0].layout[0].encoding != Encoding::kFloat32Le;
    better &= !integers || last["ratio"] > last["zstd_ratio"];
  }
  result["integers_better_than_zstd"] = better;
  std::printf("%s\n", result.dump().c_str());
  return better ? 0 : 1;
}

}  // namespace
}  // namespace auscult

int main(int argc, char** argv) {
  return auscult::Run(argc > 1 ? argv[1] : AUSCULT_SOURCE_DIR "/../shared/data");
}

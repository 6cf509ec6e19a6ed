#include "cli/read_mat.h"

#include <matio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/file_bytes.h"
#include "cli/isolated_read.h"
#include "cli/time_column.h"

namespace auscult::cli {
namespace {

constexpr size_t kMinSamples = 2;
constexpr size_t kMaxColumns = 64;
constexpr int kMaxDepth = 4;

struct Close {
  void operator()(mat_t* file) const { Mat_Close(file); }
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};

// A real array of numbers, column by column.
struct NumberArray {
  std::string name;  // "bearing.gs"
  size_t rows = 0;
  size_t columns = 0;
  std::vector<double> values;
};

struct MatContent {
  std::vector<NumberArray> arrays;
  std::vector<std::string> summaries;  // "X105_DE_time (121265x1)", for the message
};

template <typename T>
void Append(const matvar_t& variable, size_t count, std::vector<double>& out) {
  const T* values = static_cast<const T*>(variable.data);
  out.assign(values, values + count);
}

bool CopyValues(const matvar_t& variable, size_t count, std::vector<double>& out) {
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return Append<double>(variable, count, out), true;
    case MAT_C_SINGLE:
      return Append<float>(variable, count, out), true;
    case MAT_C_INT8:
      return Append<int8_t>(variable, count, out), true;
    case MAT_C_UINT8:
      return Append<uint8_t>(variable, count, out), true;
    case MAT_C_INT16:
      return Append<int16_t>(variable, count, out), true;
    case MAT_C_UINT16:
      return Append<uint16_t>(variable, count, out), true;
    case MAT_C_INT32:
      return Append<int32_t>(variable, count, out), true;
    case MAT_C_UINT32:
      return Append<uint32_t>(variable, count, out), true;
    case MAT_C_INT64:
      return Append<int64_t>(variable, count, out), true;
    case MAT_C_UINT64:
      return Append<uint64_t>(variable, count, out), true;
    default:
      return false;
  }
}

std::string Summary(const matvar_t& variable, const std::string& name) {
  std::string size;
  for (int i = 0; i < variable.rank; ++i) {
    absl::StrAppend(&size, i == 0 ? "" : "x", variable.dims[i]);
  }
  const char* kind = variable.class_type == MAT_C_CHAR     ? ", text"
                     : variable.class_type == MAT_C_CELL   ? ", cells"
                     : variable.class_type == MAT_C_STRUCT ? ", struct"
                     : variable.class_type == MAT_C_SPARSE ? ", sparse"
                     : variable.isComplex                  ? ", complex"
                                                           : "";
  return absl::StrCat(name, " (", size, kind, ")");
}

void Collect(const matvar_t& variable, const std::string& name, int depth, MatContent& content) {
  if (variable.rank < 1 || variable.dims == nullptr || depth > kMaxDepth) return;
  content.summaries.push_back(Summary(variable, name));
  if (variable.class_type == MAT_C_STRUCT) {
    // libmatio takes structs by mutable pointer and leaves them as they are.
    matvar_t* structure = const_cast<matvar_t*>(&variable);
    char* const* names = Mat_VarGetStructFieldnames(structure);
    const unsigned count = names == nullptr ? 0 : Mat_VarGetNumberOfFields(structure);
    for (unsigned i = 0; i < count; ++i) {
      const matvar_t* field = Mat_VarGetStructFieldByIndex(structure, i, 0);
      if (field != nullptr) Collect(*field, absl::StrCat(name, ".", names[i]), depth + 1, content);
    }
    return;
  }
  if (variable.rank != 2 || variable.isComplex != 0 || variable.data == nullptr) return;
  NumberArray array;
  array.name = name;
  array.rows = variable.dims[0];
  array.columns = variable.dims[1];
  const size_t count = array.rows * array.columns;
  if (variable.data_size <= 0 || count == 0 ||
      count > variable.nbytes / static_cast<size_t>(variable.data_size)) {
    return;
  }
  if (CopyValues(variable, count, array.values)) content.arrays.push_back(std::move(array));
}

// The part after the last dot, in lower case.
std::string Leaf(const std::string& name) {
  return absl::AsciiStrToLower(name.substr(name.rfind('.') + 1));
}

bool IsRateName(const std::string& leaf) {
  static const std::set<std::string> kNames = {
      "sr",         "fs",          "fsamp",          "samplefrequency",    "sample_frequency",
      "samplerate", "sample_rate", "samplingrate",   "sampling_rate",      "samplingfrequency",
      "rate_hz",    "sampling_hz", "sample_rate_hz", "sampling_frequency", "sampling_rate_hz"};
  return kNames.contains(leaf);
}

double Scalar(const MatContent& content, const std::string& full_name) {
  for (const NumberArray& array : content.arrays) {
    if (array.name == full_name && array.values.size() == 1) return array.values[0];
  }
  return std::nan("");
}

// Takes sampling rate and speed from scalars and time vectors.
void TakeConditions(const MatContent& content, size_t length, Recording& recording) {
  for (const NumberArray& array : content.arrays) {
    const std::string leaf = Leaf(array.name);
    if (array.values.size() == 1) {
      const double value = array.values[0];
      if (IsRateName(leaf) && value > 0) recording.sample_rate_hz = value;
      if (absl::EndsWith(leaf, "rpm") && value > 0) {
        recording.speed_rpm = static_cast<float>(value);
      }
      if (leaf == "load_percent") recording.load_percent = static_cast<float>(value);
      // MFPT: rate is that of the shaft, sr that of the samples.
      if (leaf == "rate" && value > 0) {
        const std::string prefix = array.name.substr(0, array.name.size() - leaf.size());
        if (Scalar(content, prefix + "sr") > 0) {
          recording.speed_rpm = static_cast<float>(60 * value);
          recording.speed_is_nominal = true;
        }
      }
    } else if ((leaf == "t" || leaf == "time") && array.values.size() == length) {
      const Sampling sampling = SamplingOf(array.values);
      recording.sample_rate_hz = sampling.sample_rate_hz;
      recording.clock_problem = sampling.problem;
    }
  }
}

bool IsTimeVector(const NumberArray& array) {
  const std::string leaf = Leaf(array.name);
  return leaf == "t" || leaf == "time";
}

size_t LengthOf(const NumberArray& array) { return std::max(array.rows, array.columns); }

bool IsCandidate(const NumberArray& array) {
  return LengthOf(array) >= kMinSamples && std::min(array.rows, array.columns) <= kMaxColumns;
}

// "X105_DE_time" -> "DE" and "bearing.gs" -> "gs", both in g; other names stay.
RecordedChannel NamedChannel(const std::string& variable) {
  static const std::regex kCwru("X\\d+_(DE|FE|BA)_time");
  std::smatch match;
  if (std::regex_match(variable, match, kCwru)) return {match[1].str(), "g", {}};
  const std::string leaf = variable.substr(variable.rfind('.') + 1);
  return {leaf, leaf == "gs" ? "g" : "", {}};
}

void AppendChannels(const NumberArray& array, std::vector<RecordedChannel>& channels) {
  const bool by_columns = array.rows >= array.columns;
  const size_t length = LengthOf(array);
  const size_t count = std::min(array.rows, array.columns);
  for (size_t c = 0; c < count; ++c) {
    RecordedChannel channel = NamedChannel(array.name);
    if (count > 1) absl::StrAppend(&channel.name, ".", c + 1);
    channel.samples.resize(length);
    for (size_t i = 0; i < length; ++i) {
      channel.samples[i] =
          static_cast<float>(array.values[by_columns ? c * length + i : i * count + c]);
    }
    channels.push_back(std::move(channel));
  }
}

void MakeNamesUnique(const std::vector<const NumberArray*>& sources,
                     std::vector<RecordedChannel>& channels) {
  std::set<std::string> names;
  for (const RecordedChannel& channel : channels) names.insert(channel.name);
  if (names.size() == channels.size() || sources.size() != channels.size()) return;
  for (size_t i = 0; i < channels.size(); ++i) channels[i].name = sources[i]->name;
}

absl::StatusOr<Recording> RecordingOf(const MatContent& content) {
  size_t length = 0;
  for (const NumberArray& array : content.arrays) {
    if (IsCandidate(array) && !IsTimeVector(array)) length = std::max(length, LengthOf(array));
  }
  if (length == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no variable holds a recording (a real vector or matrix of numbers); the file has ",
        content.summaries.empty() ? "no variables" : absl::StrJoin(content.summaries, ", ")));
  }
  Recording recording;
  std::vector<const NumberArray*> sources;
  for (const NumberArray& array : content.arrays) {
    if (!IsCandidate(array) || IsTimeVector(array) || LengthOf(array) != length) continue;
    AppendChannels(array, recording.channels);
    sources.push_back(&array);
  }
  MakeNamesUnique(sources, recording.channels);
  TakeConditions(content, length, recording);
  return recording;
}

// The elements of a version 5 file fill it exactly; libmatio passes over one that is cut off.
absl::Status CheckIsWhole(const std::string& path) {
  constexpr uint64_t kHeaderBytes = 128;
  std::ifstream file(path, std::ios::binary);
  std::array<char, kHeaderBytes> header{};
  if (!file.read(header.data(), header.size())) {
    return absl::DataLossError("the file ends inside its header; copy it again from its source");
  }
  if (!std::string_view(header.data(), header.size()).starts_with("MATLAB 5.0")) {
    return absl::OkStatus();
  }
  const bool swapped = header[126] == 'M';
  const uint64_t size = std::filesystem::file_size(path);
  uint64_t at = kHeaderBytes;
  for (std::array<unsigned char, 8> tag{}; at < size; at += 8) {
    file.seekg(static_cast<std::streamoff>(at));
    if (!file.read(reinterpret_cast<char*>(tag.data()), tag.size())) break;
    uint64_t bytes = 0;
    for (size_t i = 0; i < 4; ++i) bytes = bytes << 8 | tag[swapped ? 4 + i : 7 - i];
    at += bytes;
  }
  if (at == size) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the file is damaged or cut off: by its contents it should have ", at,
                   " bytes, it has ", size, "; copy it again from its source"));
}

absl::StatusOr<Recording> ReadMatHere(const std::string& path) {
  if (absl::Status status = CheckIsWhole(path); !status.ok()) return status;
  const std::unique_ptr<mat_t, Close> file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file) {
    return absl::InvalidArgumentError(
        "not a MATLAB file that can be read: its header is damaged or cut off");
  }
  MatContent content;
  while (true) {
    const std::unique_ptr<matvar_t, Close> variable(Mat_VarReadNext(file.get()));
    if (!variable) break;
    Collect(*variable, variable->name == nullptr ? "" : variable->name, 0, content);
  }
  return RecordingOf(content);
}

}  // namespace

absl::StatusOr<Recording> ReadMat(const std::string& path) {
  return ReadIsolated([&path] { return ReadMatHere(path); });
}

}  // namespace auscult::cli

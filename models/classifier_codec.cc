#include <string>

#include "absl/strings/str_cat.h"
#include "models/byte_codec.h"
#include "models/classifier.h"
#include "models/classifier_inputs.h"

namespace auscult::models {
namespace {

constexpr std::string_view kMagic = "ASCLS";
constexpr uint8_t kVersion = 1;

absl::Status Damaged(const std::string& problem) {
  return absl::DataLossError(absl::StrCat("model file: ", problem));
}

void WriteText(const std::string& text, ByteWriter& writer) {
  writer.Write(static_cast<uint32_t>(text.size()));
  for (const char letter : text) writer.Write(letter);
}

std::string ReadText(ByteReader& reader) {
  const auto size = reader.Read<uint32_t>();
  if (size > Classifier::kMaxTextBytes || !reader.Holds(size, 1)) return "";
  std::string text(size, '\0');
  for (char& letter : text) letter = reader.Read<char>();
  return text;
}

}  // namespace

std::string Classifier::Serialize() const {
  ByteWriter writer;
  for (const char letter : kMagic) writer.Write(letter);
  writer.Write(kVersion);
  writer.Write(static_cast<uint16_t>(kClassifierInputsVersion));
  writer.Write(parts_.set_id);
  writer.Write(static_cast<uint8_t>(parts_.classes.size()));
  for (const Fault fault : parts_.classes) writer.Write(static_cast<uint8_t>(fault));
  writer.Write(parts_.temperature);
  writer.Write(parts_.threshold);
  WriteText(parts_.recipe, writer);
  WriteText(parts_.metrics, writer);
  trees_.Write(writer);
  return std::move(writer).Finish();
}

absl::StatusOr<Classifier> Classifier::Parse(std::string_view bytes) {
  if (bytes.size() > kMaxBytes) {
    return Damaged(absl::StrCat(bytes.size(), " bytes, at most ", kMaxBytes, " are possible"));
  }
  if (!bytes.starts_with(kMagic)) return Damaged("this is no classifier of auscult train");
  ByteReader reader(bytes);
  if (!reader.ok()) return Damaged("the checksum does not match; it is damaged or cut off");
  for (size_t i = 0; i < kMagic.size(); ++i) reader.Read<char>();
  const auto version = reader.Read<uint8_t>();
  if (version != kVersion) {
    return Damaged(absl::StrCat("format ", version, ", this program knows ", kVersion));
  }
  const auto inputs = reader.Read<uint16_t>();
  Parts parts;
  parts.set_id = reader.Read<int16_t>();
  parts.classes.resize(reader.Read<uint8_t>());
  for (Fault& fault : parts.classes) fault = static_cast<Fault>(reader.Read<uint8_t>());
  parts.temperature = reader.Read<float>();
  parts.threshold = reader.Read<float>();
  parts.recipe = ReadText(reader);
  parts.metrics = ReadText(reader);
  if (!reader.ok()) return Damaged("it ends before its trees");
  absl::StatusOr<TreeEnsemble> trees = TreeEnsemble::Read(reader);
  if (!trees.ok()) return Damaged(std::string(trees.status().message()));
  if (!reader.AtEnd()) return Damaged("it goes on behind its trees");
  if (inputs != kClassifierInputsVersion || features::FindFeatureSet(parts.set_id) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("model file: made for inputs ", inputs, " of feature set ", parts.set_id,
                     ", this version has ", kClassifierInputsVersion, " of ",
                     features::kVibrationSet, "; train it again"));
  }
  absl::StatusOr<Classifier> classifier = Create(*std::move(trees), std::move(parts));
  if (!classifier.ok()) return Damaged(std::string(classifier.status().message()));
  return classifier;
}

}  // namespace auscult::models

#include "cli/bearing_table.h"

#include <algorithm>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "features/bearing_catalogue.h"

namespace auscult::cli {
namespace {

constexpr double kLargestOrder = 200;

// Letters and digits in lower case, without what stands in brackets.
std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  int depth = 0;
  bool inside = false;
  for (const char c : text) {
    if (c == '(') ++depth;
    const bool is_letter = depth == 0 && absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (c == ')' && depth > 0) --depth;
    if (is_letter && !inside) words.emplace_back();
    if (is_letter) words.back() += absl::ascii_tolower(static_cast<unsigned char>(c));
    inside = is_letter;
  }
  return words;
}

bool Contains(const std::vector<std::string>& text, const std::vector<std::string>& name) {
  return !name.empty() &&
         std::search(text.begin(), text.end(), name.begin(), name.end()) != text.end();
}

bool StartsWith(const std::vector<std::string>& text, const std::vector<std::string>& start) {
  return !start.empty() && text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin());
}

bool IsOrder(double value) { return value > 0 && value < kLargestOrder; }

std::optional<features::BearingOrders> OrdersOfGeometry(const NamedRow& row) {
  const double elements = row.Number("n_elements").value_or(0);
  const double element_mm = row.Number("d_mm").value_or(0);
  const double pitch_mm = row.Number("d_pitch_mm").value_or(0);
  if (!(elements >= 3 && elements < 200 && element_mm > 0 && pitch_mm > element_mm)) {
    return std::nullopt;
  }
  return features::OrdersOf({static_cast<int>(elements), static_cast<float>(element_mm),
                             static_cast<float>(pitch_mm),
                             static_cast<float>(row.Number("contact_deg").value_or(0))});
}

}  // namespace

BearingTable::BearingTable() {
  for (const features::CatalogueBearing& bearing : features::BearingCatalogue()) {
    entries_.push_back(
        {std::string(bearing.designation), "", features::OrdersOf(bearing.geometry)});
  }
}

absl::StatusOr<BearingTable> BearingTable::Read(const std::string& path) {
  absl::StatusOr<NamedTable> rows = ReadNamedTable(path, {});
  if (!rows.ok()) return rows.status();
  if (!rows->Has("bearing")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": no column \"bearing\" in its first line; a table of bearings has the columns ",
        "bearing, BPFO, BPFI, BSF, FTF and, if wanted, used_in"));
  }
  BearingTable table;
  std::vector<Entry> read;
  for (const NamedRow& row : rows->rows) {
    absl::Status problem;
    if (!row.problem.empty()) problem = absl::InvalidArgumentError(row.problem);
    absl::StatusOr<std::optional<features::BearingOrders>> orders = OrdersOfRow(row);
    if (problem.ok() && !orders.ok()) problem = orders.status();
    if (!problem.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": line ", row.line, ": ", problem.message()));
    }
    const auto known = *orders ? *orders : OrdersOfGeometry(row);
    if (known) read.push_back({row.Text("bearing"), row.Text("used_in"), *known});
  }
  table.entries_.insert(table.entries_.begin(), read.begin(), read.end());
  return table;
}

std::optional<features::MountedBearing> BearingTable::Find(std::string_view model,
                                                           std::string_view dataset) const {
  const std::vector<std::string> words = WordsOf(model);
  const Entry* best = nullptr;
  size_t best_length = 0;
  for (const Entry& entry : entries_) {
    const std::vector<std::string> name = WordsOf(entry.name);
    if (name.size() > best_length && Contains(words, name)) {
      best = &entry;
      best_length = name.size();
    }
  }
  if (best != nullptr) return Mounted(*best);
  // "6205" for the only 6205 that is known.
  int of_part = 0;
  for (const Entry& entry : entries_) {
    const std::vector<std::string> name = WordsOf(entry.name);
    const bool is_same = best != nullptr && name == WordsOf(best->name);
    if (is_same || !Contains(name, words)) continue;
    best = &entry;
    ++of_part;
  }
  if (of_part == 1) return Mounted(*best);
  const std::vector<std::string> set = WordsOf(dataset);
  int of_set = 0;
  for (const Entry& entry : entries_) {
    const std::vector<std::string> used_in = WordsOf(entry.used_in);
    if (!StartsWith(set, used_in) && !StartsWith(used_in, set)) continue;
    best = &entry;
    ++of_set;
  }
  if (of_set != 1) return std::nullopt;
  return Mounted(*best);
}

std::string FindBearingTable(const std::string& manifest_path) {
  const std::filesystem::path folder =
      std::filesystem::absolute(manifest_path).lexically_normal().parent_path();
  std::error_code error;
  for (const std::filesystem::path& place : {folder, folder.parent_path()}) {
    for (const char* name : {"BEARINGS.csv", "bearings.csv"}) {
      if (std::filesystem::is_regular_file(place / name, error)) return (place / name).string();
    }
  }
  return "";
}

absl::StatusOr<std::optional<features::BearingOrders>> OrdersOfRow(const NamedRow& row) {
  const bool none = row.Text("bpfo").empty() && row.Text("bpfi").empty();
  if (none) return std::optional<features::BearingOrders>();
  const double bpfo = row.Number("bpfo").value_or(0), bpfi = row.Number("bpfi").value_or(0);
  if (!IsOrder(bpfo) || !IsOrder(bpfi) || bpfi <= bpfo) {
    return absl::InvalidArgumentError(
        absl::StrCat("bpfo \"", row.Text("bpfo"), "\" and bpfi \"", row.Text("bpfi"),
                     "\" are no defect frequencies; give multiples of the shaft speed, as 3.05 "
                     "and 4.95"));
  }
  const double elements = bpfo + bpfi;
  const double ratio = (bpfi - bpfo) / elements;  // of element and pitch diameter
  const double bsf =
      row.Text("bsf").empty() ? (1 - ratio * ratio) / (2 * ratio) : row.Number("bsf").value_or(0);
  const double ftf = row.Text("ftf").empty() ? bpfo / elements : row.Number("ftf").value_or(0);
  if (!IsOrder(bsf) || !(ftf > 0 && ftf < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("bsf \"", row.Text("bsf"), "\" and ftf \"", row.Text("ftf"),
                     "\" are no frequencies of ball and cage; give multiples of the shaft speed, "
                     "as 1.99 and 0.38, or leave them out"));
  }
  return std::optional<features::BearingOrders>({static_cast<float>(bpfo), static_cast<float>(bpfi),
                                                 static_cast<float>(bsf), static_cast<float>(ftf)});
}

}  // namespace auscult::cli

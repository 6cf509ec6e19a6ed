#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/admin_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

// "1.5 GB", of 1024.
std::string BytesText(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (std::abs(bytes) >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return absl::StrCat(Shown(bytes), " ", kUnits[unit]);
}

void Print(const v1::Storage& storage, const Terminal& terminal) {
  Table table({{"kind"},
               {"size", Align::kRight},
               {"rows, about", Align::kRight},
               {"partitions", Align::kRight},
               {"oldest"},
               {"a day", Align::kRight}});
  for (const v1::StorageKind& kind : storage.kinds()) {
    table.AddRow({kind.kind(), BytesText(static_cast<double>(kind.bytes())),
                  ShownCount(kind.row_count()), absl::StrCat(kind.partition_count()),
                  TimeText(kind.oldest_time()),
                  kind.has_bytes_per_day() ? BytesText(kind.bytes_per_day()) : "-"});
  }
  terminal.out << table.Render() << "database  "
               << BytesText(static_cast<double>(storage.database_bytes())) << "\n";
  if (storage.disk_total_bytes() == 0) return;
  terminal.out << "disk      " << BytesText(static_cast<double>(storage.disk_free_bytes()))
               << " free of " << BytesText(static_cast<double>(storage.disk_total_bytes()));
  if (storage.has_full_time()) {
    terminal.out << ", full about " << TimeText(storage.full_time()).substr(0, 10)
                 << " if it grows as in the last 30 days";
  }
  terminal.out << "\n";
}

}  // namespace

void AddStorage(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "storage", "Show what each kind takes on disk, how it grows, and when the disk is full.");
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([json, &server, &chosen] {
    chosen = [json, &server](const Terminal& terminal) -> absl::Status {
      const auto storage =
          AskAdmin(server, &v1::AdminService::Stub::GetStorage, v1::GetStorageRequest());
      if (!storage.ok()) return storage.status();
      if (*json) {
        terminal.out << MessageJson(*storage);
      } else {
        Print(*storage, terminal);
      }
      return absl::OkStatus();
    };
  });
}

}  // namespace auscult::cli

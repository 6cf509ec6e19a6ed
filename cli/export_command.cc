#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/export_table.h"
#include "cli/health_text.h"
#include "cli/plant_file.h"
#include "cli/plant_reading.h"
#include "cli/progress.h"
#include "cli/send_records.h"
#include "cli/server_channel.h"
#include "cli/time_option.h"
#include "cli/waveform_file.h"

namespace auscult::cli {
namespace {

struct ExportOptions {
  std::string name;
  std::string start, end;
  std::string csv, samples;
};

absl::StatusOr<v1::ExportRecordsRequest> RequestOf(const ExportOptions& options) {
  v1::ExportRecordsRequest request;
  for (const auto& [option, text, time] :
       {std::tuple("--from", &options.start, request.mutable_start_time()),
        {"--to", &options.end, request.mutable_end_time()}}) {
    if (text->empty()) continue;
    absl::StatusOr<absl::Time> given = ParseTimeOption(option, *text);
    if (!given.ok()) return given.status();
    *time = TimestampOf(*given);
  }
  if (options.start.empty()) request.clear_start_time();
  if (options.end.empty()) request.clear_end_time();
  request.set_samples(!options.samples.empty());
  request.set_only_samples(options.csv.empty());
  return request;
}

// The point itself, or all of an asset.
absl::StatusOr<std::vector<std::string>> PointsOf(const std::string& name,
                                                  const std::shared_ptr<grpc::Channel>& channel,
                                                  const ServerOptions& server) {
  if (name.find("/points/") != std::string::npos) return std::vector<std::string>{name};
  const auto listed = ListAllPoints(channel, server, name);
  if (!listed.ok()) return listed.status();
  std::vector<std::string> points;
  for (const v1::Point& point : listed->points()) points.push_back(point.name());
  return points;
}

// "sites/demo/assets/pump-1/points/de" -> "demo.pump-1.de.waveforms".
std::string FileNameOf(const std::string& point) {
  return absl::StrReplaceAll(ShortName(point), {{"/", "."}}) + kWaveformFileEnding;
}

// Where the records of an export go.
class ExportTarget {
 public:
  absl::Status Open(const ExportOptions& options) {
    folder_ = options.samples;
    std::error_code error;
    if (!folder_.empty()) std::filesystem::create_directories(folder_, error);
    if (error) return absl::InvalidArgumentError(absl::StrCat(folder_, ": ", error.message()));
    if (options.csv.empty()) return absl::OkStatus();
    csv_path_ = options.csv;
    csv_.open(csv_path_, std::ios::trunc);
    return CheckCsv();
  }

  absl::Status Take(const std::string& point, const v1::ExportRecordsResponse& message) {
    if (message.names_size() > 0) {
      names_.assign(message.names().begin(), message.names().end());
    }
    for (const v1::ExportedRecord& record : message.records()) {
      ++records_;
      damaged_ += std::count(record.quality().begin(), record.quality().end(), "samples_damaged");
      if (!csv_path_.empty()) {
        if (absl::Status status = table_.Add(point, names_, record, csv_); !status.ok()) {
          return status;
        }
      }
      if (folder_.empty() || !record.has_waveform()) continue;
      if (absl::Status status = Keep(point, record.waveform()); !status.ok()) return status;
    }
    return csv_path_.empty() ? absl::OkStatus() : CheckCsv();
  }

  absl::Status EndOfPoint() {
    if (file_ == nullptr) return absl::OkStatus();
    const absl::Status status = file_->Close();
    file_.reset();
    return status;
  }

  absl::Status Close() {
    if (csv_path_.empty()) return absl::OkStatus();
    csv_.close();
    return CheckCsv();
  }

  int64_t records() const { return records_; }
  int64_t waveforms() const { return waveforms_; }
  int64_t damaged() const { return damaged_; }

 private:
  absl::Status Keep(const std::string& point, const v1::Waveform& waveform) {
    if (file_ == nullptr) {
      auto file =
          WaveformFileWriter::Create((std::filesystem::path(folder_) / FileNameOf(point)).string());
      if (!file.ok()) return file.status();
      file_ = *std::move(file);
    }
    ++waveforms_;
    return file_->Write(waveform);
  }

  absl::Status CheckCsv() const {
    if (csv_.good()) return absl::OkStatus();
    return absl::ResourceExhaustedError(absl::StrCat(
        csv_path_, ": cannot be written; is there room on the disk, and may you write?"));
  }

  std::string folder_, csv_path_;
  std::ofstream csv_;
  ExportTable table_;
  std::vector<std::string> names_;
  std::unique_ptr<WaveformFileWriter> file_;
  int64_t records_ = 0, waveforms_ = 0, damaged_ = 0;
};

absl::Status ExportPoint(v1::TrendService::Stub& trends, const v1::ExportRecordsRequest& request,
                         const ServerOptions& server, ExportTarget& target, Progress& progress) {
  grpc::ClientContext context;
  const auto stream = trends.ExportRecords(&context, request);
  v1::ExportRecordsResponse message;
  absl::Status status;
  while (status.ok() && stream->Read(&message)) {
    status = target.Take(request.point(), message);
    progress.Show(target.records());
  }
  if (!status.ok()) context.TryCancel();
  const grpc::Status end = stream->Finish();
  const absl::Status closed = target.EndOfPoint();
  if (!status.ok()) return status;
  return end.ok() ? closed : ErrorOf(end, server);
}

absl::Status Run(const ExportOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  if (options.csv.empty() && options.samples.empty()) {
    return WrongUse(
        "say what is exported: --csv FILE for features, --samples FOLDER for the "
        "raw records, or both");
  }
  absl::StatusOr<v1::ExportRecordsRequest> request = RequestOf(options);
  if (!request.ok()) return request.status();
  const auto channel = OpenChannel(server);
  const auto points = PointsOf(ResourceName(options.name), channel, server);
  if (!points.ok()) return points.status();
  ExportTarget target;
  if (absl::Status status = target.Open(options); !status.ok()) return status;
  const auto trends = v1::TrendService::NewStub(channel);
  {
    Progress progress(terminal, 0);
    for (const std::string& point : *points) {
      request->set_point(point);
      const absl::Status status = ExportPoint(*trends, *request, server, target, progress);
      if (!status.ok()) return status;
    }
  }
  if (absl::Status status = target.Close(); !status.ok()) return status;
  terminal.out << target.records() << " records of " << points->size() << " points";
  if (!options.csv.empty()) terminal.out << ", their features in " << options.csv;
  if (!options.samples.empty()) {
    terminal.out << ", " << target.waveforms() << " with samples in " << options.samples;
  }
  terminal.out << "\n";
  if (target.damaged() == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the stored samples of ", target.damaged(),
                                          " records are damaged and were left out"));
}

struct ImportOptions {
  std::string source;
  WaveformSender::Limits limits;
  bool json = false;
};

absl::Status RunImport(const ImportOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  auto files = WaveformFiles::Open(options.source);
  if (!files.ok()) return files.status();
  return SendRecords(**files, OpenChannel(server), server, options.limits, options.json, terminal);
}

}  // namespace

void AddExport(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand(
      "export",
      "Write the records of a point, or of all points of an asset, into files: features and scores "
      "as CSV, raw records as they\nwere sent, which \"auscult import\" sends again.");
  command->add_option("NAME", options->name, "Point (demo/pump-1/de) or asset")->required();
  command->add_option("--from", options->start, "From this time on")->type_name("TIME");
  command->add_option("--to", options->end, "Before this time")->type_name("TIME");
  command->add_option("--csv", options->csv, "Features, one line a record")->type_name("FILE");
  command->add_option("--samples", options->samples, "Raw records, one file a point")
      ->type_name("FOLDER");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

void AddImport(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      app.add_subcommand("import",
                         "Send the raw records that \"auscult export --samples\" wrote. What the "
                         "server has already is "
                         "a duplicate and changes\nnothing; the points must exist.");
  command->add_option("SOURCE", options->source, "Folder, or one of its files")->required();
  AddSendingOptions(*command, options->limits, options->json);
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return RunImport(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "auscult/v1/trend_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/spectrum_picture.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

constexpr size_t kPictureHeight = 10;
constexpr int kShownPeaks = 15;

struct SpectrumOptions {
  std::string point;
  std::string at;
  std::string channel;
  std::string unit;
  bool envelope = false;
  std::vector<double> band;
  bool rms = false;
  double min_hz = 0, max_hz = 0;
  int max_points = 0;
  bool json = false;
};

template <typename Request>
absl::Status Fill(const SpectrumOptions& options, const Terminal& terminal, Request& request) {
  request.set_point(ResourceName(options.point));
  request.set_channel(options.channel);
  request.set_max_hz(options.max_hz);
  request.set_max_points(options.max_points > 0 ? options.max_points
                         : options.json         ? 0
                                                : terminal.width);
  if (options.at.empty()) return absl::OkStatus();
  absl::StatusOr<absl::Time> at = ParseTimeOption("--at", options.at);
  if (!at.ok()) return at.status();
  *request.mutable_measured_at() = TimestampOf(*at);
  return absl::OkStatus();
}

absl::StatusOr<v1::Spectrum> Ask(const SpectrumOptions& options, const ServerOptions& server,
                                 const Terminal& terminal) {
  const auto trends = v1::TrendService::NewStub(OpenChannel(server));
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::Spectrum spectrum;
  grpc::Status status;
  if (options.envelope) {
    if (!options.unit.empty() || options.rms || options.min_hz > 0) {
      return WrongUse("--unit, --rms and --min-hz do not go with --envelope");
    }
    v1::GetEnvelopeSpectrumRequest request;
    if (absl::Status filled = Fill(options, terminal, request); !filled.ok()) return filled;
    if (!options.band.empty()) {
      request.set_band_low_hz(options.band[0]);
      request.set_band_high_hz(options.band[1]);
    }
    status = trends->GetEnvelopeSpectrum(&context, request, &spectrum);
  } else {
    if (!options.band.empty()) return WrongUse("--band goes with --envelope");
    v1::GetSpectrumRequest request;
    if (absl::Status filled = Fill(options, terminal, request); !filled.ok()) return filled;
    request.set_unit(options.unit);
    request.set_rms(options.rms);
    request.set_min_hz(options.min_hz);
    status = trends->GetSpectrum(&context, request, &spectrum);
  }
  if (!status.ok()) return ErrorOf(status, server);
  return spectrum;
}

void PrintSpectrum(const SpectrumOptions& options, const v1::Spectrum& spectrum,
                   const Terminal& terminal) {
  terminal.out << ShortName(ResourceName(options.point))
               << (spectrum.channel().empty() ? "" : absl::StrCat(" ", spectrum.channel())) << ", "
               << TimeText(spectrum.measured_at());
  if (spectrum.has_speed_rpm()) terminal.out << ", " << Shown(spectrum.speed_rpm()) << " rpm";
  if (options.envelope) {
    terminal.out << ", envelope of " << Shown(spectrum.band_low_hz()) << " to "
                 << Shown(spectrum.band_high_hz()) << " Hz";
  }
  terminal.out << "\n\n"
               << SpectrumPicture(
                      {spectrum.values().data(), static_cast<size_t>(spectrum.values_size())},
                      static_cast<size_t>(terminal.width), kPictureHeight)
               << absl::StrFormat(
                      "%s Hz to %s Hz, a bin of the record is %s Hz\n\n",
                      Shown(spectrum.start_hz()),
                      Shown(spectrum.start_hz() + spectrum.step_hz() * spectrum.values_size()),
                      Shown(spectrum.bin_hz()));
  const std::string unit = options.envelope ? "share" : spectrum.unit();
  Table peaks({{absl::StrCat(unit, options.rms ? " rms" : ""), Align::kRight},
               {"Hz", Align::kRight},
               {"orders", Align::kRight},
               {"line"}});
  for (int i = 0; i < std::min(kShownPeaks, spectrum.peaks_size()); ++i) {
    const v1::SpectralPeak& peak = spectrum.peaks(i);
    peaks.AddRow({Shown(peak.amplitude()), Shown(peak.hz()),
                  peak.has_orders() ? Shown(peak.orders()) : "-", peak.line()});
  }
  terminal.out << (peaks.empty() ? "Nothing stands out.\n" : peaks.Render());
  if (spectrum.lines().empty()) return;
  Table lines({{"line of the machine"}, {"Hz", Align::kRight}, {"orders", Align::kRight}});
  for (const v1::MachineLine& line : spectrum.lines()) {
    lines.AddRow({line.name(), Shown(line.hz()), line.has_orders() ? Shown(line.orders()) : "-"});
  }
  terminal.out << "\n" << lines.Render();
}

absl::Status Run(const SpectrumOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  const absl::StatusOr<v1::Spectrum> spectrum = Ask(options, server, terminal);
  if (!spectrum.ok()) return spectrum.status();
  if (options.json) {
    terminal.out << MessageJson(*spectrum);
  } else {
    PrintSpectrum(options, *spectrum, terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddSpectrum(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<SpectrumOptions>();
  CLI::App* command = app.add_subcommand(
      "spectrum",
      "Show the spectrum of a stored record of a point (demo/pump-1/de), its peaks, and where the "
      "machine's own lines stand.");
  command->add_option("POINT", options->point, "Point")->required();
  command
      ->add_option("--at", options->at, "Record of this time; without it the newest with samples")
      ->type_name("TIME");
  command->add_option("--channel", options->channel, "Channel; without it the first")
      ->type_name("NAME");
  command->add_option("--unit", options->unit, "m/s2, g, mm/s, in/s, um, A, ...");
  command->add_flag("--envelope", options->envelope, "Of the squared envelope of a band");
  command
      ->add_option("--band", options->band,
                   "Band of the envelope; without it the one that the diagnosis chose")
      ->expected(2)
      ->type_name("LOW HIGH");
  command->add_flag("--rms", options->rms, "RMS of lines instead of their peak amplitude");
  command->add_option("--min-hz", options->min_hz, "From here")->check(CLI::NonNegativeNumber);
  command->add_option("--max-hz", options->max_hz, "Up to here")->check(CLI::PositiveNumber);
  command->add_option("--max-points", options->max_points, "Values in the answer")
      ->check(CLI::Range(1, 65536));
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli

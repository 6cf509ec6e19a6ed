#include "cli/send_flags.h"

namespace auscult::cli {

void AddSendFlags(CLI::App& command, SendOptions& send, std::string& sidecar,
                  const std::string& group) {
  command.add_option("--channel", send.channels, "Channels, in the order of the point")
      ->group(group)
      ->type_name("NAME");
  command.add_option("--rate-hz", send.rate_hz, "Sampling rate")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--unit", send.unit, "Unit; outweighs the file")->group(group);
  command
      .add_option("--speed-rpm", send.speed_rpm,
                  "Measured speed; leave a nominal one to the machine data of the asset")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command.add_option("--load-percent", send.load_percent, "Load")->group(group);
  command.add_option("--sidecar", sidecar, "Description of raw samples")
      ->group(group)
      ->type_name("FILE");
}

}  // namespace auscult::cli

#include "server/limit_judgement.h"

#include "auscult/v1/health_service.pb.h"
#include "features/iso20816.h"
#include "server/concat.h"
#include "server/machine_view.h"
#include "server/plant_rows.h"

namespace auscult::server {

std::string LimitJudgement(std::string_view limits, const v1::Machine& machine) {
  // The order of fields and the space between them say nothing.
  v1::PointLimits read;
  std::string text =
      ReadStoredJson(limits, "limits", read).ok() ? StoredJson(read) : std::string(limits);
  if (const auto zones = features::LimitsFor(MachineOf(machine, {}))) {
    text += Concat(" ", zones->ab, " ", zones->bc, " ", zones->cd);
  }
  return text;
}

}  // namespace auscult::server

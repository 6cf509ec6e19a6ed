// How surely is a simulated fault named at a stated signal-to-noise ratio, and how often is a
// healthy machine accused? One row a fault, the share that is named, and after the slash the share
// that is called another fault. With --records one line of JSON for each record as well, for
// bench/calibrate_diagnosis.py.

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "bench/detection_scene.h"

namespace {

using auscult::models::Diagnosis;
using auscult::models::Fault;
using Json = nlohmann::ordered_json;

constexpr int kMachines = 40;
constexpr int kHealthyMachines = 400;
constexpr int kSnrDb[] = {-20, -15, -10, -5, 0, 5, 10};
constexpr Fault kFaults[] = {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall,
                             Fault::kCage,      Fault::kUnbalance, Fault::kMisalignment,
                             Fault::kLooseness, Fault::kGear,      Fault::kElectrical};

void PrintRecord(Fault truth, const Diagnosis& diagnosis) {
  Json record = {{"dataset", "simulator"}, {"truth", FaultName(truth)}};
  record["ranking"] = Json::array();
  for (const auto& ranked : diagnosis.ranking) {
    record["ranking"].push_back(
        {{"fault", FaultName(ranked.fault)}, {"probability", ranked.probability}});
  }
  std::printf("%s\n", record.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const bool records = argc > 1 && std::string_view(argv[1]) == "--records";
  auscult::features::Extractor extractor;
  Json curve = Json::object();
  if (!records) {
    std::printf("| fault |");
    for (const int snr_db : kSnrDb) std::printf(" %+d dB |", snr_db);
    std::printf("\n");
  }
  for (const Fault fault : kFaults) {
    const std::string name(FaultName(fault));
    if (!records) std::printf("| %s |", name.c_str());
    for (const int snr_db : kSnrDb) {
      int named = 0;
      int wrong = 0;
      for (int seed = 1; seed <= kMachines; ++seed) {
        const Diagnosis diagnosis = SceneDiagnosis(extractor, fault, seed, snr_db);
        if (records) PrintRecord(fault, diagnosis);
        named += diagnosis.verdict == fault;
        wrong += diagnosis.verdict != fault && NamesFault(diagnosis.verdict);
      }
      curve[name].push_back({{"snr_db", snr_db}, {"named", named}, {"wrong", wrong}});
      if (!records) {
        std::printf(" %.0f/%.0f |", 100.0 * named / kMachines, 100.0 * wrong / kMachines);
      }
    }
    if (!records) std::printf("\n");
  }
  int accused = 0;
  for (int seed = 1; seed <= kHealthyMachines; ++seed) {
    const Diagnosis diagnosis = SceneDiagnosis(extractor, Fault::kHealthy, seed, 0);
    if (records) PrintRecord(Fault::kHealthy, diagnosis);
    accused += NamesFault(diagnosis.verdict);
  }
  if (records) return 0;
  std::printf("%d of %d healthy machines accused\n", accused, kHealthyMachines);
  const Json result = {{"machines", kMachines},
                       {"healthy_machines", kHealthyMachines},
                       {"healthy_accused", accused},
                       {"curve", curve}};
  std::printf("%s\n", result.dump().c_str());
}

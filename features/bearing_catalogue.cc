#include "features/bearing_catalogue.h"

#include <array>
#include <string>

#include "absl/strings/ascii.h"

namespace auscult::features {
namespace {

constexpr std::array kBearings = {
    CatalogueBearing{"6203-paderborn",
                     "Paderborn 6203",
                     "FAG, IBU, MTK",
                     {8, 6.75f, 28.55f, 0.0f},
                     "Lessmeier et al., Condition Monitoring of Bearing Damage in "
                     "Electromechanical Drive Systems, PHM Society Europe 2016"},
    CatalogueBearing{"ldk-uer204",
                     "LDK UER204",
                     "LDK",
                     {8, 7.92f, 34.55f, 0.0f},
                     "Wang et al., A Hybrid Prognostics Approach for Estimating Remaining Useful "
                     "Life of Rolling Element Bearings (XJTU-SY), IEEE Trans. Reliability 2020"},
    CatalogueBearing{"nice-mfpt",
                     "NICE",
                     "NICE",
                     {8, 5.969f, 31.623f, 0.0f},
                     "MFPT Society, Condition Based Maintenance Fault Database"},
    CatalogueBearing{"pronostia-20x32x7",
                     "PRONOSTIA 20x32x7",
                     "NSK 6804 class",
                     {13, 3.5f, 25.6f, 0.0f},
                     "IEEE PHM 2012 Prognostic Challenge, appendix A.1"},
    CatalogueBearing{"rexnord-za-2115",
                     "Rexnord ZA-2115",
                     "Rexnord",
                     {16, 8.407f, 71.501f, 15.17f},
                     "Lee et al., IMS University of Cincinnati, Bearing Data Set, NASA Prognostics "
                     "Data Repository"},
    CatalogueBearing{"skf-6203-2rs-jem",
                     "SKF 6203-2RS JEM",
                     "SKF",
                     {8, 6.746f, 28.499f, 0.0f},
                     "Case Western Reserve University Bearing Data Center, bearing information"},
    CatalogueBearing{"skf-6205-2rs-jem",
                     "SKF 6205-2RS JEM",
                     "SKF",
                     {9, 7.940f, 39.040f, 0.0f},
                     "Case Western Reserve University Bearing Data Center, bearing information"},
};

std::string Normalised(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c)) && c != '-') {
      key.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return key;
}

}  // namespace

std::span<const CatalogueBearing> BearingCatalogue() { return kBearings; }

const CatalogueBearing* FindBearing(std::string_view name) {
  const std::string key = Normalised(name);
  for (const CatalogueBearing& bearing : kBearings) {
    if (key == Normalised(bearing.id) || key == Normalised(bearing.designation)) return &bearing;
  }
  return nullptr;
}

}  // namespace auscult::features

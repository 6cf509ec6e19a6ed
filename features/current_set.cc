#include "features/current_set.h"

namespace auscult::features {
namespace {

constexpr std::array<FeatureDefinition, kCurrentCount> kDefinitions = {{
    {"mean", "SI", Scale::kLinear, "arithmetic mean of the record"},
    {"rms", "SI", Scale::kLinear, "root mean square without the mean"},
    {"peak", "SI", Scale::kLinear, "largest distance from the mean"},
    {"peak_to_peak", "SI", Scale::kLinear, "highest less lowest sample"},
    {"crest_factor", "", Scale::kLinear, "peak / rms: 1.41 for a pure sine"},
    {"kurtosis", "", Scale::kLinear, "fourth central moment / rms^4: 1.5 for a pure sine"},
    {"line_frequency_hz", "Hz", Scale::kOrders,
     "frequency of the strongest line, by interpolation between bins"},
    {"thd_percent", "%", Scale::kLinear, "RMS of harmonics 2 to 40 / RMS of the fundamental"},
    {"unbalance_percent", "%", Scale::kLinear,
     "largest deviation of a phase from the mean of three / that mean (NEMA MG 1), of the "
     "fundamentals"},
    {"negative_sequence_percent", "%", Scale::kLinear,
     "negative over positive sequence of the three fundamentals"},
    {"sideband_low_db", "dB", Scale::kLinear,
     "level of the line at (1-2s)f below that at f: smaller is worse"},
    {"sideband_high_db", "dB", Scale::kLinear,
     "level of the line at (1+2s)f below that at f: smaller is worse"},
    {"slip", "", Scale::kLinear, "1 - speed x pole pairs / line frequency"},
    {"level_db", "dB", Scale::kLevelDb, "20 log10 of rms in SI units"},
    {"line_db", "dB", Scale::kLevelDb, "20 log10 of the RMS of the fundamental"},
    {"harmonic_3_db", "dB", Scale::kLevelDb, "20 log10 of the RMS of harmonic 3"},
    {"harmonic_5_db", "dB", Scale::kLevelDb, "20 log10 of the RMS of harmonic 5"},
    {"harmonic_7_db", "dB", Scale::kLevelDb, "20 log10 of the RMS of harmonic 7"},
    {"below_line_db", "dB", Scale::kLevelDb,
     "10 log10 of the mean square from 0.1 to 0.9 x line frequency"},
    {"above_line_db", "dB", Scale::kLevelDb,
     "10 log10 of the mean square from 1.1 to 1.9 x line frequency"},
    {"high_band_db", "dB", Scale::kLevelDb,
     "10 log10 of the mean square above 20 x line frequency"},
}};

// A list that is one short would end in an entry without a name.
static_assert(!kDefinitions.back().name.empty());

}  // namespace

std::span<const FeatureDefinition> CurrentFeatures() { return kDefinitions; }

}  // namespace auscult::features

#include "tests/fuzz/plant_target.h"

#include <cstdlib>
#include <string>

#include "cli/plant_file.h"
#include "tests/fuzz/memory_file.h"

namespace auscult::fuzz {

void TryPlantFile(std::string_view bytes) {
  static MemoryFile file;
  file.Set(bytes);
  const auto plant = cli::ReadPlantFile(file.path());
  if (!plant.ok()) {
    if (plant.status().message().empty()) std::abort();
    return;
  }
  if (!plant->plant.site().name().starts_with("sites/")) std::abort();
  for (const auto& [path, position] : plant->positions) {
    const cli::FilePosition found = cli::PositionOf(plant->positions, path);
    if (found.line != position.line || found.column != position.column) std::abort();
  }
}

}  // namespace auscult::fuzz

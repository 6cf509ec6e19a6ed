#pragma once

#include <string_view>

namespace auscult::fuzz {

// A plant file to a plant. Aborts where a refusal does not say why, or a plant without the name of
// its site is accepted.
void TryPlantFile(std::string_view bytes);

}  // namespace auscult::fuzz

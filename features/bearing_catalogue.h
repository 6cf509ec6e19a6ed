#pragma once

#include <span>
#include <string_view>

#include "features/machine.h"

namespace auscult::features {

// A bearing whose defect orders have a named public source. Where the geometry is public too, the
// orders follow from it; no geometry is invented.
struct CatalogueBearing {
  std::string_view id;           // "skf-6205-2rs-jem": lower case, digits and dashes
  std::string_view designation;  // "SKF 6205-2RS JEM"
  std::string_view manufacturer;
  BearingGeometry geometry;
  std::string_view source;
};

// Sorted by id. Static.
std::span<const CatalogueBearing> BearingCatalogue();

// By id or by designation, ignoring case, blanks and dashes; nullptr when there is none.
const CatalogueBearing* FindBearing(std::string_view name);

}  // namespace auscult::features

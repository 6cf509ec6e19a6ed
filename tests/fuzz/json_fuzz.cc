#include <cstddef>
#include <cstdint>

#include "tests/fuzz/json_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  auscult::fuzz::TryJson({reinterpret_cast<const char*>(bytes), size});
  return 0;
}

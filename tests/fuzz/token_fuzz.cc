#include <cstddef>
#include <cstdint>

#include "tests/fuzz/token_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  auscult::fuzz::TryToken({reinterpret_cast<const char*>(bytes), size});
  return 0;
}

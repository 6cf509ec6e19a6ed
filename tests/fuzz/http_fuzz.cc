#include "tests/fuzz/http_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  auscult::fuzz::TryHttp({reinterpret_cast<const char*>(bytes), size});
  return 0;
}

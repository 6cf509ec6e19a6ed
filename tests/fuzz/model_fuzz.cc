#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  auscult::fuzz::TryModel({bytes, size});
  return 0;
}

#include "db/raw_samples.h"

namespace auscult::db {

void PackRaw(SamplePacker& packer, RawSamples& raw) {
  if (raw.codec != SampleCodec::kAsSent || raw.layout.empty()) return;
  raw.samples = packer.Pack(raw.layout, raw.samples);
  raw.codec = SampleCodec::kPacked;
}

}  // namespace auscult::db

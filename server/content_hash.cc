#include "server/content_hash.h"

#include <bit>
#include <cmath>
#include <limits>

#include "xxhash.h"

namespace auscult::server {

static_assert(std::endian::native == std::endian::little,
              "numbers are hashed as they lie in memory");

ContentHash::ContentHash(std::string_view kind) : state_(XXH3_createState()) {
  XXH3_128bits_reset(state_);
  AddOctets(kind);
}

ContentHash::~ContentHash() { XXH3_freeState(state_); }

void ContentHash::AddOctets(std::string_view octets) {
  AddInteger(octets.size());
  XXH3_128bits_update(state_, octets.data(), octets.size());
}

void ContentHash::AddInteger(uint64_t value) { XXH3_128bits_update(state_, &value, sizeof(value)); }

void ContentHash::AddReal(double value) {
  AddInteger(std::bit_cast<uint64_t>(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN()
                                                       : value));
}

std::string ContentHash::Digest() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_));
  return std::string(reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest));
}

}  // namespace auscult::server

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace auscult::server {

// Hash of what a sender said in a record: XXH3-128 over a sequence of fields. Octets are framed by
// their length and numbers have a fixed width, so two different sequences of the same kinds never
// give the same input.
class ContentHash {
 public:
  // `kind` sets apart what is hashed: "waveform/1".
  explicit ContentHash(std::string_view kind);
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;

  void AddOctets(std::string_view octets);
  void AddInteger(uint64_t value);
  void AddReal(double value);  // by its bits: 0 and -0 differ, every NaN is the same

  // 16 bytes, the same on every machine.
  std::string Digest() const;

 private:
  XXH3_state_s* state_;
};

}  // namespace auscult::server

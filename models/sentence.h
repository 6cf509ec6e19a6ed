#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace auscult::models {

// What stands in a sentence: a number or a text. A text is borrowed.
class Word {
 public:
  Word(float number) : number_(number) {}
  Word(int number) : number_(number) {}
  Word(std::string_view text) : text_(text) {}
  Word(const std::string& text) : text_(text) {}
  Word(const char* text) : text_(text) {}

  double number() const { return number_; }
  std::string_view text() const { return text_; }

 private:
  double number_ = 0;
  std::string_view text_;
};

// The next conversion of a format at or after `from`.
struct Conversion {
  size_t begin;       // of its '%'; the length of the format where there is none
  size_t end;         // behind its letter
  char letter = 0;    // 's', 'd', 'f', 'g' or '%'
  int digits = 0;     // of "%.2f": 2
  bool known = true;  // false: not of the form %s, %d, %.1f, %.1g or %%
};
constexpr Conversion NextConversion(std::string_view format, size_t from) {
  Conversion next = {.begin = format.find('%', from), .end = format.size()};
  if (next.begin == std::string_view::npos) return {.begin = format.size(), .end = format.size()};
  const std::string_view rest = format.substr(next.begin + 1);
  const bool real = rest.size() >= 3 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9';
  if (real) next.digits = rest[1] - '0';
  next.letter = real ? rest[2] : rest.empty() ? '\0' : rest[0];
  next.end = next.begin + (real ? 4 : 2);
  next.known = std::string_view(real ? "fg" : "sd%").find(next.letter) != std::string_view::npos;
  return next;
}

// A format whose conversions are known to fit the arguments: others do not compile.
template <typename... Args>
struct SentenceFormat {
  std::string_view text;

  consteval SentenceFormat(const char* format) : text(format) {
    constexpr size_t kCount = sizeof...(Args);
    constexpr std::array<char, kCount + 1> kKinds = {KindOf<Args>()..., '\0'};
    size_t count = 0;
    for (Conversion c = NextConversion(text, 0); c.begin < text.size();
         c = NextConversion(text, c.end)) {
      if (!c.known) throw "an unknown conversion";
      if (c.letter == '%') continue;
      const char kind = c.letter == 'g' ? 'f' : c.letter;
      if (count == kCount || kKinds[count++] != kind) throw "an argument of another kind";
    }
    if (count != kCount) throw "more arguments than conversions";
  }

 private:
  template <typename Arg>
  static consteval char KindOf() {
    if (std::is_same_v<Arg, float>) return 'f';
    return std::is_same_v<Arg, int> ? 'd' : 's';
  }
};

std::string ComposeSentence(std::string_view format, std::span<const Word> words);

// As absl::StrFormat for the conversions of SentenceFormat, in half the time: a diagnosis says some
// thirty sentences.
template <typename... Args>
std::string Sentence(std::type_identity_t<SentenceFormat<Args...>> format, const Args&... args) {
  const std::array<Word, sizeof...(Args)> words = {Word(args)...};
  return ComposeSentence(format.text, words);
}

}  // namespace auscult::models

#include "cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/number_format.h"

namespace auscult::cli {

Progress::Progress(const Terminal& terminal, int64_t total) : terminal_(terminal), total_(total) {}

void Progress::Show(int64_t done) {
  const Clock::time_point now = Clock::now();
  if (!terminal_.err_is_terminal || (shown_ && now - last_ < std::chrono::milliseconds(200))) {
    return;
  }
  last_ = now;
  shown_ = true;
  const double elapsed_s = std::chrono::duration<double>(now - start_).count();
  terminal_.err << "\r" << Line(done, total_, elapsed_s, terminal_.width) << "\x1b[K";
  terminal_.err.flush();
}

void Progress::Clear() {
  if (!shown_) return;
  terminal_.err << "\r\x1b[K";
  terminal_.err.flush();
  shown_ = false;
}

std::string Progress::Line(int64_t done, int64_t total, double elapsed_s, int width) {
  const double rate = elapsed_s > 0 ? static_cast<double>(done) / elapsed_s : 0;
  std::string text = ShownCount(done);
  if (total > 0) absl::StrAppend(&text, " of ", ShownCount(total));
  absl::StrAppend(&text, absl::StrFormat(", %.0f records/s", rate));
  if (total <= 0) return text;
  if (rate > 0 && done < total) {
    absl::StrAppend(&text,
                    absl::StrFormat(", %.0f s to go", static_cast<double>(total - done) / rate));
  }
  const int bar_width = std::clamp(width - static_cast<int>(text.size()) - 12, 0, 40);
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<size_t>(share * bar_width);
  std::string bar(filled, '#');
  bar.resize(static_cast<size_t>(bar_width), '.');
  return absl::StrFormat("[%s] %3.0f %%  %s", bar, 100 * share, text);
}

}  // namespace auscult::cli

#pragma once

#include <memory>

#include "cli/forward_intake.h"

namespace auscult::cli {

// Records from a file descriptor until its end: lines that are each the proto3 JSON of an
// auscult.v1.Waveform, or the messages themselves, each behind its size as a varint. Points may be
// short ("demo/pump-1/de"). A line that is no record is put aside and the rest goes on; of messages
// nothing is known behind one that is damaged, so that ends the input with an error. While the
// spool is full nothing is read. A record is safe when the spool was synced, which is done whenever
// there is nothing to read at once.
enum class ForwardStreamFormat { kJsonLines, kDelimited };
std::unique_ptr<ForwardInput> OpenForwardStream(int fd, ForwardStreamFormat format);

}  // namespace auscult::cli

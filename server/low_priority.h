#pragma once

namespace auscult::server {

// Lowers the priority of the calling thread, and of the threads that it starts, so that ingest
// keeps its pace beside long work.
void LowerPriority();

}  // namespace auscult::server

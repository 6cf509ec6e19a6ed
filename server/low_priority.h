#pragma once

#include "db/postgres.h"

namespace auscult::server {

// Lowers the priority of the calling thread, and of the threads that it starts, so that ingest
// keeps its pace beside long work.
void LowerPriority();

// The same for the process of PostgreSQL that works for `connection`: much of long work is done
// there. Of a cluster on this machine alone, without a pooler between.
void LowerPriorityOf(db::Connection& connection);

}  // namespace auscult::server

#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

#include "server/embedded_postgres.h"
#include "tests/server/data_folder.h"

namespace auscult::server {

// Puts a cluster into `folder` that has been started once and stopped, as the server leaves it. It
// is made once for the test program and copied, for initdb takes seconds where a disk is slow.
inline void GiveCluster(const DataFolder& folder) {
  static const DataFolder* const made = [] {
    static DataFolder first;
    const auto postgres = EmbeddedPostgres::Start({first.path(), "", ServiceUser()});
    if (!postgres.ok()) {
      std::cerr << postgres.status() << std::endl;
      std::abort();
    }
    return &first;
  }();
  const std::string copy = "cp -a " + made->path() + " " + folder.path();
  if (std::system(copy.c_str()) != 0) std::abort();
}

}  // namespace auscult::server

// Run by the build: ends with 1 where a call stands outside the table that says who may make it.

#include <cstdio>
#include <string>
#include <vector>

#include "server/access/role_table.h"

int main(int argc, char** argv) {
  const std::vector<std::string> proto_files(argv + 1, argv + argc);
  const std::vector<std::string> flaws = auscult::server::FlawsOfRoleTable(proto_files);
  for (const std::string& flaw : flaws) {
    std::fprintf(stderr, "server/access/role_table.cc: %s\n", flaw.c_str());
  }
  return flaws.empty() ? 0 : 1;
}

#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/cli/made_files.h"

namespace auscult::cli {

struct ProgramResult {
  int exit_code = -1;  // 128 + signal where one ended it
  std::string out;
  std::string err;
};

// Runs the built auscult with these arguments, as a person would.
inline ProgramResult RunAuscult(const std::vector<std::string>& arguments,
                                const std::string& server = "127.0.0.1:1") {
  const MadeFolder folder;
  std::string command = "AUSCULT_SERVER=" + server + " '" AUSCULT_BIN_DIR "/auscult'";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  command += " >'" + folder.Path("out") + "' 2>'" + folder.Path("err") + "'";
  const int status = std::system(command.c_str());
  ProgramResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = BytesOf(folder.Path("out"));
  result.err = BytesOf(folder.Path("err"));
  return result;
}

}  // namespace auscult::cli

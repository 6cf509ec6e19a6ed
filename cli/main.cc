#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/command_line.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const bool colours = std::getenv("NO_COLOR") == nullptr;
  auscult::cli::Terminal terminal{.out = std::cout, .err = std::cerr};
  terminal.out_is_terminal = colours && isatty(STDOUT_FILENO) == 1;
  terminal.err_is_terminal = isatty(STDERR_FILENO) == 1;
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  const int code = auscult::cli::RunCommandLine(argc, argv, terminal);
  std::cout.flush();
  return std::cout.good() ? code : 1;
}

#!/usr/bin/env bash
# Runs a test program that is one test of ctest. Its servers log hundreds of lines: what failed is printed first and alone,
# the end of the log after it.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" --gtest_brief=1 2>"$log"
code=$?
if [ $code != 0 ]; then
  echo "--- standard error:"
  tail -n 200 "$log"
fi
exit $code

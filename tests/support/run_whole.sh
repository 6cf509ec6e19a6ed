#!/usr/bin/env bash
# Runs a test program that is one test of ctest. It prints thousands of lines, most of them its servers' log: what failed
# comes first and alone, then the test that was begun last (which a crash does not name), then the end of the log.
set -uo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$@" >"$folder/out" 2>"$folder/err"
code=$?
grep -h '^NOT TESTED' "$folder/out"
if [ $code != 0 ]; then
  grep -vE '^(\[ RUN      |\[       OK |\[-{10}\]|$)' "$folder/out" | head -n 300
  echo "--- ended with $code; begun last: $(grep '^\[ RUN' "$folder/out" | tail -n 1)"
  tail -n 100 "$folder/err"
fi
exit $code

#!/usr/bin/env bash
# The bill of materials of a build: the same twice, valid JSON, and with the package of every library that the programs load,
# as the package manager itself finds it by name.   sbom_test.sh BUILD_FOLDER
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node "$top/deploy/sbom.mjs" "$1" >"$folder/first.json"
node "$top/deploy/sbom.mjs" "$1" >"$folder/second.json"
cmp "$folder/first.json" "$folder/second.json"
missing=0 libraries=0
for name in $(ldd "$1/bin/auscultd" "$1/bin/auscult" | awk '$2 == "=>" { print $1 }' | sort -u); do
  libraries=$((libraries + 1))
  packages=$(dpkg-query -S "*/$name" | cut -d: -f1 | sort -u)
  found=
  for package in $packages; do
    if grep -q "\"bom-ref\": \"pkg:deb/debian/$package@" "$folder/first.json"; then found=1; fi
  done
  if [ -z "$found" ]; then
    echo "$name of $packages is not in the bill of materials" >&2
    missing=1
  fi
done
[ "$libraries" -gt 10 ] || { echo "ldd named only $libraries libraries" >&2; exit 1; }
for part in pkg:npm/svelte@ pkg:npm/uplot@ vendored:google/api pkg:deb/debian/libboost1.81-dev@ auscult/auscultd; do
  grep -q "\"bom-ref\": \"$part" "$folder/first.json" || { echo "$part is missing" >&2; missing=1; }
done
exit $missing

#!/usr/bin/env bash
# Tries the REST API with what its own OpenAPI document allows and forbids (schemathesis): no 5xx, no answer that the
# document does not describe, no crash. Against a server that is running, whose data it spoils.
#
#   tests/openapi_fuzz.sh http://127.0.0.1:7080 [CASES OF EACH OPERATION] [more arguments for schemathesis]
set -euo pipefail

url=${1:?which server? http://127.0.0.1:7080}
cases=${2:-2000}
shift $(($# < 2 ? $# : 2))

venv=${AUSCULT_FUZZ_VENV:-${TMPDIR:-/tmp}/auscult-schemathesis}
[ -x "$venv/bin/schemathesis" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install schemathesis==4.32.5; }

run() {
  "$venv/bin/schemathesis" run "$url/openapi.json" --url "$url" \
    --phases examples,coverage,fuzzing --suppress-health-check all --request-timeout 60 --warnings off \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance "$@"
}

failed=0
# A time of its own, for one that the fuzzer makes up is answered with 504 as it should be.
run --max-examples "$cases" --exclude-operation-id-regex '^Watch' --header 'X-Request-Timeout: 50' "$@" || failed=1
# These end after the time that the request allows, and each case takes it.
run --max-examples "$((cases / 20 + 1))" --include-operation-id-regex '^Watch' --header 'X-Request-Timeout: 0.4' "$@" || failed=1
exit $failed

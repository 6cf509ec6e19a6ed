#!/usr/bin/env bash
# replay.sh DATA [AUSCULT]: sends real recordings from DATA (folders femto and cwru) to the server that AUSCULT_SERVER names.
set -euo pipefail
data=${1:?usage: replay.sh DATA [AUSCULT]}
here=$(dirname "$(readlink -f "$0")")
auscult=${2:-$here/../../build/release/bin/auscult}

"$auscult" apply -f "$here/plant.yaml"
"$auscult" replay "$data/femto/compact_i16/Bearing1_1.i16.gz" --sidecar "$here/femto_i16.yaml" \
  --point recordings/femto-1-1/bearing
cwru() {
  "$auscult" ingest "$data/cwru/$2" --point "recordings/cwru-$1/drive-end" --channel DE --unit g --rate-hz "$3" --speed-rpm "$4"
}
cwru 97 Normal/97_Normal_0.mat 48000 1796
cwru 105 12k_Drive_End_Bearing_Fault_Data/IR/007/105_0.mat 12000 1797
cwru 130 12k_Drive_End_Bearing_Fault_Data/OR/007/@6/130@6_0.mat 12000 1796

#!/usr/bin/env bash
# Judges public recordings with known truth by `auscult analyze` and prints the table of docs/models.md, "Real records".
#   bench/real_records.sh [DATA] [AUSCULT]
# DATA holds the folders cwru, mfpt and uestc (default: ../shared/data beside the checkout). Speeds are given as nominal: the
# program looks for the true one. Nothing in a command depends on the truth.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
data=${1:-$here/../../shared/data}
auscult=${2:-$here/../build/release/bin/auscult}
if [ ! -d "$data/cwru" ]; then
  echo "*** SKIPPED: no recordings at $data; give their folder as the first argument ***" >&2
  exit 0
fi

# truth | rate_hz | speed_rpm | file, for each set of recordings
cwru='
inner_race|48000|1796|48k_Drive_End_Bearing_Fault_Data/IR/007/109_0.mat
inner_race|12000|1797|12k_Drive_End_Bearing_Fault_Data/IR/007/105_0.mat
inner_race|12000|1721|12k_Drive_End_Bearing_Fault_Data/IR/007/108_3.mat
inner_race|12000|1797|12k_Drive_End_Bearing_Fault_Data/IR/021/209_0.mat
inner_race|12000|1728|12k_Drive_End_Bearing_Fault_Data/IR/021/212_3.mat
ball|12000|1796|12k_Drive_End_Bearing_Fault_Data/B/007/118_0.mat
ball|12000|1796|12k_Drive_End_Bearing_Fault_Data/B/021/222_0.mat
outer_race|12000|1796|12k_Drive_End_Bearing_Fault_Data/OR/007/@6/130@6_0.mat
outer_race|12000|1725|12k_Drive_End_Bearing_Fault_Data/OR/007/@6/133@6_3.mat
outer_race|12000|1796|12k_Drive_End_Bearing_Fault_Data/OR/021/@6/234_0.mat
outer_race|12000|1721|12k_Drive_End_Bearing_Fault_Data/OR/021/@6/237_3.mat
healthy|48000|1796|Normal/97_Normal_0.mat'
mfpt='
inner_race|48828|1500|train_data/InnerRaceFault_vload_1.mat
inner_race|48828|1500|train_data/InnerRaceFault_vload_4.mat
inner_race|48828|1500|test_data/InnerRaceFault_vload_7.mat
outer_race|48828|1500|train_data/OuterRaceFault_vload_1.mat
outer_race|48828|1500|train_data/OuterRaceFault_vload_4.mat
outer_race|48828|1500|test_data/OuterRaceFault_vload_7.mat'
uestc='
healthy|20000|1200|N_1200/N_1200_1.mat
healthy|20000|800|N_800/N_800_1.mat
inner_race|20000|1200|I_1200/I_1200_1.mat
outer_race|20000|1200|O_1200/O_1200_1.mat
outer_race|20000|800|O_800/O_800_1.mat
ball|20000|1200|B_1200/B_1200_1.mat'

faulty=0 first=0 named=0 accused=0 healthy=0 passed=0
judge() { # SET TABLE OPTION...
  local set=$1 table=$2 truth rate_hz speed_rpm file json verdict probability ranking
  shift 2
  while IFS='|' read -r truth rate_hz speed_rpm file; do
    [ -n "$file" ] || continue
    json=$("$auscult" analyze "$data/$set/$file" --rate-hz "$rate_hz" --speed-rpm "$speed_rpm" "$@" --json)
    verdict=$(sed -n 's/^  "verdict": "\(.*\)",\?$/\1/p' <<<"$json")
    probability=$(sed -n 's/^      "probability": \([0-9.e-]*\),\?$/\1/p' <<<"$json" | head -n 1)
    ranking=$(sed -n '/^  "bearing_ranking"/,/\]/s/^    "\(.*\)",\?$/\1/p' <<<"$json" | paste -sd, | sed 's/,/, /g')
    printf '| %s %s | %s | %s (%.2f) | %s |\n' "$set" "$(basename "$file" .mat)" "$truth" "$verdict" "$probability" "$ranking"
    if [ "$truth" = healthy ]; then
      healthy=$((healthy + 1))
      [ "$verdict" != healthy ] || passed=$((passed + 1))
      case $verdict in inner_race | outer_race | ball | cage) accused=$((accused + 1)) ;; esac
    else
      faulty=$((faulty + 1))
      [ "${ranking%%,*}" != "$truth" ] || first=$((first + 1))
      [ "$verdict" != "$truth" ] || named=$((named + 1))
    fi
  done <<<"$table"
}

echo '| record | truth | verdict (probability) | forced ranking |'
echo '|---|---|---|---|'
judge cwru "$cwru" --channel DE --unit g --bearing 'SKF 6205-2RS JEM'
judge mfpt "$mfpt" --unit g --bearing NICE
judge uestc "$uestc" --unit g --bearing-orders bpfo=3.05,bpfi=4.95,bsf=1.99,ftf=0.3815
echo
echo "Of $faulty faulty records the forced ranking begins with the truth in $first, and the verdict names it in $named."
echo "Of $healthy healthy records $passed are called healthy and $accused accused of a bearing fault."

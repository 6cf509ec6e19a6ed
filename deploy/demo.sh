#!/usr/bin/env bash
# Starts auscultd on a private PostgreSQL in a folder of its own, gives it a plant and thirty days of records with
# faults growing on three machines, and shows the fleet. Called by ./dev demo, which builds first.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

bin=build/release/bin
once=0
port=${DEMO_PORT:-7070}
http_port=${DEMO_HTTP_PORT:-7080}
for argument in "$@"; do
  case $argument in
    --once) once=1 ;;
    *)
      echo "demo: unknown option $argument; there is --once" >&2
      exit 2
      ;;
  esac
done

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

# PostgreSQL refuses to run as root; Debian's package brings a user for it.
service_user=()
if [ "$(id -u)" = 0 ]; then
  service_user=(--service-user postgres)
fi
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
while is_taken "$port"; do
  port=$((port + 1))
done
while is_taken "$http_port" || [ "$http_port" = "$port" ]; do
  http_port=$((http_port + 1))
done
# Not inside the checkout: a service user may be unable to read it.
folder=$(mktemp -d "${TMPDIR:-/tmp}/auscult-demo.XXXXXX")
chmod 755 "$folder"
server=
finish() {
  trap - EXIT INT TERM
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    say "Stopping the server"
    kill -TERM "$server"
    wait "$server" || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 0' INT TERM

say "Starting auscultd, data in $folder"
"$bin/auscultd" --data-dir "$folder/data" --listen "127.0.0.1:$port" --rest-listen "127.0.0.1:$http_port" "${service_user[@]}" >"$folder/auscultd.log" 2>&1 &
server=$!
export AUSCULT_SERVER=127.0.0.1:$port
for _ in $(seq 300); do
  if "$bin/auscult" assets --json >/dev/null 2>&1; then
    break
  fi
  kill -0 "$server" 2>/dev/null || {
    cat "$folder/auscultd.log"
    exit 1
  }
  sleep 0.1
done
head -n 8 "$folder/auscultd.log"

say "Describing the plant (deploy/demo_plant.yaml)"
"$bin/auscult" apply -f deploy/demo_plant.yaml

say "Streaming 30 simulated days; faults grow on three machines"
"$bin/auscult" replay --simulate --site demo --days 30 \
  --fault demo/pump-1:inner_race --fault demo/fan-1:unbalance --fault demo/gearbox-1:gear

data=$(readlink -f ../shared/data 2>/dev/null || true)
if [ -n "$data" ] && [ -d "$data/femto" ]; then
  say "Replaying real records from $data"
  deploy/recordings/replay.sh "$data" "$bin/auscult"
else
  say "No ../shared/data beside the checkout: skipping the replay of real records"
fi

say "The fleet, worst first"
"$bin/auscult" assets

say "The open cases, and the worst machine in words"
"$bin/auscult" alarms demo
"$bin/auscult" health demo/pump-1

cat <<TEXT

The server is at 127.0.0.1:$port; its log is $folder/auscultd.log. Try in another terminal:

  export AUSCULT_SERVER=127.0.0.1:$port
  $bin/auscult assets --json
  $bin/auscult points demo/pump-1
  $bin/auscult health demo/gearbox-1 --language zh
  $bin/auscult alarms stats demo
  $bin/auscult trend demo/pump-1/drive-end --series health,velocity_rms_mm_s --days 30
  $bin/auscult analyze FILE.wav --speed-rpm 1480 --bearing "SKF 6205-2RS JEM"
TEXT
dashboard=$(grep -E '^(dashboard|REST API)' "$folder/auscultd.log" || true)
if [ -n "$dashboard" ]; then
  say "$dashboard"
fi
if [ $once = 0 ]; then
  echo
  echo "Ctrl-C stops the server and removes its data."
  wait "$server"
fi

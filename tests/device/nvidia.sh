#!/bin/sh
# nvidia.sh TOKTAPE [OUT]: records a stream that a GPU works for, and checks its energy. On a machine with an
# NVIDIA GPU, its driver and python3; about a minute. TOKTAPE may be what bundle.sh made. The trace and the
# samples stay in OUT (default: a temporary folder that is removed).
#
# Checked: the joules of the energy counter agree within 3 % with the power of the same GPU integrated, once as
# toktape read it and once as nvidia-smi did at the same time; the engine's process was found on the GPU; idle
# windows stand before and after; nothing was lost.
set -eu
toktape=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -gt 1 ]; then
    work=$2
    mkdir -p "$work"
    keep=1
else
    work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-nvidia.XXXXXX")
    keep=
fi
engine=''
watcher=''
finish() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || true
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
    [ -n "$keep" ] || rm -rf "$work"
}
trap finish EXIT

python3 "$here/gpu_engine.py" >"$work/url" 2>"$work/engine.log" &
engine=$!
i=0
while ! [ -s "$work/url" ]; do
    kill -0 "$engine" 2>/dev/null || { cat "$work/engine.log" >&2; exit 1; }
    i=$((i + 1))
    [ "$i" -lt 300 ] || { echo "the GPU server does not come up" >&2; exit 1; }
    sleep 0.2
done
url=$(cat "$work/url")

# timestamp: local time, milliseconds
nvidia-smi -i 0 --query-gpu=timestamp,power.draw.instant --format=csv,noheader,nounits -lms 100 >"$work/smi.csv" &
watcher=$!

cat >"$work/burn.json" <<'W'
{"name": "burn", "phases": [{"name": "burn", "max_tokens": 400, "messages": [{"role": "user", "content": "go"}]}]}
W
rm -f "$work/gpu.toktape"
"$toktape" record --url "$url" --workload "$work/burn.json" --runs 3 --pause 0.5 --cold keep --power nvml --idle 6 \
    -o "$work/gpu.toktape"
kill "$watcher"
wait "$watcher" 2>/dev/null || true
watcher=''
"$toktape" export --format jsonl "$work/gpu.toktape" >"$work/gpu.jsonl"
"$toktape" info --json "$work/gpu.toktape" >"$work/info.json"
python3 "$here/compare_energy.py" "$work/gpu.jsonl" "$work/info.json" "$work/smi.csv" "$engine"

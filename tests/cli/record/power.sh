#!/bin/sh
# Power through a library that answers as NVIDIA's does: rails, joules, the engine's GPU, idle windows, wrong words.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/record/common"
fake=$(dirname "$TOKTAPE")/tests/unit/libfake_nvml.so
[ -e "$fake" ] || exit 77 # a system without NVML
mkdir lib
cp "$fake" lib/libnvidia-ml.so.1
start slow.json
with_nvml() {
    FAKE_NVML_PID=$engine LD_LIBRARY_PATH=lib "$TOKTAPE" record --url "$url" --workload work.json --pause 0 -q "$@"
}
with_nvml --power nvml --idle 1.5 -o power.toktape 2>message || cat message
"$TOKTAPE" info --json power.toktape | jq -c '.power, .loss'
"$TOKTAPE" export --format jsonl power.toktape >power.jsonl
echo "--- the counter and the momentary power say the same"
jq -s -r 'map(select(.type == "sample" and .source == "nvml")) |
    (map(select(.name == "gpu0 total energy")) | [first, last]) as $c |
    (($c[1].value_number - $c[0].value_number) / 1000 /
     (($c[1].clock_ns | tonumber) - ($c[0].clock_ns | tonumber)) * 1e9) |
    if . > 250 and . < 350 then "300 W" else . end' power.jsonl
echo "--- the engine's GPU"
jq -s -c 'map(select(.type == "sample" and (.name | test("engine")))) | group_by(.name) |
    map([.[0].name, (map(.value_number) | max)])[]' power.jsonl
echo "--- without sources"
with_nvml --power none --only first -o none.toktape 2>message || cat message
"$TOKTAPE" info --json none.toktape | jq -c .power
echo "--- idle windows"
python3 "$TESTS/reader.py" --rows power.toktape >rows
sed -n 's/^mark .*kind=x\([0-9a-f]*\) text=x\([0-9a-f]*\)$/\120\2/p' rows |
    python3 -c 'import sys; [print(bytes.fromhex(line).decode()) for line in sys.stdin]'
echo "--- a meter of its own, which writes while it is recorded"
(while :; do date +%s.%N,120.5 >>meter.csv; sleep 0.1; done) &
meter=$!
with_nvml --power none --power-csv meter.csv -o meter.toktape 2>message || cat message
kill "$meter"
"$TOKTAPE" info --json meter.toktape | jq -c .power
"$TOKTAPE" export --format jsonl meter.toktape | jq -s -c '(map(select(.type == "chunk").clock_ns | tonumber) | [min, max]) as $run |
    map(select(.type == "sample" and .name == "meter power")) |
    [(map(.value_number) | unique[]), (map(.clock_ns | tonumber) | map(select(. >= $run[0] and . <= $run[1])) | length >= 5)]'
with_nvml --power none --only first --power-csv missing.csv -o missing.toktape 2>&1 | grep -v 'marked synthetic'
echo "--- words"
for wrong in "nvml,bogus" "" "nvml,"; do
    with_nvml --power "$wrong" -o wrong.toktape 2>&1 | grep -v 'marked synthetic'
done
with_nvml --power nvml --sample-hz 0 -o wrong.toktape
FAKE_NVML_FAIL=driver with_nvml --power nvml -o wrong.toktape 2>&1 | grep -v 'marked synthetic'
with_nvml --idle 99999999 -o wrong.toktape
ls ./*.toktape

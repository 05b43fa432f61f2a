#!/bin/sh
# The readings of an external meter come last in a trace, behind every sensor that was declared, however short the recording.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
start quick.json
echo "$(date +%s),12.5" >meter.csv
for n in 1 2 3 4 5 6 7 8; do
    record --only first --idle 0 --power-csv meter.csv -q -o "$n.toktape" 2>/dev/null || echo "exit $?"
    "$TOKTAPE" export --format jsonl "$n.toktape" | jq -s -c 'map(select(.type == "sample" and .name == "meter power")) | map(.value_number)'
done

#!/bin/sh
# A phase with think_ms is asked so long after the answer before it.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
sed 's/"name": "second",/"name": "second", "think_ms": 400,/' work.json >thinking.json
start quick.json
record --workload thinking.json -q -o think.toktape 2>/dev/null || echo "exit $?"
"$TOKTAPE" export think.toktape | jq -rs '[.[] | select(.type == "run") | .clock_ns | tonumber] | (.[1] - .[0]) / 1e6 >= 400'
"$TOKTAPE" info --json think.toktape | jq -c '.workload.phases[] | [.name, .think_ms]'
echo '{"name": "w", "phases": [{"name": "a", "max_tokens": 5, "think_ms": 86400001, "messages": [{"role": "user", "content": "x"}]}]}' >long.json
record --workload long.json -o x.toktape 2>&1
echo "exit $?"

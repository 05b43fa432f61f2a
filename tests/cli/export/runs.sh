#!/bin/sh
# A run's line says what 'report --view runs' says of it, whatever trace it is in.
command -v jq >/dev/null || { echo "jq is not installed" >&2; exit 77; }
status=0
for trace in "$TESTS"/golden/*.toktape; do
    "$TOKTAPE" report --view runs --json --allow-incomplete "$trace" 2>/dev/null >report.json || continue
    jq -S -c '.runs[]' report.json | sort >report
    "$TOKTAPE" export --allow-incomplete "$trace" >lines
    jq -S -c 'select(.type == "run" and .last_attempt != false)
        | del(.type, .trace_id, .run, .clock_ns, .label, .last_attempt)' lines | sort >exported
    cmp report exported || status=1
    jq -r 'select(.type == "run") | .cacheable_tokens' lines | grep -cv -e null -e '^0$' >>cacheable
done
sort -n cacheable | tail -n 1
exit $status

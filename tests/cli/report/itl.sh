#!/bin/sh
# Inter-token latency in every format, by each policy: bursts with counted tokens, and one token a read.
for policy in even zero step; do
    echo "== $policy"
    for format in text md csv json; do
        "$TOKTAPE" report --view itl --itl $policy --format $format "$TESTS/golden/tools.toktape" | sed "s,$TESTS/,,"
    done
    "$TOKTAPE" report --view runs --itl $policy --json "$TESTS/golden/tools.toktape" |
        jq -c '.runs[] | [.phase, .steps, .step_ms, .itl_p50_ms, .itl_p90_ms, .itl_p95_ms, .itl_p99_ms]'
done
"$TOKTAPE" report --view itl --format text "$TESTS/golden/demo.toktape"
"$TOKTAPE" report --itl mean "$TESTS/golden/demo.toktape" 2>&1
echo $?

#!/bin/sh
# Conversations at once: overlapping runs in one trace, every one whole; what they got together; what is refused.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/record/common"
overlaps() { # overlaps TRACE: the valid runs of its bursts, and whether all of them fit into the time only together
    "$TOKTAPE" report --view load --json "$1" >load.json
    jq -c '.cells[] | [.concurrency, [.bursts[] | .valid]]' load.json
    "$TOKTAPE" report --view runs --json "$1" | jq '[.runs[].due_total_ms] | add' >all
    jq --slurpfile all all '1000 * ([.cells[].bursts[].seconds] | add) < 0.7 * $all[0]' load.json
}
start quick.json
echo "--- two bursts of three"
record --runs 2 --concurrency 3 -q --idle 0 -o three.toktape 2>/dev/null
echo "exit $?"
"$TOKTAPE" check three.toktape >/dev/null && echo sound
overlaps three.toktape
"$TOKTAPE" report --view runs --json three.toktape |
    jq -c '[.runs[] | [.repeat, .slot, .phase, .valid, .completion_tokens]] | sort | .[]'
"$TOKTAPE" info three.toktape | grep -e '^  workload' -e '^  runs'
"$TOKTAPE" info --json three.toktape | jq -c '[.concurrency, .repeats, .runs]'
"$TOKTAPE" report --view load --format csv three.toktape | sed -e 's/^[^,]*,//' -e 's/,[0-9][0-9]*\.[0-9][0-9.e-]*/,N/g'
"$TOKTAPE" report --view load three.toktape | grep '^\*' | sed -e 's/[0-9.]* tok\/s/N tok\/s/' -e 's/from [0-9.]* to [0-9.]*;/from N to N;/'
"$TOKTAPE" report three.toktape | grep 'at once:' | sed 's/ [0-9][0-9.]*\([, ]\)/ N\1/g'
echo "--- as serial ones, apart from the load"
record --runs 2 -q --idle 0 -o serial.toktape 2>/dev/null
"$TOKTAPE" report --json serial.toktape three.toktape | jq -c '[.blocks[].rows[].label] | sort | .[]'
"$TOKTAPE" diff serial.toktape --against three.toktape 2>/dev/null | grep -e 'at once: ' -e '^- unit'
echo "--- broken off runs are counted, and not among the percentiles"
start quick.json --fault cut:300@1 --fault cut:300@4
record --runs 2 --concurrency 3 -q --idle 0 -o broken.toktape 2>/dev/null
echo "exit $?"
"$TOKTAPE" info --json broken.toktape | jq -c .runs
"$TOKTAPE" report --view load --json broken.toktape 2>/dev/null | jq -c '.cells[].phases[0] | [.runs, .valid]'
echo "--- without content, and to standard output"
start quick.json
record --concurrency 4 --no-content -q --idle 0 -o - 2>/dev/null >masked.toktape
"$TOKTAPE" check masked.toktape >/dev/null && echo sound
"$TOKTAPE" info --json masked.toktape | jq -c '[.concurrency, .runs.ok, .privacy.content]'
echo "--- a restart before each burst; what has to be cold later asks for it, or has a nonce of its conversation's own"
jq '.phases[0].cold = true | .phases[1].cold = true | .phases[2] = (.phases[1] | .name = "third" | .cold = false)' work.json >cold.json
methods() { # methods TRACE: cold methods in order, how often it was restarted, and how many different requests 'third' has
    "$TOKTAPE" report --view runs --json "$1" | jq -c '[.runs[] | [.repeat, .phase, .cold_method]] | sort | .[]'
    wc -l <restarts | tr -d ' '
    for repeat in 0 1 2 3; do "$TOKTAPE" extract "$1" --repeat $repeat --phase third --request | sha256sum; done | sort -u | wc -l | tr -d ' '
}
cold() { # cold OPTIONS...
    rm -f restarts cold.toktape
    "$TOKTAPE" record --url "$url" --workload cold.json --runs 2 --concurrency 2 --restart-cmd 'echo again >>restarts' -q --idle 0 \
        -o cold.toktape "$@" 2>/dev/null
}
cold
methods cold.toktape
cold --cold nonce
[ -e restarts ] || : >restarts
methods cold.toktape | tail -n 14
for phase in first second third; do
    "$TOKTAPE" extract cold.toktape --repeat 1 --phase $phase --request | jq -r '.messages[0].content' | cut -c1-2
done
echo "--- refused"
record --concurrency 0 2>&1
record --concurrency 65 2>&1
record --concurrency 2 --reset-peaks 2>&1
record --concurrency 64 --runs 10000 2>&1
echo "exit $?"
echo "--- interrupted"
start slow.json
"$TOKTAPE" record --url "$url" --workload work.json --concurrency 3 -q --idle 0 -o cut.toktape 2>/dev/null &
recorder=$!
await test -s cut.toktape.part
sleep 0.2
kill -INT "$recorder"
wait "$recorder"
echo "exit $?"
"$TOKTAPE" check cut.toktape >/dev/null && echo sound
"$TOKTAPE" info --json cut.toktape | jq -c '[.closed, .runs.ok]'

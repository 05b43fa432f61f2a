#!/bin/sh
# --live: what the engine said is in the prompts of the turns that follow, and the trace says so.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/record/common"
said() { # said TRACE REPEAT PHASE: the content of an answer
    "$TOKTAPE" extract "$1" --repeat "$2" --phase "$3" --response | sed -n 's/^data: {/{/p' |
        jq -j '.choices[]?.delta.content // empty'
}
carried() { # carried TRACE REPEAT PHASE N: the content of the N-th assistant's message in a request, counted from 1
    "$TOKTAPE" extract "$1" --repeat "$2" --phase "$3" --request |
        jq -j "[.messages[] | select(.role == \"assistant\")][$4 - 1].content"
}
start "$TESTS/profiles/fast.json"
record --workload agent-loop --live -q --idle 0 -o live.toktape 2>/dev/null
echo "exit $?"
[ -n "$(said live.toktape 0 turn-01)" ] && [ "$(said live.toktape 0 turn-01)" = "$(carried live.toktape 0 turn-16 1)" ] &&
    [ "$(said live.toktape 0 turn-15)" = "$(carried live.toktape 0 turn-16 15)" ] && echo "all that was said is carried on"
"$TOKTAPE" extract live.toktape --phase turn-03 --request | jq -c '[.messages[].role]'
"$TOKTAPE" report --view turns --json live.toktape | jq -c '[.cells[].turns[] | .parent] | .[0:3]'
"$TOKTAPE" report live.toktape | grep -e '--live'
echo "--- two conversations at once have their own answers each"
record --workload agent-loop --live --concurrency 2 --only turn-01 --only turn-02 -q --idle 0 -o two.toktape 2>/dev/null
for repeat in 0 1; do
    [ "$(said two.toktape $repeat turn-01)" = "$(carried two.toktape $repeat turn-02 1)" ] && echo "repeat $repeat carries on its own"
done
echo "--- a replay sends them as they were"
"$TOKTAPE" replay live.toktape --url "$url" -q --idle 0 -o again.toktape 2>/dev/null
"$TOKTAPE" info again.toktape | grep '^  bodies'
echo "--- beside the workload's words"
record --workload agent-loop -q --idle 0 -o fixed.toktape 2>/dev/null
"$TOKTAPE" diff fixed.toktape --against live.toktape 2>/dev/null | grep 'carried on'
echo "--- nothing to carry on"
record --live -q --idle 0 -o never.toktape 2>&1
echo "exit $?"
start "$TESTS/profiles/fast.json" --fault cut:900@0
record --workload agent-loop --live --only turn-01 --only turn-02 -q --idle 0 -o cut.toktape 2>&1 | grep 'carry on'
"$TOKTAPE" extract cut.toktape --phase turn-02 --request | jq -c '.messages[2].tool_calls[0].id'

#!/bin/sh
# Conversations sent beside each other: as they were recorded, or as many as are asked for.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
places() { # places TRACE: which repeat, turn and parent each run is
    "$TOKTAPE" report --view turns --json "$1" | jq -c '[.cells[].turns[] | [.conversation, .turn, .phase]] | sort | .[]'
}
start quick.json
record --runs 3 -q --idle 0 -o serial.toktape 2>/dev/null
record --runs 2 --concurrency 3 -q --idle 0 -o three.toktape 2>/dev/null
echo "--- a burst as it was"
replay three.toktape -q --idle 0 -o again.toktape
fidelity again.toktape
"$TOKTAPE" info again.toktape | grep -e '^  workload' -e '^  runs' -e '^  bodies' -e '^  answers'
"$TOKTAPE" check again.toktape >/dev/null && echo sound
places again.toktape
echo "--- two at once of what was three: none is left out"
replay three.toktape -q --idle 0 --concurrency 2 -o two.toktape
"$TOKTAPE" info --json two.toktape | jq -c '[.concurrency, .repeats, .runs.ok, .replay.fidelity.identical_bodies]'
echo "--- and one after another"
replay three.toktape -q --idle 0 --concurrency 1 -o one.toktape
"$TOKTAPE" info --json one.toktape | jq -c '[.concurrency, .repeats, .runs.ok, .replay.fidelity.identical_bodies]'
echo "--- what was recorded one after another, four times at once"
replay serial.toktape -q --idle 0 --concurrency 4 --runs 2 -o four.toktape
"$TOKTAPE" info --json four.toktape | jq -c '[.concurrency, .repeats, .runs.ok, .replay.fidelity.identical_bodies]'
"$TOKTAPE" report --view load --json four.toktape | jq -c '.cells[] | [.concurrency, [.bursts[].valid]]'
echo "--- a conversation keeps its parents"
start "$TESTS/profiles/fast.json"
record --workload agent-loop -q --idle 0 -o loop.toktape 2>/dev/null
replay loop.toktape -q --idle 0 --concurrency 3 -o loops.toktape
"$TOKTAPE" report --view turns --json loops.toktape |
    jq -c '.cells[].turns as $turns | $turns[] | select(.turn == 5) | .parent as $parent | .conversation as $own |
           [.conversation, .turn, ($turns[] | select(.run == $parent) | [.conversation == $own, .turn])]'
echo "--- paces"
replay three.toktape -q --idle 0 --pace recorded -o recorded.toktape
"$TOKTAPE" info --json recorded.toktape | jq -c '[.concurrency, .runs.ok, .replay.pace]'
replay three.toktape -q --idle 0 --pace think -o think.toktape
"$TOKTAPE" info --json think.toktape | jq -c '[.concurrency, .runs.ok, .replay.pace]'
echo "--- refused"
replay serial.toktape --concurrency 65
replay serial.toktape --concurrency 0
replay three.toktape --reset-peaks
cat said

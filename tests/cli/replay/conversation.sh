#!/bin/sh
# A conversation keeps its turns and parents, and a nonce makes its cold turn another text.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
start "$TESTS/profiles/fast.json"
record --workload agent-loop -q -o loop.toktape 2>/dev/null
replay loop.toktape -q --runs 2 -o again.toktape
fidelity again.toktape
"$TOKTAPE" report --view turns --json again.toktape |
    jq -c '.cells[].turns[] | select(.turn < 2) | [.conversation, .turn, .run, .parent, .phase, .new_tokens]'
echo "--- a new nonce goes into the cold turn, and into those that carry it on"
replay loop.toktape -q --cold nonce --seed 9 -o nonce.toktape
fidelity nonce.toktape | jq -c '.fidelity.identical_bodies'
"$TOKTAPE" info --json nonce.toktape | jq -c '.cold'
echo "--- another text parts where it does"
start "$TESTS/profiles/bursts.json"
replay loop.toktape -q -o other.toktape
"$TOKTAPE" info --json other.toktape | jq -c '.replay.fidelity | [.requests, .identical_bodies, (.diverged | length > 0)]'

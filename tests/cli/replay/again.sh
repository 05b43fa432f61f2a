#!/bin/sh
# A trace sent again to the engine it is of: the same bytes, the same answers, and it says so.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
start quick.json
record --runs 2 -q -o first.toktape 2>/dev/null
echo "--- without sending"
"$TOKTAPE" replay first.toktape --dry-run
"$TOKTAPE" replay first.toktape --dry-run --json | jq -c '.requests[] | [.repeat, .phase, .bytes, .identical]'
"$TOKTAPE" replay first.toktape --dry-run --json | jq -r .parent >parent
for phase in first second; do
    "$TOKTAPE" extract first.toktape --phase $phase --request | sha256sum | cut -d ' ' -f 1
done
echo "--- as it was"
replay first.toktape -q -o again.toktape
fidelity again.toktape
[ "$("$TOKTAPE" info --json first.toktape | jq -r .content_id)" = "$(cat parent)" ] && echo "the parent by its content id"
[ "$("$TOKTAPE" info --json again.toktape | jq -r .replay.parent)" = "$(cat parent)" ] && echo "named in the new trace"
meta again.toktape | grep -ao '"provenance":\[{[^}]*}' |
    sed -e "s/$(cat parent)/PARENT/" -e 's/toktape [0-9.]*/toktape VERSION/'
hashes first.toktape >hashes.first
hashes again.toktape | cmp - hashes.first && echo "the same requests in the same order"
"$TOKTAPE" check again.toktape >/dev/null && echo "sound"
"$TOKTAPE" info again.toktape | grep -e '^  workload' -e '^  bodies' -e '^  answers' -e '^  pace'
"$TOKTAPE" report --view runs --json first.toktape again.toktape | jq -r '.runs[].text_sha256' | sort | uniq -c |
    awk '{print $1}'
echo "--- a replay of the replay, three times"
replay again.toktape --runs 3 -q -o thrice.toktape
fidelity thrice.toktape
"$TOKTAPE" report --view turns --json thrice.toktape |
    jq -c '[.cells[].turns[] | [.conversation, .turn, .run, .parent]]'
echo "--- changed on purpose"
replay first.toktape --model other --extra-body '{"max_tokens": 7}' --cold nonce -q -o changed.toktape
fidelity changed.toktape | jq -c '[.fidelity.identical_bodies, .fidelity.lengths_equal]'
meta changed.toktape | grep -ao '"substitutions":\[[^]]*\]'
"$TOKTAPE" extract changed.toktape --phase first --request | jq -c 'del(.messages)'
"$TOKTAPE" replay first.toktape --dry-run --model other | awk '{print $2, $NF}'
echo "--- many runs in one block"
record --runs 40 -q -o many.toktape 2>/dev/null
"$TOKTAPE" replay many.toktape --dry-run | wc -l

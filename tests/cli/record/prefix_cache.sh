#!/bin/sh
# Raw reuse as each kind of prefix cache must show it: systems A and B, users X and Y, in the order of agentic-8.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
# A word is a token, so that the figures can be checked by hand. A and B differ from the first word on, so do X and Y.
words() { # words PREFIX COUNT
    seq "$2" | sed "s/.*/$1/" | tr '\n' ' '
}
A="$(words alpha 120)" B="$(words gamma 120)" X="$(words brook 30)" Y="$(words delta 30)"
phase() { # phase NAME SYSTEM USER MEMBERS
    printf '{"name": "%s", "max_tokens": 4,%s "messages": [{"role": "system", "content": "%s"},
        {"role": "user", "content": "%s"}]}' "$1" "$4" "$2" "$3"
}
{
    printf '{"name": "prefixes", "phases": ['
    phase cold "$A" "$X" ' "cold": true,' && printf ,
    phase warm "$A" "$X" '' && printf ,
    phase prefix-test-1 "$A" "$Y" '' && printf ,
    phase prefix-test-2 "$A" "$X" '' && printf ,
    phase prefix-test-3 "$A" "$Y" '' && printf ,
    phase cold-prefix "$B" "$X" ' "cold": true,'
    printf ']}'
} >prefixes.json
measure() { # measure NAME PROFILE-MEMBERS OPTIONS...
    echo "{\"ttft_ms\": 1, \"prefill_tok_s\": 100000, \"decode_tok_s\": 2000, $2}" >profile.json
    name=$1
    shift 2
    start profile.json
    record --workload prefixes.json --runs 2 -q -o "$name.toktape" "$@" 2>message
    end_engine
    echo "--- $name $*"
    sed '/marked synthetic$/d' message
    runs "$name.toktape" \
        '"\(.repeat) \(.phase): \(.cached_tokens) of \(.prompt_tokens), \(.cached_state), \(.cold_method)"'
    "$TOKTAPE" report --json "$name.toktape" |
        jq -c '.blocks[0].rows[0] | [.prefix_reuse, .cold_method, .cold_verified, .gate_causes]'
    "$TOKTAPE" report --view phases --json "$name.toktape" | jq -c '[.cells[0].phases[].prefix_reuse]'
}
measure none '"prefix_cache": "none"'
measure last '"prefix_cache": "last"'
measure slots '"prefix_cache": "slots:2"'
measure unlimited '"prefix_cache": "unlimited"'
measure blocks '"prefix_cache": "unlimited", "block": 32'
measure null '"prefix_cache": "last", "cached_field": "null"'
measure absent '"prefix_cache": "last", "cached_field": "absent", "timings": false'
measure kept '"prefix_cache": "unlimited"' --cold keep
measure nonce '"prefix_cache": "unlimited"' --cold nonce
"$TOKTAPE" report kept.toktape | grep cold

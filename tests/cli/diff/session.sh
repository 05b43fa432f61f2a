#!/bin/sh
# What a campaign's sentinel measured is taken from its file: a deviation for each metric, with its degrees of freedom.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace decode 2 '.decode_tok_s = 48.5'
echo '{"recordings": 5, "session_sd": {"decode_tok_s": {"sd_pct": 0.3, "n": 5}, "ttft_ms": {"sd_pct": 1.5, "n": 5}},
    "drift": []}' >session.json
"$TOKTAPE" diff base.toktape --against decode.toktape --session-sd session.json --json |
    jq -c '.comparisons[] | select(.phase == null) | [.metric, .session_sd_pct, .verdict]'
echo "--- so few sessions know less than a number that is taken for granted"
width() {
    "$TOKTAPE" diff base.toktape --against decode.toktape --session-sd "$1" --json |
        jq '.comparisons[0] | .ci_high_pct - .ci_low_pct'
}
jq -n --argjson file "$(width session.json)" --argjson number "$(width 0.3)" '$file > $number'
echo "--- refused"
try() {
    echo "$1" >session.json
    "$TOKTAPE" diff base.toktape --against decode.toktape --session-sd session.json 2>&1
    echo "exit $?"
}
try '{}'
try '{"session_sd": {"speed": {"sd_pct": 1, "n": 5}}}'
try '{"session_sd": {"decode_tok_s": {"sd_pct": 1, "n": 1}}}'
try '{"session_sd": {"decode_tok_s": {"sd_pct": -1, "n": 5}}}'
try '{"session_sd": '

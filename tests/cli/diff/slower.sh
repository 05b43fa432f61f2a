#!/bin/sh
# Decode 3 % slower, prefill a fifth slower: each is found where it is, and --fail-on fails where it says.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace decode 2 '.decode_tok_s = 48.5'
make_trace prefill 3 '.prefill_tok_s = 800'
"$TOKTAPE" diff base.toktape --against decode.toktape
"$TOKTAPE" diff base.toktape --against prefill.toktape --format text
try() {
    "$TOKTAPE" diff base.toktape --against decode.toktape --json "$@" |
        jq -c '[.verdict, .scope, .comparisons[0].session_sd_pct, (.fail_on[] | [.clause, .tested, .p, .alpha, .fired])]'
    "$TOKTAPE" diff base.toktape --against decode.toktape "$@" >result
    echo "exit $?"
}
try --fail-on 'decode slower 2%'
try --fail-on 'decode slower 2%' --session-sd 0.3
try --fail-on 'decode slower 2%' --session-sd 3
try --fail-on 'decode slower 4%' --fail-on 'prefill slower 10%'
try --primary prefill --margin 5

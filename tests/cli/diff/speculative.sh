#!/bin/sh
# Bursts against single tokens: with the same answers decode is judged, with others the step.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace plain 1
make_trace mtp 1 '.tokens_per_burst = [0, 1] | .acceptance = 0.6 | .decode_tok_s = 80 | .synth.speculative = "mtp"'
make_trace drafts 1 '.tokens_per_burst = [0, 1] | .acceptance = 0.6 | .decode_tok_s = 80 | .synth.speculative = "mtp" | .version = "b2"'
make_trace other 2 '.tokens_per_burst = [0, 1] | .acceptance = 0.6 | .decode_tok_s = 76 | .synth.speculative = "mtp"'
show() {
    "$TOKTAPE" diff "$@" --format text | sed '/^$/q' | sed -n '/^-/p'
    "$TOKTAPE" diff "$@" --json | jq -c '.verdict, (.comparisons[] | select(.below == null) | [.metric, .texts_equal, .shift_pct, .verdict])'
}
show plain.toktape --against mtp.toktape
show mtp.toktape --against other.toktape
"$TOKTAPE" repack --no-content mtp.toktape -o masked.toktape >masked.out
show masked.toktape --against other.toktape

#!/bin/sh
# Failed runs are counted, not averaged in; one repeat a side decides nothing; three traces a side are units.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace failed 2 '.synth.defects = [{fault: "status:500", phases: ["cold"], repeats: [0, 2]}, {fault: "status:500", phases: ["deep"]}]'
make_trace one 3 '.synth.runs = 1'
make_trace other 4 '.synth.runs = 1'
"$TOKTAPE" diff base.toktape --against failed.toktape --format text | sed '/^ *base/,$!d; /^cold/,$d'
"$TOKTAPE" diff base.toktape --against failed.toktape --json | jq -c '.base, .new | [.runs_total, .runs_failed, .valid_pct]'
"$TOKTAPE" diff one.toktape --against other.toktape --format text --fail-on 'decode slower 0%' | sed '/^cold/,$d'
echo "exit $?"
for i in 5 6 7 8; do make_trace "b$i" "$i" '.synth.runs = 2'; make_trace "n$i" "1$i" '.synth.runs = 2 | .decode_tok_s = 47'; done
"$TOKTAPE" diff b5.toktape b6.toktape b7.toktape --against n5.toktape n6.toktape n7.toktape --json |
    jq -c '[.scope, .verdict, (.comparisons[0] | [.unit, .n_base, .n_new, .shift_pct])]'
"$TOKTAPE" diff base.toktape --against n5.toktape n6.toktape --earlier b5.toktape --earlier b6.toktape \
    --earlier b7.toktape --earlier b8.toktape --json | jq -c '[.scope, .verdict, .comparisons[0].session_sd_pct]'

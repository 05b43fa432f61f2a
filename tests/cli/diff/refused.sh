#!/bin/sh
# What cannot be compared, and what cannot be meant.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace new 2
jq '.phases[0].max_tokens = 90' workload.json >w && mv w workload.json
make_trace other 3
try() {
    { "$TOKTAPE" diff "$@" >result; } 2>&1
    echo "exit $?"
}
try
try base.toktape
try base.toktape new.toktape
try --against new.toktape
try base.toktape --against
try base.toktape --against new.toktape --against new.toktape
try base.toktape --against=new.toktape
try base.toktape --against other.toktape
try base.toktape other.toktape --against new.toktape
try base.toktape --against base.toktape
try base.toktape base.toktape --against new.toktape
try base.toktape --against missing.toktape
try base.toktape --against new.toktape --fail-on 'decode'
try base.toktape --against new.toktape --margin 0
try base.toktape --against new.toktape --session-sd lots
try base.toktape --against new.toktape --primary speed
try base.toktape --against new.toktape --earlier other.toktape
try base.toktape --against new.toktape --earlier base.toktape
make_trace cell1 4
make_trace cell2 5 '.version = "b2"'
make_trace cell3 6
make_trace cell4 7
try cell1.toktape --against cell3.toktape --earlier cell1.toktape --earlier cell2.toktape --earlier cell3.toktape \
    --earlier cell4.toktape
rm cell2.toktape
make_trace cell2 5
make_trace cell5 8
try cell5.toktape --against cell3.toktape --earlier cell1.toktape --earlier cell2.toktape --earlier cell3.toktape \
    --earlier cell4.toktape
echo '{"decode_tok_s": ["warm"], "speed": []}' >phases.json
try base.toktape --against new.toktape --profile phases.json
echo '{"decode_tok_s": ["warm"]}' >phases.json
"$TOKTAPE" diff base.toktape --against new.toktape --profile phases.json --json |
    jq -c '[.comparisons[] | select(.below == "decode_tok_s" and .phase) | .phase]'
head -c 3000 new.toktape >cut.toktape
try base.toktape --against cut.toktape | sed 's/after byte [0-9]*/after byte N/' # the tool's version is in it
try base.toktape --against cut.toktape --allow-incomplete

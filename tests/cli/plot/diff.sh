#!/bin/sh
# The forest of two sides: scripts and data exactly; its figures are those of the command; and what it refuses.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
mkdir bin
printf '#!/bin/sh\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
make_trace base 1
make_trace same 2
make_trace slow 3 '.decode_tok_s = 46 | .version = "b10587"'
make_trace one 4 '.version = "b999" | .synth.runs = 1'
plot() { # plot NAME ARGUMENTS...
    name=$1
    shift
    "$TOKTAPE" plot -q -o "$name" --chart diff "$@" || echo "exit $?"
}
plot slow base.toktape --against slow.toktape
cat slow/diff.dat
sed '/^set label/s/traces [0-9a-f, ]*/traces IDS/' slow/diff.gp # the tool's version is in content ids
# Nothing is explained where nothing changed; a margin and the sessions' deviation are those of 'diff'.
plot same base.toktape --against same.toktape --margin 5 --session-sd 1 --primary ttft
cat same/diff.dat
sed -n '/^set label/{ s/traces [0-9a-f, ]*/traces IDS/; p; }; /^set xrange/,/^set object/p' same/diff.gp
# One repeat: shifts without intervals.
plot one base.toktape --against one.toktape
cat one/diff.dat
sed -n '1,/^set label/p' one/diff.gp | tail -n 1
# The same figures as the command's, whatever it is given.
"$TOKTAPE" diff base.toktape --against slow.toktape --json |
    jq -r '.comparisons[] | [.shift_pct, (.ci_low_pct // "NaN"), (.ci_high_pct // "NaN")] | @tsv' | tr '\t' ' ' | sort >told
grep -v '^#' slow/diff.dat | cut -d ' ' -f 2-4 | sort | comm -23 - told
# Other charts show the traces of both sides.
"$TOKTAPE" plot base.toktape --against slow.toktape -q -o all
ls all
"$TOKTAPE" plot -q -o slide --size slide --theme dark --format png base.toktape --against slow.toktape --chart diff
cmp slow/diff.dat slide/diff.dat
exec 2>&1
plot no base.toktape slow.toktape
plot no base.toktape --against
plot no base.toktape --against base.toktape
plot no base.toktape --against "$TESTS/golden/demo.toktape"
plot no base.toktape --against slow.toktape --margin 0

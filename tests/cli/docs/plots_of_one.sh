#!/bin/sh
# Pictures of pages that are not of all traces: of one of them, of two rows against each other, of versions; and PNGs.
mkdir bin archive
# shellcheck disable=SC2016 # the stand-in expands these
printf '#!/bin/sh\nname=$(sed -n "s/^set output .\\(.*\\).$/\\1/p" "$2")\necho picture >"$name"\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
cd archive && cp ../workload.json . || exit
make_trace old-1 1
make_trace old-2 2
make_trace new 3 '.version = "b20" | .decode_tok_s = 40'
cd ..
cat >page.md <<'M'
<!-- toktape:plot chart="tokens" file="images/tokens" trace="old-2" run="3/deep" format="png" --><!-- /toktape -->
<!-- toktape:plot chart="timeline" file="images/timeline" trace="new.toktape" panels="power" size="slide" --><!-- /toktape -->
<!-- toktape:plot chart="diff" file="images/diff" base="*b1" new="*b20" margin="3" primary="ttft" theme="dark" --><!-- /toktape -->
<!-- toktape:plot chart="history" file="images/history" metric="ttft_ms" --><!-- /toktape -->
<!-- toktape:plot chart="leaderboard" file="board" format="png" --><!-- /toktape -->
M
exec 2>&1
docs() {
    "$TOKTAPE" docs -q "$@" --traces archive
    echo "exit $?"
}
docs --check page.md
docs page.md
cat page.md
ls . images
grep -h '^set output' images/*.gp
# What 'plot' draws of the same traces is the same.
"$TOKTAPE" plot archive/old-2.toktape -q -o of-one --chart tokens --run 3/deep --format png
"$TOKTAPE" plot archive/old-?.toktape --against archive/new.toktape -q -o of-two --chart diff --margin 3 --primary ttft
"$TOKTAPE" plot archive/*.toktape -q -o of-all --chart history --metric ttft_ms
cmp of-one/tokens.dat images/tokens.dat
cmp of-one/tokens.gp images/tokens.gp
cmp of-two/diff.dat images/diff.dat
cmp of-all/history.gp images/history.gp
docs --check page.md
rm board.png
docs --check page.md
# A trace need not be named where there is one only; without its end it has to be allowed.
rm archive/*
cp "$TESTS/golden/truncated.toktape" archive
echo '<!-- toktape:plot chart="timeline" file="t" --><!-- /toktape -->' >one.md
docs one.md
docs one.md --allow-incomplete
grep -c incomplete t.gp

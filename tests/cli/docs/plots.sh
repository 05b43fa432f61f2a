#!/bin/sh
# Pictures of a page: made beside it, compared by data and script, and nothing written where something is wrong.
mkdir bin archive
# shellcheck disable=SC2016 # the stand-in expands these
printf '#!/bin/sh\nname=$(sed -n "s/^set output .\\(.*\\).$/\\1/p" "$2")\necho "<svg></svg>" >"$name"\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
for profile in 17-qwen-27b-llamacpp 18-qwen-27b-llamacpp-mtp; do
    "$TOKTAPE" synth "$TESTS/page/$profile.json" -q -o "archive/$profile.toktape" || exit
done
cat >page.md <<'M'
# Page
<!-- toktape:plot chart="leaderboard" file="images/board" theme="dark" -->old<!-- /toktape -->
text
<!-- toktape:plot chart="mtp" file="mtp" size="slide" block="Mac mini M4 Pro 64 GB · Q5" --><!-- /toktape -->
<!-- toktape:plot chart="depth" file="images/depth" --><!-- /toktape -->
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
docs --check page.md
grep terminal images/board.gp mtp.gp
echo '# by hand' >>images/board.gp
sed 's/8/9/' mtp.dat >other && mv other mtp.dat
rm images/depth.svg
docs --check page.md
docs page.md
docs --check page.md
cp page.md before.md
for mark in 'chart="nope" file="x"' 'chart="tokens" file="x"' 'file="x"' 'chart="ttft"' 'chart="ttft" file="../x"' \
    'chart="ttft" file="/x"' 'chart="ttft" file="a b"' 'chart="ttft" file="x" theme="pink"' \
    'chart="ttft" file="x" block="none"' 'chart="tradeoff" file="t" size="poster"' 'chart="ttft" file="x" format="gif"' \
    'chart="ttft" file="x" them="dark"' 'chart="ttft" file="x" run="0/warm"' 'chart="ttft" file="x" theme=dark' \
    'chart="tokens" file="x" trace="none"' 'chart="tokens" file="x" trace="17-qwen-27b-llamacpp" run="warm"' \
    'chart="tokens" file="x" trace="17-qwen-27b-llamacpp" run="9/warm"' 'chart="timeline" file="x" trace="17-qwen-27b-llamacpp" panels="smoke"' \
    'chart="diff" file="x" base="*MTP"' 'chart="diff" file="x" base="*MTP" new="*"' 'chart="diff" file="x" base="*MTP" new="*MTP"' \
    'chart="diff" file="x" base="*MTP" new="*b9430" margin="no"' 'chart="diff" file="x" base="*MTP" new="*b9430" primary="speed"' \
    'chart="history" file="x"' 'chart="history" file="x" metric="speed"' \
    "chart=\"ttft\" file=\"$(printf '%080d' 0)\""; do
    { cat before.md; echo "<!-- toktape:plot $mark --><!-- /toktape -->"; } >page.md
    docs page.md
done
ls . images

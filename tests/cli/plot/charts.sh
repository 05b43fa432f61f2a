#!/bin/sh
# Scripts and data of every chart, exactly. A gnuplot that draws nothing stands in: they do not depend on it.
mkdir bin
printf '#!/bin/sh\necho >>../started\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
cp "$TESTS/golden/demo.toktape" .
"$TOKTAPE" plot demo.toktape -o one || exit
echo "$(grep -c '' started) starts of gnuplot for $(find one -name '*.gp' | grep -c '') scripts"
for name in cache depth leaderboard prefill ram-fit repeats timeline tokens ttft turn; do
    echo "== $name.gp"
    cat "one/$name.gp"
    echo "== $name.dat"
    head -n 12 "one/$name.dat"
done
for profile in 05-qwen-27b-llamacpp-mtp 08-qwen-27b-llamacpp 12-qwen-27b-mlx_vlm-mtp; do
    "$TOKTAPE" synth "$TESTS/page/$profile.json" -q -o "$profile.toktape" || exit
done
"$TOKTAPE" plot ./*-*.toktape -o three || exit
for name in cache leaderboard mtp ram-fit repeats tradeoff ttft turn; do
    echo "== three: $name"
    cat "three/$name.dat"
    # Content ids depend on the tool's version.
    sed -n '/^set label/{ s/traces [0-9a-f, ]*/traces IDS/; p; }; /^plot/,$p' "three/$name.gp"
done
for name in prefill depth timeline-1; do
    echo "== three: $name"
    head -n 30 "three/$name.dat"
done
# The same traces in another order, and in the other clothes: the same data.
"$TOKTAPE" plot ./*-*.toktape -q -o slide --size slide --theme dark --format png || exit
for name in cache leaderboard mtp prefill ram-fit repeats ttft turn timeline-2; do
    cmp "three/$name.dat" "slide/$name.dat"
done
grep -h '^set terminal' slide/mtp.gp
# A template stands in for the plot commands of its chart, and of no other.
mkdir own
echo "plot data using 3:1 with points linecolor rgb text" >own/mtp.gp
"$TOKTAPE" plot ./*-*.toktape -q -o own-drawn --template own --chart mtp --chart turn || exit
tail -n 1 own-drawn/mtp.gp
cmp three/turn.gp own-drawn/turn.gp
# A trace without an end is marked as such.
"$TOKTAPE" plot "$TESTS/golden/truncated.toktape" --allow-incomplete -q -o cut
echo "exit $?"
for chart in cut/*.gp; do
    echo "$chart: $(grep -c 'incomplete' "$chart")"
done

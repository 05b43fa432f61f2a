#!/bin/sh
# A metric over versions: in their order, engines apart, one line for cells that differ in nothing else.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
mkdir bin
printf '#!/bin/sh\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
make_trace b9430 1 '.version = "b9430-1a2b3c"'
make_trace b10587 2 '.version = "b10587-4d5e6f" | .decode_tok_s = 55'
make_trace b999 3 '.version = "b999" | .synth.runs = 1'
make_trace large 4 '.version = "b10587-4d5e6f" | .model = "Big-9B-Q4_K_M" | .decode_tok_s = 20'
for version in 0.28.1 0.9.1 0.28.1rc1; do
    make_trace "vllm-$version" 5 ".name = \"vllm\" | .version = \"$version\""
done
plot() { # plot NAME ARGUMENTS...
    name=$1
    shift
    "$TOKTAPE" plot -q -o "$name" --chart history "$@" || echo "exit $?"
}
plot one b*.toktape large.toktape
cat one/history.dat
sed '/^set label/s/traces [0-9a-f, ]*/traces IDS/' one/history.gp
plot both ./*.toktape --size slide
cat both/history.dat
sed -n '/^set label/{ s/traces [0-9a-f, ]*/traces IDS/; p; }; /^set xtics/,$p' both/history.gp # the tool's version is in ids
# Three recordings of a version: then those are what n counts and what the interval is of.
make_trace again1 6 '.version = "b9430-1a2b3c" | .decode_tok_s = 51'
make_trace again2 7 '.version = "b9430-1a2b3c" | .decode_tok_s = 49'
plot traces b9430.toktape again?.toktape b10587.toktape
cat traces/history.dat
grep '^set label' traces/history.gp | sed -n 2p
# Another metric; one that never changes, and is of no single runs.
plot ttft b9430.toktape b10587.toktape --metric ttft_ms
cat ttft/history.dat
plot memory b9430.toktape b10587.toktape --metric peak_rss_bytes
cat memory/history.dat
grep -h '^set label\|^set yrange\|^set ylabel' ttft/history.gp memory/history.gp | sed 's/traces [0-9a-f, ]*/traces IDS/'
exec 2>&1
plot no b9430.toktape
plot no b9430.toktape large.toktape
plot no b9430.toktape b10587.toktape --metric speed
plot no b9430.toktape b10587.toktape --metric acceptance

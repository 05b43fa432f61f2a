#!/bin/sh
# Rows of several machines: the lists of names say whose they are, and what has no place in a chart is counted. Long names
# leave the axes room.
mkdir bin
printf '#!/bin/sh\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
long=Qwen3-Coder-Next-Instruct-480B-A35B-Distilled-Preview-UD-Q4_K_XL
for profile in 05-qwen-27b-llamacpp-mtp 08-qwen-27b-llamacpp 10-qwen-27b-rapid-mlx 17-qwen-27b-llamacpp 18-qwen-27b-llamacpp-mtp; do
    "$TOKTAPE" synth "$TESTS/page/$profile.json" --runs 2 -q -o "$profile.toktape" || exit
    "$TOKTAPE" synth "$TESTS/page/$profile.json" --runs 1 -q --label "model=$long" -o "long-$profile.toktape" || exit
done
jq 'del(.synth.rails) | .version = "b1"' "$TESTS/page/08-qwen-27b-llamacpp.json" >profile.json
"$TOKTAPE" synth profile.json --runs 2 -q -o no-energy.toktape || exit

# shown FOLDER: where text stands, what it says, and the marks of the axes
shown() {
    for name in tradeoff depth mtp; do
        echo "== $1/$name"
        sed -n '/traces [0-9a-f]/d; s/^set label \(.*\) textcolor.*/\1/p; /^set [xy]tics/p; /^set [lr]margin/p' "$1/$name.gp"
    done
}
for size in column slide; do
    "$TOKTAPE" plot [0-9]*.toktape no-energy.toktape -q -o "$size" --size "$size" || exit
    shown "$size"
    "$TOKTAPE" plot long-*.toktape -q -o "long-$size" --size "$size" || exit
    shown "long-$size"
done

#!/bin/sh
# Scripts and data of all charts of the bundled trace, exactly; pictures only where gnuplot is there.
cp "$TESTS/golden/demo.toktape" .
command -v gnuplot >/dev/null || { echo "no gnuplot" >&2; exit 77; }
"$TOKTAPE" plot demo.toktape -o charts || exit
for name in decode ttft tokens memory; do
    echo "== $name.gp"
    cat "charts/$name.gp"
    echo "== $name.dat"
    head -n 12 "charts/$name.dat"
    grep -q '</svg>' "charts/$name.svg" || echo "$name.svg is no whole picture"
done
# Drawn again by hand, the script gives the same picture.
cp charts/decode.svg first.svg
(cd charts && gnuplot --default-settings decode.gp) && cmp first.svg charts/decode.svg

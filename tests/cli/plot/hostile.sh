#!/bin/sh
# A model whose name tries to run commands or to break out of a string leaves no trace of that.
cp "$TESTS/golden/demo.toktape" .
command -v gnuplot >/dev/null || { echo "no gnuplot" >&2; exit 77; }
# shellcheck disable=SC2016 # these are not to be expanded, that is the point
for name in '`touch run`' '$(touch run)' "'; system \"touch run\"; '" 'a|b<script>@x{}\n' '"; !touch run' 'x" . system("touch run") . "'; do
    "$TOKTAPE" plot demo.toktape -o charts -q --label "model=$name" || echo "failed: $name"
    grep -h 'title' charts/decode.gp | sed -n 2p
done
ls

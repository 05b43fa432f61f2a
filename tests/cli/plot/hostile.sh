#!/bin/sh
# Names that try to run commands or to break out of a string, in labels, models and phases, leave no trace of that.
command -v gnuplot >/dev/null || { echo "no gnuplot" >&2; exit 77; }
cp "$TESTS/golden/demo.toktape" .
mkdir charts
# shellcheck disable=SC2016 # these are not to be expanded, that is the point
for name in '`touch run`' '$(touch run)' "'; system \"touch run\"; '" 'a|b<script>@x{}\n^_' '"; !touch run' \
    'x" . system("touch run") . "' "x\\' . system('touch run') #" "$(printf 'new\nline; !touch run')" \
    "$(printf '\303\050 \342\200\256rtl')" "$(printf '%0500d' 7)"; do
    "$TOKTAPE" plot demo.toktape -o charts -q --label "model=$name" --label "machine=$name" || echo "failed: $name"
    grep -h 'right noenhanced' charts/ttft.gp
    tail -n 1 charts/ttft.dat
done
# The names of engine, machine and rails.
cat >profile.json <<'J'
{"name": "`touch run`@x'", "model": "\"; !touch run", "decode_tok_s": 100, "answer_tokens": 80,
 "synth": {"runs": 2, "machine": "' . system('touch run') . '", "ram_gib": 8, "rss_gib": 1,
  "power_source": "`touch run`", "rails": [{"name": "'; system \"touch run\" '@x", "unit": "uJ", "decode_w": 9}]}}
J
"$TOKTAPE" synth profile.json -q -o hostile.toktape || exit
"$TOKTAPE" plot hostile.toktape -o drawn || exit
cat drawn/turn.dat
grep -h "touch" drawn/timeline.gp
ls . charts

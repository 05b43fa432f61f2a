#!/bin/sh
# The same names in the charts that compare: as model, engine, version and machine they run nothing and break nothing.
command -v gnuplot >/dev/null || { echo "no gnuplot" >&2; exit 77; }
# Every evil one makes a file called "run" somewhere below, if anything of it ever runs.
made() { # made TRACE NAME RATE VERSION: names are as hostile as a profile takes them
    jq -n --arg name "$2" --argjson rate "$3" --arg version "$4" '{name: $name, version: $version, model: $name,
        decode_tok_s: $rate, prefill_tok_s: 900, jitter: 0.02, seed: $rate, answer_tokens: 60,
        synth: {workload: "workload.json", runs: 4, machine: $name, rss_gib: 2}}' >profile.json
    "$TOKTAPE" synth profile.json -q -o "$1.toktape"
}
jq -n '{name: "hostile", phases: [{name: "warm", max_tokens: 60, messages: [{role: "user", content: "Hi."}]}]}' >workload.json
n=0
# shellcheck disable=SC2016 # these are not to be expanded, that is the point
for name in '`touch run`' '$(touch run)' "'; system \"touch run\"; '" 'a|b<script>open("run")</script>@x{}\n^_' '"; !touch run' \
    'x" . system("touch run") . "' "x\\' . system('touch run') #" '{/Symbol a}' '%s%n %d' '</title><image href="http://x">'; do
    n=$((n + 1))
    rm -f one.toktape two.toktape
    made one "$name" 90 "1.0 $name" && made two "$name" 70 "2.0 $name" || printf "no trace: %s\n" "$name"
    "$TOKTAPE" plot one.toktape --against two.toktape -q -o "svg$n" --chart diff --chart history || printf "failed: %s\n" "$name"
    sed -n '$p' "svg$n/history.dat"
    grep -h '^set label .base' "svg$n/diff.gp"
    grep -h '^set xtics' "svg$n/history.gp"
done
"$TOKTAPE" plot one.toktape --against two.toktape -q -o png --format png --chart diff --chart history || echo "no PNG"
# All are well-formed, and have nothing but shapes and text.
python3 - svg*/*.svg <<'P'
import sys, xml.dom.minidom
for path in sys.argv[1:]:
    for e in xml.dom.minidom.parse(path).getElementsByTagName("*"):
        if e.tagName in ("script", "image", "foreignObject") or any(k.startswith("on") for k in e.attributes.keys()):
            print(path, "has", e.tagName)
P
find . -name '*run*'
ls

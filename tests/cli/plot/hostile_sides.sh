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
    made one "$name" 90 "1.0 $name" && made two "$name" 70 "2.0 $name" || printf "no trace: %s\n" "$name"
    for format in svg png; do
        "$TOKTAPE" plot one.toktape --against two.toktape -q -o "$format$n" --format $format --chart diff \
            --chart history --chart leaderboard || printf "failed: %s\n" "$name"
    done
    sed -n '$p' "svg$n/history.dat"
    grep -h '^set label .base' "svg$n/diff.gp"
    grep -h '^set xtics' "svg$n/history.gp"
    for picture in "svg$n"/*.svg; do
        python3 -c 'import sys, xml.dom.minidom
for e in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("*"):
    if e.tagName in ("script", "image", "foreignObject") or any(k.startswith("on") for k in e.attributes.keys()):
        print(sys.argv[1], "has", e.tagName)' "$picture"
    done
    "$TOKTAPE" report one.toktape two.toktape -q --format html -o page.html || printf "no page: %s\n" "$name"
    grep -c '<script\|<image' page.html
    rm one.toktape two.toktape
done
find . -name '*run*'
ls

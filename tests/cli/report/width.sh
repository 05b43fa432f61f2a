#!/bin/sh
# No line of the text report is wider than asked for, in any view or as any other tool's, and away from a terminal that is 80.
for profile in "$TESTS"/page/01-*.json "$TESTS"/page/1[0-2]-*.json; do
    "$TOKTAPE" synth -q "$profile" -o "$(basename "$profile" .json).toktape" || exit 1
done
look_at() { # look_at VIEW: as wide as asked for, and as wide as it should be when nobody asks
    for width in 60 77 80 99 120; do
        "$TOKTAPE" report -q --view "$1" --format text --width $width ./*.toktape >"$width.$1"
    done
    "$TOKTAPE" report -q --view "$1" --format text ./*.toktape | tee text.out | cmp - "80.$1"
    COLUMNS=120 "$TOKTAPE" report -q --view "$1" --format text ./*.toktape -o text2.out
    cmp text.out text2.out
    "$TOKTAPE" report -q --view "$1" --format text 01*.toktape | head -n 12
}
for view in tiers grid phases runs cache itl; do look_at $view; done
for tool in asiai vllm aiperf genai-perf guidellm llmperf mlperf; do
    "$TOKTAPE" report -q --as $tool --format text --width 60 01*.toktape >60.$tool
done
python3 -c '
import sys, unicodedata
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as lines:
        widest = max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line.rstrip("\n")) for line in lines)
    if widest > int(name.split(".")[0]):
        print(name, "is", widest, "wide")' [0-9][0-9].* [0-9][0-9][0-9].*
"$TOKTAPE" report -q --format text ./*.toktape
"$TOKTAPE" report -q --format text --width 0 01*.toktape
for width in 59 1001 x; do "$TOKTAPE" report --format text --width $width 01*.toktape 2>&1; echo "$?"; done

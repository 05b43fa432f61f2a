#!/bin/sh
# No line of the text report is wider than asked for, in any view, and away from a terminal that is 80.
for profile in "$TESTS"/page/01-*.json "$TESTS"/page/1[0-2]-*.json; do
    "$TOKTAPE" synth -q "$profile" -o "$(basename "$profile" .json).toktape" || exit 1
done
widest() { # how wide the widest line of standard input is
    python3 -c '
import sys, unicodedata
sys.stdin.reconfigure(encoding="utf-8")
print(max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line.rstrip("\n")) for line in sys.stdin))'
}
for view in tiers grid phases runs cache itl; do
    for width in 60 77 80 99 120; do
        "$TOKTAPE" report -q --view $view --format text --width $width ./*.toktape >text.out
        [ "$(widest <text.out)" -le $width ] || echo "$view is $(widest <text.out) wide, not $width"
    done
    "$TOKTAPE" report -q --view $view --format text ./*.toktape >text.out
    "$TOKTAPE" report -q --view $view --format text --width 80 ./*.toktape | cmp - text.out
    COLUMNS=120 "$TOKTAPE" report -q --view $view --format text ./*.toktape -o text2.out
    cmp text.out text2.out
    "$TOKTAPE" report -q --view $view --format text 01*.toktape | head -n 12
done
"$TOKTAPE" report -q --format text ./*.toktape
"$TOKTAPE" report -q --format text --width 0 01*.toktape
for width in 59 1001 x; do "$TOKTAPE" report --format text --width $width 01*.toktape 2>&1; echo "$?"; done

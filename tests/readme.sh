#!/bin/sh
# readme.sh TOKTAPE ROOT: the README's table has the figures of the trace that it shows.
set -eu
TOKTAPE=$1
root=$2
trace=$root/tests/golden/demo.toktape
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-readme.XXXXXX")
trap 'rm -rf "$work"' EXIT

# phase, ok, TTFT, decode, prefill, cached, answer: as "record" prints them, and as "report" does.
shown() {
    LC_ALL=C awk '/^    phase .* TTFT ms/ { rows = 1; next } rows && !NF { exit } rows { print $1, $2, $3, $4, $5, $6, $(NF) }' \
        "$root/README.md" | sed 's/—  *%/—/'
}
measured() {
    "$TOKTAPE" report --view phases --format text --width 0 "$trace" |
        LC_ALL=C awk '/^phase / { rows = 1; next } rows && !NF { exit }
            rows { print $1, $2, $3, $5, $7, sprintf("%.0f", $9), $10 }'
}
shown >"$work/shown"
measured >"$work/measured"
[ "$(grep -c . "$work/measured")" -gt 0 ]
diff "$work/measured" "$work/shown" || { echo "the README's table is not that of $trace"; exit 1; }

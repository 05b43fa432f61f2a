#!/bin/sh
# plots.sh BUILD: how long all charts, and the HTML page, of an archive of 18 cells take. Budget: 10 s for the charts.
set -eu
build=$1
profiles=$(cd "$(dirname "$0")/../page" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
command -v gnuplot >/dev/null || { echo "no gnuplot"; exit 0; }
for profile in "$profiles"/*.json; do
    "$build/toktape" synth "$profile" -q -o "$work/$(basename "$profile" .json).toktape"
done

# milliseconds COMMAND...: wall time in ms
milliseconds() {
    begin=$(date +%s%N)
    "$@" >/dev/null || [ $? -eq 1 ] # report leaves with 1 when a row is eliminated
    echo $((($(date +%s%N) - begin) / 1000000))
}
status=0 budget=10000
for format in svg png; do
    for _ in 1 2 3; do
        rm -rf "$work/charts"
        milliseconds "$build/toktape" plot "$work"/*.toktape -q -o "$work/charts" --format $format
    done | sort -n >"$work/times"
    median=$(sed -n 2p "$work/times")
    pictures=$(find "$work/charts" -name "*.$format" | wc -l)
    ratio=$(LC_ALL=C awk "BEGIN { printf \"%.2f\", $median / $budget }")
    echo "$format: $pictures pictures of 18 cells in $median ms (median of 3), $ratio of the budget"
    [ "$median" -le $budget ] || status=1
done
page=$(milliseconds "$build/toktape" report -q --format html -o "$work/page.html" "$work"/*.toktape)
echo "html: $(wc -c <"$work/page.html") bytes in $page ms"
exit $status

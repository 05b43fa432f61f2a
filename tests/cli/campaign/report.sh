#!/bin/sh
# Everything that can be made of an archive, in one go; a page that is there keeps its words.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
plan plan.json '"sentinel": {},' '{"name": "a", "labels": {"model": "One"}}, {"name": "b", "labels": {"model": "Two"}, "seed": 2}'
echo "--- nothing yet"
campaign report plan.json
campaign -q plan.json
echo "--- all of it"
campaign report plan.json -o site
ls site
for name in leaderboard sentinel; do
    [ -s site/charts/$name.gp ] && [ -s site/charts/$name.dat ] || echo "no chart $name"
done
grep -c '^[0-9]' site/charts/sentinel.dat
jq -r '.blocks[].rows[].label' site/figures.json | sort
grep -c '^| .* | One' site/page.md
grep -o '<title>[^<]*' site/index.html
cut -d , -f 1-3 site/figures.csv | wc -l
"$TOKTAPE" docs --check site/page.md --traces archive && echo "the page is what the traces say"
echo "--- a page with words of its own"
{ echo "My words."; cat site/page.md; } >kept && cp kept site/page.md
rm archive/b.toktape
campaign -q report plan.json -o site
head -n 1 site/page.md
grep -c Two site/page.md
echo "--- beside the traces"
campaign -q report plan.json && ls archive/trip.report

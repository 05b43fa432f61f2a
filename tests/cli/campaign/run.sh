#!/bin/sh
# Four cells, one of them repeated with a restart: recorded once, checked and skipped the next time.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
plan plan.json '' '{"name": "a", "labels": {"round": "1"}}, {"name": "b", "runs": 2, "restart": true}, {"name": "c"},
    {"name": "d", "runs": 2, "after": [{"run": "echo done >after"}]}'
echo "--- before"
"$TOKTAPE" campaign status --json plan.json | jq -c '.cells[0]'
echo "--- run"
campaign plan.json
states plan.json
nothing_left
ls archive archive/trip.campaign after
for trace in archive/*.toktape; do
    "$TOKTAPE" info --json "$trace" | jq -c '[.closed, .runs.ok, .labels]'
done
"$TOKTAPE" campaign status --json plan.json | jq -r '.cells[] | .recordings[] | .content_id + " " + .trace' | while read -r id trace; do
    [ "$("$TOKTAPE" info --json "$trace" | jq -r .content_id)" = "$id" ] || echo "$trace has another content id"
done
echo "--- again: nothing is left to do"
cksum archive/*.toktape archive/trip.campaign/manifest.json >before
campaign --resume -q plan.json
cksum archive/*.toktape archive/trip.campaign/manifest.json | cmp - before
echo "--- from elsewhere"
mkdir elsewhere && cd elsewhere && campaign status ../plan.json

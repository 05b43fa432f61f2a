#!/bin/sh
# What a resumed campaign makes of what it finds: damaged and missing traces, others' traces, changed cells, an engine that
# was left running.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
plan plan.json '' '{"name": "a"}, {"name": "b"}, {"name": "c"}'
"$TOKTAPE" campaign -q plan.json >/dev/null
attempts() {
    "$TOKTAPE" campaign status --json plan.json | jq -c '[.cells[] | .recordings[0].attempts]'
}
echo "--- one trace is damaged, one is gone"
printf 'x' | dd of=archive/a.toktape bs=1 seek=300 conv=notrunc 2>/dev/null
rm archive/b.toktape
campaign plan.json | sed -E 's/byte [0-9]+/byte N/; s/damaged: .*;/damaged: REASON;/'
attempts
ls archive/trip.campaign/*damaged*
echo "--- a trace is another one"
cp archive/a.toktape kept
cp archive/b.toktape archive/a.toktape
campaign -q plan.json | sed -E 's/[0-9a-f]{12}/ID/g'
cp kept archive/a.toktape
echo "--- the plan's cell is another one"
sed 's/"name": "b"/"name": "b", "seed": 7/' plan.json >other.json
campaign -q other.json
echo "--- a trace is in the way"
sed 's/"name": "c"/"name": "c"}, {"name": "d"/' plan.json >more.json
cp archive/a.toktape archive/d.toktape
campaign -q more.json
rm archive/d.toktape
echo "--- killed after the trace got its name"
jq '.recordings |= map(if .cell == "c" then .state = "running" else . end)' archive/trip.campaign/manifest.json >m
cp m archive/trip.campaign/manifest.json
campaign -q plan.json
attempts
echo "--- killed before the trace got its name"
jq '.recordings |= map(if .cell == "c" then .state = "running" else . end)' archive/trip.campaign/manifest.json >m
cp m archive/trip.campaign/manifest.json
mv archive/c.toktape archive/trip.campaign/current.toktape
campaign -q plan.json
attempts
echo "--- another cell was under way when it was killed"
jq '.recordings |= map(if .cell == "c" then .state = "running" | .content_id = null else . end)' \
    archive/trip.campaign/manifest.json >m
cp m archive/trip.campaign/manifest.json
mv archive/c.toktape .
cp kept archive/trip.campaign/current.toktape.part
campaign -q --only a plan.json
cmp kept archive/trip.campaign/c.failed.toktape && echo "what it left is kept"
jq -r '.recordings[] | [.cell, .state] | join(" ")' archive/trip.campaign/manifest.json
mv c.toktape archive/
jq '.recordings |= map(if .cell == "c" then .state = "done" | .content_id = $id else . end)' --arg id \
    "$("$TOKTAPE" info --json archive/c.toktape | jq -r .content_id)" archive/trip.campaign/manifest.json >m
cp m archive/trip.campaign/manifest.json
echo "--- an engine was left running, with its children"
folder=$(cd archive/trip.campaign && pwd -P)
setsid sh -c "export TOKTAPE_CAMPAIGN='$folder'; '$TOKTAPE' serve --port $port quick.json >/dev/null 2>&1 & echo \$\$ >pid; exec sleep 100" &
await curl --silent --noproxy '*' "http://127.0.0.1:$port/health"
left=$(cat pid)
start=$(cut -d ' ' -f 22 "/proc/$left/stat" 2>/dev/null)
[ -n "$start" ] || start=0
jq --arg start "$start" --argjson pid "$left" '.engine = {"pid": $pid, "start_time": $start} |
    .recordings |= map(if .cell == "c" then .state = "running" | .content_id = null else . end)' \
    archive/trip.campaign/manifest.json >m
cp m archive/trip.campaign/manifest.json
rm archive/c.toktape
campaign plan.json
kill -0 "$left" 2>/dev/null && echo "it still runs"
nothing_left
attempts
echo "--- its first process is gone, a child is not"
left_alone() { # the child that a killed engine leaves, in its process group
    setsid sh -c "export TOKTAPE_CAMPAIGN='$1'; '$TOKTAPE' serve --port $port quick.json >/dev/null 2>&1 & echo \$\$ \$! >pid" &
    await curl --silent --noproxy '*' "http://127.0.0.1:$port/health"
    jq --argjson pid "$(cut -d ' ' -f 1 pid)" '.engine = {"pid": $pid, "start_time": "1"} |
        .recordings |= map(if .cell == "c" then .state = "running" | .content_id = null else . end)' \
        archive/trip.campaign/manifest.json >m
    cp m archive/trip.campaign/manifest.json
    mv archive/c.toktape .
}
left_alone "$folder"
campaign plan.json
attempts
echo "--- a group of that number which is not of this campaign is left alone"
left_alone "$folder.old"
campaign -q plan.json
kill "$(cut -d ' ' -f 2 pid)"
echo "--- the manifest is damaged"
echo '{"format": "toktape-campaign-1", "campaign": "trip", "recordings": [{"cell": "../x"}]}' >archive/trip.campaign/manifest.json
campaign -q plan.json

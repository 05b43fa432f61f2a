#!/bin/sh
# An engine that leaves its process group: it ends with its cell nevertheless, or the next ones would have no port.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
command -v setsid >/dev/null || exit 77
stray() { # stray THEN: an engine in a session of its own, and what its first process does then
    echo "\"engine\": {\"cmd\": [\"sh\", \"-c\", \"setsid '$TOKTAPE' serve --port $port quick.json & $1\"]," \
        "\"url\": \"http://127.0.0.1:$port\"}"
}
echo "--- one that stays, with the engine elsewhere"
plan plan.json '' "{\"name\": \"a\", $(stray 'exec sleep 100')}, {\"name\": \"b\"}"
campaign plan.json
nothing_left
echo "--- one that is gone at once"
plan plan.json '' "{\"name\": \"c\", $(stray 'exit 0'), \"runs\": 100}, {\"name\": \"d\"}"
campaign -q --keep-going plan.json >said
"$TOKTAPE" campaign status --json plan.json | jq -c '[.cells[].state]'
nothing_left
echo "--- one of a campaign that was killed"
plan plan.json '' "{\"name\": \"e\", $(stray 'exec sleep 100')}, {\"name\": \"f\"}"
sed -i.old 's/"decode_tok_s": 1000/"decode_tok_s": 5/' quick.json
"$TOKTAPE" campaign -q plan.json >/dev/null 2>&1 &
killed=$!
await test -s archive/trip.campaign/current.toktape.part
kill -KILL $killed
wait $killed
mv quick.json.old quick.json
campaign plan.json | grep -v 'of a campaign'
nothing_left

#!/bin/sh
# Ctrl-C: the trace is closed, the engine stopped, and the same command goes on.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
after='"after": [{"wait": 60}, {"run": "echo put back >after"}]'
plan plan.json '' "{\"name\": \"a\"}, {\"name\": \"b\", $(engine slow.json), $after}, {\"name\": \"c\"}"
interrupt() { # interrupt SIGNAL: while the second cell is recorded
    "$TOKTAPE" campaign plan.json >out 2>said &
    campaign=$!
    await test -e archive/a.toktape
    await test -s archive/trip.campaign/current.toktape.part
    states plan.json
    kill "-$1" $campaign
    wait $campaign
    echo "exit $?"
    nothing_left
    states plan.json
    cat after
}
echo "--- SIGTERM while b is recorded"
interrupt TERM
"$TOKTAPE" info --json archive/trip.campaign/b.failed.toktape | jq -r .closed
echo "--- the second campaign of a plan at a time is refused"
echo '{"model": "tiny", "version": "b1-test", "ttft_ms": 20, "decode_tok_s": 8}' >slow.json
"$TOKTAPE" campaign -q plan.json >out 2>&1 &
first=$!
await test -s archive/trip.campaign/current.toktape.part
campaign plan.json
"$TOKTAPE" campaign status --json plan.json | jq -c '[.running, .cells[1].state]'
kill -TERM $first
wait $first
echo "--- a closed terminal, with nohup"
sed -i.old 's/"wait": 60/"wait": 0/' plan.json
(trap '' HUP && exec "$TOKTAPE" campaign -q plan.json >out 2>&1) &
first=$!
await test -s archive/trip.campaign/current.toktape.part
kill -HUP $first
cp quick.json slow.json
wait $first
echo "exit $?"
rm archive/b.toktape archive/c.toktape
echo "--- and goes on"
cp quick.json slow.json
campaign -q plan.json
"$TOKTAPE" campaign status --json plan.json | jq -c '[.cells[] | .recordings[0].attempts]'
ls archive archive/trip.campaign

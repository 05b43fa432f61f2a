#!/bin/sh
# Requests come when they came in the recording, or after the recorded time to think; what was intended is kept.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
start quick.json
record -q --pause 0.4 --runs 2 -o first.toktape 2>/dev/null
seconds() {
    begin=$(date +%s%N)
    replay first.toktape -q "$@"
    end=$(date +%s%N)
    echo $(((end - begin) / 1000000))
}
recorded=$(seconds --pace recorded --idle 0 -o recorded.toktape)
think=$(seconds --pace think --idle 0 -o think.toktape)
capped=$(seconds --pace think --idle 0 --think-max 0.01 -o capped.toktape)
asap=$(seconds --pace asap --idle 0 -o asap.toktape)
[ "$recorded" -ge 900 ] && [ "$think" -ge 900 ] && echo "three pauses of 0.3 s or more each"
[ "$asap" -lt "$recorded" ] && [ "$capped" -lt "$think" ] && echo "shorter without"
for trace in recorded think capped asap; do
    fidelity $trace.toktape
done
"$TOKTAPE" replay first.toktape --url "$url" --pace think --idle 0 --think-max 0.01 -o warned.toktape 2>&1 >/dev/null |
    grep -e '--think-max'
echo "--- a signal while it waits"
"$TOKTAPE" replay first.toktape --url "$url" --pace think --idle 0 --runs 500 -o signal.toktape >/dev/null 2>message &
replayer=$!
await grep '^\[ *2/' message
kill -INT "$replayer"
wait "$replayer"
echo "exit $?"
"$TOKTAPE" info --json signal.toktape | jq -c '[.closed, .runs.failed <= 1,
    .replay.fidelity.requests == .runs.total, .replay.requests]'

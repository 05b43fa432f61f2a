#!/bin/sh
# A signal in the middle of an answer: the trace is closed with what came, and says that it was interrupted.
# shellcheck disable=SC1091,SC2154,SC2086,SC2217 # "common" sets $url and $engine; words; a pipe that is not read
. "$TESTS/cli/record/common"
recorder=
reader=
also() {
    [ -z "$recorder$reader" ] || kill -9 $recorder $reader 2>/dev/null
    cleanup
}
trap also EXIT
has_tokens() { # has_tokens TRACE: the stock zstd finds an answer's beginning in what is written so far
    zstd -dc "$1" 2>/dev/null | grep -aq 'chat.completion.chunk'
}
begin() { # begin OPTIONS...: records in the background; a shell in between would keep the signals
    "$TOKTAPE" record --url "$url" --workload work.json --pause 0 "$@" >/dev/null 2>message &
    recorder=$!
}
ended() {
    wait "$recorder"
    echo "exit $?"
    recorder=
}
sed 's/"max_tokens": 20/"max_tokens": 2000/' work.json >long.json
start slow.json
for signal in INT TERM; do
    echo "--- $signal"
    begin --workload long.json -q -o $signal.toktape
    await has_tokens $signal.toktape.part
    ls $signal.*
    kill -$signal "$recorder"
    ended
    ls $signal.*
    zstd -qt $signal.toktape && has_tokens $signal.toktape && echo "whole, with tokens"
    sed -e '/marked synthetic$/d' -e 's/after [0-9]* of/after some of/' message
    "$TOKTAPE" info $signal.toktape | grep -e closed -e 'runs  '
    "$TOKTAPE" info --json $signal.toktape | jq -c '[.closed, .runs]'
    runs $signal.toktape '"\(.phase) \(.ok) \(.valid) \(.invalid_causes) \(.error) \(.completion_tokens > 0)"'
    "$TOKTAPE" report $signal.toktape | grep interrupted
done
echo "--- KILL"
begin --workload long.json -q -o KILL.toktape
await has_tokens KILL.toktape.part
kill -KILL "$recorder"
ended 2>/dev/null
ls KILL.*
"$TOKTAPE" info KILL.toktape.part >info.txt 2>said
echo "strictly: $?"
"$TOKTAPE" report --view runs --json --allow-incomplete KILL.toktape.part |
    jq -r '.runs[] | "\(.phase) \(.valid) \(.invalid_causes) \(.completion_tokens > 0)"'
record --workload long.json -q -o KILL.toktape 2>&1 | sed '/marked synthetic$/d'
echo "--- in the pause between two runs"
begin --only first --runs 2 --pause 1000 -o pause.toktape
await grep '^\[1/2\]' message
kill -INT "$recorder"
ended
"$TOKTAPE" info --json pause.toktape | jq -c '[.closed, .runs]'
echo "--- while the engine is started again"
sed 's/"max_tokens": 20,/"max_tokens": 20, "cold": true,/' work.json >cold.json
begin --workload cold.json --restart-cmd 'touch restarting; exec sleep 1000' -q -o restart.toktape
await test -e restarting
kill -INT "$recorder"
ended
"$TOKTAPE" info --json restart.toktape | jq -c '[.closed, .runs]'
echo "--- before anybody answered"
kill -STOP "$engine"
begin -o never.toktape
sleep 1
kill -INT "$recorder"
ended
cat message
kill -CONT "$engine"
echo "--- the second time it kills"
cat >quick.json <<'END'
{"ttft_ms": 1, "prefill_tok_s": 10000000, "decode_tok_s": 2000, "context": 1048576}
END
start quick.json
# a body that no pipe holds, into a pipe that nobody reads
head -c 300000 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >noise
printf '{"name": "noise", "phases": [{"name": "noise", "max_tokens": 5, "messages": [
    {"role": "user", "content": "%s"}]}]}' "$(cat noise)" >noise.json
mkfifo pipe
sleep 1000 <pipe &
reader=$!
begin --workload noise.json --runs 2 -o pipe
await grep '^\[1/2\]' message
kill -INT "$recorder"
sleep 0.5
kill -0 "$recorder" && echo "waits for the pipe"
kill -INT "$recorder"
ended

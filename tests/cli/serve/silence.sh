#!/bin/sh
# Engines that never finish: the client's patience ends it, and the engine serves on.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
echo '{"ttft_ms": 1, "decode_tok_s": 5000, "answer_tokens": 6}' >profile.json
start --fault stall:500@0,endless:5@1 profile.json
chat '"stream":true,' --max-time 1 -o body
echo "stalled: curl $?, $(wc -c <body) bytes"
chat '"stream":true,' --max-time 1 -o body
code=$?
[ "$(grep -c '"content"' body)" -gt 50 ] && echo "endless: curl $code"
chat '"stream":true,' | tail -n 2
echo "--- ended in the middle of a silence"
start --fault stall:500 profile.json
chat '"stream":true,' --max-time 20 -o body &
client=$!
sleep 0.3
stop INT
wait "$client"
echo "curl $?"

#!/bin/sh
# How serve itself ends: by a signal, after one answer, or dying of a fault.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
echo '{"ttft_ms": 1, "decode_tok_s": 5000, "answer_tokens": 6}' >profile.json
start profile.json
stop INT
start profile.json
stop TERM
start --once profile.json
curl "$url/health"
echo
chat '"stream":true,' | tail -n 2
wait "$engine"
echo "after one answer: $?"
start --once --fault status:503 profile.json
chat '' --write-out ' %{http_code}\n'
wait "$engine"
echo "after one refusal: $?"
start --fault die:600@1 profile.json
chat '"stream":true,' | tail -n 2
chat '"stream":true,' -o body 2>message
echo "curl $?, $(wc -c <body) bytes"
curl "$url/health" 2>message
echo "then curl $?"
wait "$engine"
echo "died: $?"
cat log
engine=
grep -c . url

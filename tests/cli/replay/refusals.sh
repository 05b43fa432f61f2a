#!/bin/sh
# What is not sent, and why.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
try() {
    "$TOKTAPE" replay "$@" >out 2>&1
    code=$?
    sed -e '/marked synthetic$/d' -e 's/after byte [0-9]*/after some bytes/' out
    echo "exit $code"
}
start quick.json
record -q -o first.toktape 2>/dev/null
record --no-content -q -o masked.toktape 2>/dev/null
head -c $(($(wc -c <first.toktape) - 100)) first.toktape >cut.toktape
try
try first.toktape
try first.toktape second.toktape --url "$url"
try masked.toktape --url "$url"
try masked.toktape --dry-run
try nowhere.toktape --dry-run
try cut.toktape --dry-run
"$TOKTAPE" replay cut.toktape --dry-run --allow-incomplete >/dev/null 2>&1
echo "exit $?"
echo "not a trace" >text
try text --dry-run
try first.toktape --url "$url" --extra-body '{"messages": []}'
try first.toktape --url "$url" --extra-body 'no'
try first.toktape --url "$url" --think-max 1e9
try first.toktape --url "$url" --runs 10000000
try first.toktape --url "$url" --pace soon
try first.toktape --dry-run --cold nonce
try first.toktape --url "$url" --workload agentic-8
try first.toktape --url "$url" -q -o first.toktape
echo "--- nobody there, and nobody else is asked"
end_engine
try first.toktape --url "http://127.0.0.1:1" -q -o never.toktape
ls never.toktape* 2>/dev/null || echo "nothing is written"

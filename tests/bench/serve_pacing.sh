#!/bin/sh
# serve_pacing.sh BUILD: how punctual serve is. At each rate the server says how late it handed its slices to send, and a
# bare recv client how far the gaps between its reads are from the schedule's.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `serving`
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/serving"

for rate in 50 500 2000 5000; do
    printf '{"decode_tok_s": %s, "ttft_ms": 20, "prefill_tok_s": 1e9}' "$rate" >"$work/profile.json"
    serve "$toktape" serve -v --once "$work/profile.json"
    printf '%5s tok/s  client: ' "$rate"
    "$tools/bench_serve_client" "${url##*:}" $((rate * 3)) $((1000000000 / rate))
    wait "$server"
    server=
    sed -n 's/^toktape: \([0-9]* sends on schedule.*\)/             server: \1/p' "$work/log"
done

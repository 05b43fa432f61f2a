#!/bin/sh
# serve_pacing.sh BUILD: how punctual serve is. At each rate the server says how late it handed its slices to send, and a
# bare recv client how far the gaps between its reads are from the schedule's.
set -eu
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
engine=
trap 'test -z "$engine" || kill "$engine" 2>/dev/null; rm -rf "$work"' EXIT

for rate in 50 500 2000 5000; do
    printf '{"decode_tok_s": %s, "ttft_ms": 20, "prefill_tok_s": 1e9}' "$rate" >"$work/profile.json"
    rm -f "$work/url"
    "$build/toktape" serve -v --once "$work/profile.json" >"$work/url" 2>"$work/log" &
    engine=$!
    while ! test -s "$work/url"; do kill -0 "$engine"; sleep 0.05; done
    url=$(cat "$work/url")
    printf '%5s tok/s  client: ' "$rate"
    "$build/tests/bench/bench_serve_client" "${url##*:}" $((rate * 3)) $((1000000000 / rate))
    wait "$engine"
    engine=
    sed -n 's/^toktape: \([0-9]* sends on schedule.*\)/             server: \1/p' "$work/log"
done

#!/bin/sh
# replay.sh BUILD: how punctual replay is at the recorded pace: 80 requests to the engine of the recording, 0.1 s and more
# apart, and how much later than intended each was begun. On an idle machine p99 is to stay below 1 ms.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `serving`
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/serving"
cat >"$work/work.json" <<'EOF'
{"name": "short", "phases": [{"name": "one", "max_tokens": 8, "messages": [{"role": "user", "content": "What is a tide?"}]}]}
EOF
echo '{"decode_tok_s": 2000, "ttft_ms": 5, "prefill_tok_s": 1e9}' >"$work/profile.json"
serve "$toktape" serve "$work/profile.json"
"$toktape" record -q --url "$url" --workload "$work/work.json" --runs 80 --pause 0.15 --idle 0 \
    -o "$work/first.toktape" 2>/dev/null
"$toktape" replay -q "$work/first.toktape" --url "$url" --pace recorded --idle 0 -o "$work/again.toktape"
"$toktape" info "$work/again.toktape" | grep -e '^  bodies' -e '^  send lag'

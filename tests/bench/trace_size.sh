#!/bin/sh
# trace_size.sh BUILD: what stamps and bodies take of a closed trace, each bounded from above by what is simple to weigh:
# the stamps (budget 3 B a token) by all that a token adds to a trace whose words are masked; the bodies (budget 0.4 of
# their raw bytes) by the whole demo trace, answers, stamps and sensors included.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `serving`
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/serving"
demo=$here/../golden/demo.toktape

size_of() { # TOKENS: of a trace with an answer that long
    printf '{"name":"size","phases":[{"name":"stream","max_tokens":%s,"messages":[{"role":"user","content":"go"}]}]}' "$1" \
        >"$work/workload.json"
    rm -f "$work/size.toktape" "$work/masked.toktape"
    "$toktape" record -q --url "$url" --workload "$work/workload.json" --runs 1 --idle 0 --pause 0 --cold keep \
        -o "$work/size.toktape" 2>/dev/null
    "$toktape" repack --no-content -o "$work/masked.toktape" "$work/size.toktape" >/dev/null 2>&1
    wc -c <"$work/masked.toktape"
}

printf '{"decode_tok_s": 2000, "ttft_ms": 20, "prefill_tok_s": 1e9}' >"$work/profile.json"
serve "$toktape" serve "$work/profile.json"
echo "$(size_of 2000) $(size_of 14000)" |
    awk '{printf "stamps, with all else of a token   at most %.2f B a token (14 000 tokens: %d B; 2 000: %d B)\n", ($2-$1)/12000, $2, $1}'
for phase in $("$toktape" report --view runs --json "$demo" | jq -r '.runs[].phase'); do
    "$toktape" extract --phase "$phase" --request "$demo"
done | wc -c | awk -v trace="$(wc -c <"$demo")" '{printf "bodies, with all else of the demo   at most %.2f x raw (%d B of %d B)\n", trace/$1, trace, $1}'

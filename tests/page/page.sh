#!/bin/sh
# A whole results page from archives: a trace is made from each profile beside this script, and the tables that
# `report` makes of them equal the published ones in every cell, mark, tier, strike and dash.
#   page.sh TOKTAPE FOLDER-OF-PROFILES EXPECTED.md
set -eu
toktape=$1 profiles=$2 expected=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# synth PROFILE TRACE: a trace with the file's own five repeats of the workload
synth() {
    "$toktape" synth "$1" -q -o "$2"
    [ "$("$toktape" info --json "$2" | jq -c '[.synthetic, .repeats, .runs.total]')" = '[true,5,40]' ] || {
        echo "$1: not five repeats of eight phases" >&2
        exit 1
    }
}

# tables STATUS ARGUMENT...: the tables alone, without the notes under them; report has to leave with STATUS
tables() {
    wanted=$1 status=0
    shift
    "$toktape" report --view tiers -q "$@" >"$work/report.md" || status=$?
    [ "$status" = "$wanted" ] || {
        echo "report left with $status instead of $wanted" >&2
        exit 1
    }
    grep -e '^|' -e '^## ' "$work/report.md"
}

for profile in "$profiles"/*.json; do
    synth "$profile" "$work/$(basename "$profile" .json).toktape"
done
set -- "$work"/*.toktape
[ $# -eq 18 ]

{
    tables 1 "$work"/0?-*.toktape "$work"/1[0-4]-*.toktape
    tables 0 --titles short "$work"/1[5-8]-*.toktape
} >"$work/actual.md"
grep -e '^|' -e '^## ' "$expected" >"$work/expected.md"
diff "$work/expected.md" "$work/actual.md"

# One block after the other is how the page is made; all traces at once give the same blocks.
tables 1 --titles short "$work"/*.toktape >"$work/together.md"
tables 1 --titles short "$work"/0?-*.toktape "$work"/1[0-4]-*.toktape >"$work/apart.md"
tables 0 --titles short "$work"/1[5-8]-*.toktape >>"$work/apart.md"
diff "$work/apart.md" "$work/together.md"

# A time to the first token of 510 ms instead of 409 takes the last row to the reserve, and no other.
jq '.synth.phases.warm.first_token_ms = 510' "$profiles"/18-*.json >"$work/slower.json"
synth "$work/slower.json" "$work/slower.toktape"
tables 0 --titles short "$work"/1[5-7]-*.toktape "$work/slower.toktape" >"$work/moved.md"
sed -n '/^## Mac mini/,$p' "$work/expected.md" | sed '$d' >"$work/wanted.md"
cat >>"$work/wanted.md" <<'E'
| **⚠ Tier 3** ||||||||||
| ⚠ | Qwen-27B · llamacpp b9430 ▲MTP | 9.7 | 9.8 | 7.5 | 510 | 0.8 | 0.272 | 35.4 | 100 |
E
diff "$work/wanted.md" "$work/moved.md"

# The same traces fill a page of Markdown: its tables, and the figures that its prose speaks of.
cat >"$work/page.md" <<'E'
## MacBook Pro M5 Max 128 GB · Q4
<!-- toktape:tiers block="MacBook Pro M5 Max 128 GB · Q4" -->
<!-- /toktape -->
## Mac mini M4 Pro 64 GB · Q5
<!-- toktape:tiers block="Mac mini M4 Pro 64 GB · Q5" titles="short" -->
<!-- /toktape -->
MoE <!-- toktape:value expr="uplift(MacBook*/ Qwen-35B*MTP, MacBook*/ Qwen-35B*b9430, decode_tok_s)" --><!-- /toktape -->,
dense <!-- toktape:value expr="uplift(MacBook*/ Qwen-27B*llama*MTP, MacBook*/ Qwen-27B*b9430, decode_tok_s)" --><!-- /toktape -->
mini <!-- toktape:value expr="uplift(Mac mini*27B*MTP, Mac mini*27B*b9430, decode_tok_s)" --><!-- /toktape -->,
first token <!-- toktape:value expr="range(*vlm*, ttft_ms)" --><!-- /toktape --> ms,
RAM <!-- toktape:value expr="value(*mlx-lm*, peak_rss_bytes)" --><!-- /toktape --> GB
E
mkdir "$work/archive"
mv "$work"/[01]*.toktape "$work/archive"
"$toktape" docs -q "$work/page.md" --traces "$work/archive"
grep -e '^|' -e '^## ' "$work/page.md" | diff "$work/expected.md" -
sed -n 's/^\([A-Za-z ]*\) <!-- toktape:value [^>]*-->\([^<]*\)<.*/\1 \2/p' "$work/page.md" >"$work/prose"
diff - "$work/prose" <<'E'
MoE +38.4 %
dense +17.6 %
mini −6.7 %
first token 9578–10879
RAM 26.4
E
"$toktape" docs -q --check "$work/page.md" --traces "$work/archive" >/dev/null

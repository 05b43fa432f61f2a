#!/bin/sh
# Traces are loaded on all cores, and nothing shows it: rows, warnings and the first failure are in the order given.
cat >profile.json <<'P'
{"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "quant": "Q4_K_M", "decode_tok_s": 50, "prefill_tok_s": 1000}
P
cat >workload.json <<'W'
{"name": "one", "phases": [{"name": "warm", "max_tokens": 40, "messages": [{"role": "user", "content": "go"}]}]}
W
set --
for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
    "$TOKTAPE" synth profile.json --workload workload.json --runs $((seed % 3 + 1)) --seed $seed -q -o $seed.toktape
    set -- "$@" $seed.toktape
done
# shellcheck disable=SC2016 # the dollar is jq's
traces='[.runs[].trace] | reduce .[] as $t ([]; if .[-1] == $t then . else . + [$t] end) | map(rtrimstr(".toktape"))'
"$TOKTAPE" report -q --view runs --json "$@" | jq -c "$traces"
"$TOKTAPE" report -q --view runs --json 9.toktape 24.toktape 1.toktape 17.toktape | jq -c "$traces"
"$TOKTAPE" report --format csv -q "$@" >first
for _ in 1 2 3 4 5; do "$TOKTAPE" report --format csv -q "$@" | cmp - first || exit 1; done
cp 5.toktape same.toktape
"$TOKTAPE" report --view phases --format csv "$@" same.toktape -o rows.csv 2>&1
head -c 900 3.toktape >cut.toktape
told() { # where a block ends depends on the tool's version, which is in it
    "$TOKTAPE" "$@" >../said 2>&1
    code=$?
    sed 's/after byte [0-9]*/after byte N/' ../said
    echo "$code"
}
for _ in 1 2 3; do
    told report "$@" cut.toktape missing.toktape "$@"
    told report missing.toktape cut.toktape "$@"
done
mkdir archive && cp "$@" cut.toktape archive
echo '<!-- toktape:tiers --><!-- /toktape -->' >page.md
told docs page.md --traces archive

#!/bin/sh
# A made-up recording goes the way of any other, says what it is, and is the same each time.
cat >profile.json <<'P'
{"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "quant": "Q4_K_M", "decode_tok_s": 50, "prefill_tok_s": 1000,
 "synth": {"machine": "Test machine", "chip": "Test chip", "ram_gib": 16, "runs": 2, "calibrate": true, "rss_gib": 2.5,
           "model_file": "Tiny-1B-Q4_K_M.gguf",
           "rails": [{"name": "SoC", "unit": "mJ", "idle_w": 1, "prefill_w": 20, "decode_w": 10}],
           "phases": {"warm": {"first_token_ms": 120}, "long-context": {"decode_tok_s": 25}}}}
P
"$TOKTAPE" synth profile.json -q -o made.toktape && "$TOKTAPE" report made.toktape
"$TOKTAPE" report --view runs --format csv made.toktape | cut -d, -f1-8 | head -9
for view in tiers grid phases runs itl cache depth turns load; do # no table but says that it was made up
    "$TOKTAPE" report --view $view --format csv made.toktape | head -n 1 | tr , '\n' | grep -cx synthetic
done | uniq -c | sed 's/^ *//'
"$TOKTAPE" synth profile.json -q -o - >again.toktape
"$TOKTAPE" info --json made.toktape | jq -c '[.synthetic, .closed, .tool.name, .repeats, .runs, .cold, .power]'
test "$("$TOKTAPE" info --json made.toktape | jq -r .content_id)" = \
    "$("$TOKTAPE" info --json again.toktape | jq -r .content_id)" && echo 'the same content'
"$TOKTAPE" synth profile.json --seed 2 -q -o other.toktape
test "$("$TOKTAPE" info --json made.toktape | jq -r .content_id)" != \
    "$("$TOKTAPE" info --json other.toktape | jq -r .content_id)" && echo 'other content with another seed'
# What END says of the trace is what reading all of it says; a trace in a pipe has no summary there.
zstd -dcq made.toktape | LC_ALL=C grep -ac '"summary": {"repeats":2,"runs":{"total":16'
"$TOKTAPE" info --json made.toktape | jq 'del(.trace, .bytes)' >ends.json
"$TOKTAPE" info --json again.toktape | jq 'del(.trace, .bytes)' >whole.json
diff ends.json whole.json && echo 'told by its end as by all of it'

#!/bin/sh
# Every format becomes a trace that is intact, says where it is from and what it lacks, and shows in tables.
for file in asiai-v1.json asiai-v4.json vllm.json aiperf.jsonl aiperf-raw.jsonl genai-perf.json llama-bench.json \
    toktape.jsonl; do
    echo "== $file"
    cp "$TESTS/imports/$file" .
    "$TOKTAPE" import "$file" -o t 2>&1 | sed 's/, [0-9]* bytes, content id .*//'
    "$TOKTAPE" check -q t || echo "check: exit $?"
    "$TOKTAPE" info t | sed -n '/engine\|model\|runs\|imported\|from\|lacks/p'
    "$TOKTAPE" report --view phases --format csv t | cut -d, -f4-
    rm t
done

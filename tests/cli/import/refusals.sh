#!/bin/sh
# One clear line and the right exit code for each misuse; nothing is left behind.
cp "$TESTS/imports/"* .
try() {
    "$TOKTAPE" import "$@" 2>&1
    echo "exit $?"
}
try
try vllm.json
try missing.json -o t
try -o t - <vllm.json
try --format csv vllm.json -o t
try --format asiai vllm.json -o t
try vllm.json --fact engine=vllm -o t
try vllm.json --fact engine.name= -o t
try llama-bench.jsonl -o t
try llama-bench.jsonl --pick n_threads=3 -o t
try asiai-v1.json asiai-v4.json -o t
try "$TESTS/golden/agentic.toktape" -o t
echo '{"mean_ttft_ms": 5, "completed": 100}' >summary.json && try summary.json -o t
echo '{"schema_version": "agentic-v4", "engine": "x", "runs": [{"phase": "warm", "ttft_ms": -1}]}' >negative.json
try negative.json -o t
head -c 2000 genai-perf.json >cut.json && try cut.json -o t
ls t t.* 2>/dev/null
echo mine >there && try vllm.json -o there
cat there
try vllm.json -o nowhere/file
try -q vllm.json -o made && try --json aiperf.jsonl -o made.json | sed 's/"content_id.*//; s/"bytes.*//'
ls made

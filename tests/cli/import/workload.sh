#!/bin/sh
# Other people's requests as workloads, what a cache could reuse of them, and that they can be asked.
for file in mooncake.jsonl weka.json messages.jsonl; do
    cp "$TESTS/imports/$file" .
    "$TOKTAPE" import --workload auto "$file" -o "${file%.*}.work.json" 2>&1
    "$TOKTAPE" report --view cache --format text "${file%.*}.work.json"
done
"$TOKTAPE" report --view cache --format csv --cache-policy slots:1 mooncake.work.json
"$TOKTAPE" report --view cache --json weka.work.json | head -12
"$TOKTAPE" import --workload mooncake --first 3 mooncake.jsonl -o - 2>/dev/null | tr , '\n' | sed -n '/"name"\|max_tokens\|messages/p' | cut -c1-70
"$TOKTAPE" import -q --workload auto weka.json weka.json -o two.json && "$TOKTAPE" report --view cache --format csv two.json | head -2
tr , '\n' <weka.work.json | sed -n '/think_ms\|"name"/p' | cut -c1-60
echo "--- misuse"
try() {
    "$TOKTAPE" "$@" 2>&1
    echo "exit $?"
}
try import --workload auto "$TESTS/imports/vllm.json" -o x.json
try import --workload weka mooncake.jsonl -o x.json
try import --workload mooncake mooncake.jsonl -o weka.work.json
try import --workload mooncake mooncake.jsonl --fact engine.name=x -o x.json
try import --first 3 "$TESTS/imports/vllm.json" -o x.toktape
try report weka.work.json
try report --view cache weka.work.json "$TESTS/golden/agentic.toktape"
try report --view cache weka.json
try report --view cache --cache-policy none weka.work.json
ls x.json x.toktape 2>/dev/null || echo "nothing is left behind"

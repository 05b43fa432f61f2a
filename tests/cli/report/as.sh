#!/bin/sh
# What other tools would have shown: every tool over bursts, reasoning and tool calls, and over a real engine's agentic
# benchmark; every format; what is refused.
cp "$TESTS/golden/tools.toktape" "$TESTS/golden/demo.toktape" .
for tool in asiai vllm aiperf genai-perf guidellm llmperf mlperf; do
    echo "== $tool"
    "$TOKTAPE" report --as $tool --format text tools.toktape demo.toktape
    for format in text md csv json html; do
        "$TOKTAPE" report --as $tool --format $format tools.toktape demo.toktape >$format.out || echo "exit $?"
        [ -s $format.out ] || echo "$format is empty"
    done
    # A figure that is another one than ours says why, and no other does.
    jq -c '[.as, .tool, (.cells | length), (.cells[].figures | length), all(.cells[].figures[];
        (.difference != null) == ((.theirs != null or .ours != null) and .off_pct != 0))]' json.out
    [ "$(wc -l <csv.out)" = "$(jq '1 + ([.cells[].figures[]] | length)' json.out)" ] || echo "CSV and JSON differ"
    grep -c '<table>' html.out
    awk 'length > 200' text.out # bytes; columns are another test's
done
echo "== formats"
"$TOKTAPE" report --as vllm tools.toktape
"$TOKTAPE" report --as llmperf --format csv tools.toktape | head -n 6
"$TOKTAPE" report --as asiai --json demo.toktape
"$TOKTAPE" report --as mlperf --format html tools.toktape | sed '/<style>/d' | head -n 30
echo "== a recording counts once, however often it is given; traces of one cell are pooled"
cp tools.toktape same.toktape
"$TOKTAPE" report --as vllm --json tools.toktape same.toktape 2>&1 >once.out
"$TOKTAPE" report --as vllm --json tools.toktape | cmp - once.out
echo "== refused"
for words in '--as wrk demo.toktape' '--as vllm --view runs demo.toktape' '--as vllm missing.toktape' '--as vllm'; do
    # shellcheck disable=SC2086 # words are words
    "$TOKTAPE" report $words 2>&1
    echo "exit $?"
done
head -c 11000 "$TESTS/golden/pipe.toktape" >cut.toktape
"$TOKTAPE" report --as vllm --format text --allow-incomplete cut.toktape | head -n 4
"$TOKTAPE" report --as vllm cut.toktape 2>&1
echo "exit $?"

# Answers that are a tool call and nothing else: the call's first fragment is the first token, and the tokens that show
# nothing count.
# shellcheck shell=sh
# model: answer=0
jq -n '{name: "calls", phases: [{name: "call", max_tokens: 100, messages: [{role: "user", content: "What is in it?"}],
    tools: [{type: "function", function: {name: "read_file", parameters: {type: "object",
        properties: {path: {type: "string"}}, required: ["path"]}}}]}]}' >calls.json
"$TOKTAPE" record --url "$URL" --workload calls.json --runs 3 --pause 0 -q -o calls.toktape
"$TOKTAPE" report --view runs --json calls.toktape | jq .runs >runs.json
jq -c '.[]' runs.json
jq -e 'length == 3 and all(.valid and .tool_calls == 1 and .finish_reason == "tool_calls")' runs.json
jq -e 'all(.ttft_ms > 0 and .ttft_content_ms == null and .reasoning_chars == 0)' runs.json
jq -e 'all(.completion_tokens == 13 and .first_read_tokens + .decode_tokens == 13)' runs.json
"$TOKTAPE" export --format jsonl calls.toktape | jq -s '
    map(select(.type == "frame")) | group_by(.run) | map({
        frames: map(.kind) | [.[0], .[1], .[-3:][]], ttft_us: (map(select(.tokens > 0))[0] | .t_us),
        text: map(.text) | add, tokens: map(.tokens) | add})' >frames.json
jq -e 'length == 3 and all(.frames == ["role", "tool_call", "finish", "usage", "done"] and .tokens == 13)' frames.json
jq -e 'all(.text | fromjson == {path: "src/main.c"})' frames.json
jq -e --slurpfile frames frames.json '[., $frames[0]] | transpose |
    all(.[0].ttft_ms * 1000 - .[1].ttft_us | fabs < 0.01)' runs.json

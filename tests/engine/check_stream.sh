# The engine itself: a streamed tool call, the next turn of that conversation out of the cache, and a prompt that does
# not fit. What the other checks find out about toktape rests on these.
# shellcheck shell=sh
cat >turn1.json <<'J'
{"model": "script", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0, "max_tokens": 1000,
 "chat_template_kwargs": {"enable_thinking": false},
 "tools": [{"type": "function", "function": {"name": "read_file", "description": "Reads a file.",
   "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}}],
 "messages": [{"role": "system", "content": "You are an agent that reads files."},
              {"role": "user", "content": "What does the main function do?"}]}
J
ask() { # ask NAME: posts NAME.json; the frames land in NAME.frames, one JSON document a line
    curl -sSN "$URL/v1/chat/completions" -H 'Content-Type: application/json' -d "@$1.json" >"$1.sse"
    sed -n 's/^data: {/{/p' "$1.sse" >"$1.frames"
}
expect() { # expect NAME JQ-CONDITION: over the array of NAME's frames
    jq -se "$2" "$1.frames"
}

ask turn1
tail -n 2 turn1.sse | grep -qx 'data: \[DONE\]'
expect turn1 '.[0].choices[0].delta.role == "assistant"'
expect turn1 'map(.choices[0].delta.content // "") | add | length > 100'
expect turn1 'map(.choices[0].delta.tool_calls[0]?.function | select(.) | .name // empty) == ["read_file"]'
expect turn1 'map(.choices[0].delta.tool_calls[0]?.function.arguments // "") | add | fromjson == {path: "src/main.c"}'
expect turn1 'map(.choices[0].finish_reason // empty) == ["tool_calls"]'
expect turn1 '.[-1].usage.completion_tokens == .[-1].timings.predicted_n'

jq -s --slurpfile request turn1.json '
    (map(.choices[0].delta.content // "") | add) as $content
    | [{id: "call1", type: "function", function: {name: "read_file", arguments: "{\"path\": \"src/main.c\"}"}}] as $calls
    | $request[0]
    | .messages += [{role: "assistant", content: $content, tool_calls: $calls},
                    {role: "tool", tool_call_id: "call1", content: "int main(void) { return 0; }"}]' turn1.frames >turn2.json
ask turn2
first_prompt=$(jq -s '.[-1].usage.prompt_tokens' turn1.frames)
expect turn2 ".[-1].usage.prompt_tokens_details.cached_tokens >= $first_prompt"

context=$(curl -sS "$URL/props" | jq .default_generation_settings.n_ctx)
head -c "$((context * 4))" /dev/zero | tr '\0' 7 |
    jq -Rs '{messages: [{role: "user", content: .}], max_tokens: 1, stream: true}' >long.json
status=$(curl -sS -o long.out -w '%{http_code}' "$URL/v1/chat/completions" -d @long.json)
[ "$status" = 400 ]
jq -e '.error.type == "exceed_context_size_error" and .error.n_prompt_tokens > .error.n_ctx' long.out

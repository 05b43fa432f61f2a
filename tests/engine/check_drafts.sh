# An engine that drafts tokens ahead says the same words, and says how many drafts it took.
# shellcheck shell=sh
# model: arch=qwen35
# server: --spec-type=draft-mtp
cat >request.json <<'J'
{"messages": [{"role": "user", "content": "Tell me something."}], "temperature": 0, "stream": true,
 "chat_template_kwargs": {"enable_thinking": false}, "stream_options": {"include_usage": true}}
J
curl -sSN "$URL/v1/chat/completions" -d @request.json >answer.sse
sed -n 's/^data: {/{/p' answer.sse | jq -s . >frames.json
jq -e '.[-1].timings | .draft_n > 50 and .draft_n_accepted > 50 and .draft_n_accepted < .draft_n' frames.json
jq -e '.[-1].usage.completion_tokens == 196' frames.json
jq -e 'map(.choices[0].finish_reason // empty) == ["stop"]' frames.json
jq -e 'map(.choices[0].delta.content // "") | add | endswith("</tool_call>")' frames.json

#!/bin/sh
# What `export --format jsonl` holds comes back: the figures of every run that its lines say.
figures() {
    "$TOKTAPE" report --view runs --json "$1" | sed -n '/"\(repeat\|phase\|ok\|valid\|http_status\|finish_reason\|early_stop\|ttft_ms\|ttft_content_ms\|decode_tok_s\|decode_tokens\|decode_window_ms\|first_read_tokens\|completion_tokens\|prompt_tokens\|cached_tokens\|cached_state\|prefill_ms\|steps\|step_ms\|draft_tokens\|draft_accepted\|text_sha256\|reasoning_chars\|tool_calls\|max_tokens\|peak_rss_bytes\)":/p'
}
for trace in tools demo agentic captures; do
    "$TOKTAPE" export "$TESTS/golden/$trace.toktape" -o "$trace.jsonl"
    "$TOKTAPE" import -q "$trace.jsonl" -o "$trace.toktape"
    figures "$TESTS/golden/$trace.toktape" >recorded
    figures "$trace.toktape" >imported
    echo "$trace: $(grep -c . recorded) figures"
    diff recorded imported
done

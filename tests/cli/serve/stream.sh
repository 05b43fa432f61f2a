#!/bin/sh
# Answers of a synthetic engine, to the byte: stream, document, prefix cache, thinking.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
cat >profile.json <<'END'
{"name": "llama.cpp", "version": "b1-test", "model": "tiny", "ttft_ms": 1, "prefill_tok_s": 100000,
 "decode_tok_s": 5000, "answer_tokens": 12, "reasoning_tokens": 3, "prefix_cache": "slots:2"}
END
start --speed 0 profile.json
echo "--- head"
chat '"stream":true,"max_tokens":1,' --dump-header - -o body
echo "--- stream"
chat '"stream":true,"stream_options":{"include_usage":true},"max_tokens":40,'
echo "--- without thinking, cut by max_tokens, timings in every event"
chat '"stream":true,"timings_per_token":true,"max_tokens":2,"chat_template_kwargs":{"enable_thinking":false},'
echo "--- document"
chat ''
echo
stop TERM

#!/bin/sh
# The information endpoints of both styles.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
cat >profile.json <<'END'
{"name": "llama.cpp", "version": "b1-test", "model": "tiny", "quant": "Q4_K_M", "context": 4096, "acceptance": 0.5,
 "prefix_cache": "slots:2", "cache_reset": true}
END
start profile.json
for path in /health /v1/models /props /slots /version; do
    echo "--- $path"
    curl --write-out '\n%{http_code} %{content_type}\n' "$url$path"
done
echo "--- server header"
curl --head -X GET "$url/health" | grep -i '^server'
echo "--- tokens"
curl -d '{"content":"Hello there"}' "$url/tokenize"
echo
curl -d '{"content":"A deep sea: \u6d77\u6d77!", "with_pieces":true}' "$url/tokenize"
echo
curl -d '{"messages":[{"role":"user","content":"Hello there"}]}' "$url/v1/chat/completions/input_tokens"
echo
curl -d '{"messages":[{"role":"user","content":"Hello there"}]}' "$url/apply-template"
echo
echo "--- cache: cold, warm, reset"
for path in '' '' /v1/cache/reset; do
    [ -z "$path" ] || curl -o reset -X POST "$url$path"
    chat '"max_tokens":1,' | grep -o '"cached_tokens":[0-9]*'
done
stop TERM
cat >profile.json <<'END'
{"name": "other", "version": "2.0", "model": "tiny", "style": "openai", "context": 4096}
END
start profile.json
for path in /v1/models /version /props; do
    echo "--- $path"
    curl --write-out '\n%{http_code} %{content_type}\n' "$url$path"
done
echo "--- server header"
curl --head -X GET "$url/health" | grep -i '^server'
stop TERM

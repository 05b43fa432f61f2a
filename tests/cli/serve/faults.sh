#!/bin/sh
# Every fault, as curl sees it: whether the message was whole, and what of the stream came through.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
echo '{"model": "m", "version": "v", "ttft_ms": 1, "decode_tok_s": 5000, "answer_tokens": 6}' >profile.json
for fault in cut:0 cut:700 bad-chunk:400 split-frames:4 slow-header:1 not-http status status:503 broken-json:2 \
    error-mid error-string:1 crlf multi-line no-done no-usage no-finish empty crlf,no-done,cut:900 cut:0@1; do
    start --fault "$fault" profile.json
    : >body
    whole=broken
    chat '"stream":true,"stream_options":{"include_usage":true},' -o body 2>message && whole=whole
    echo "--- $fault: $whole, $(wc -c <body) bytes"
    # what is the same in all events is left out
    sed 's/,"created".*"object":"chat.completion.chunk"/…/' body | tr '\r' '~' | cut -c 1-110
    [ -s body ] && [ -n "$(tail -c 1 body)" ] && echo
    kill "$engine" && wait "$engine"
    engine=
done

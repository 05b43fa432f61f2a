#!/bin/sh
# Engines that break: the run is kept with what came of it, and says why; the trace is whole in every case.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
figures='[.phase, (if .ok then "ok" else "failed" end), (if .valid then "valid" else (.invalid_causes | join(" ")) end),
    "HTTP \(.http_status)", "\(.finish_reason)", "\(.completion_tokens) of \(.frames) frames",
    "prompt \(.prompt_tokens)", "cached \(.cached_state)", .error // ""] | join(" | ")'
for fault in cut:0 cut cut:330 bad-chunk split-frames slow-header:1 not-http status:500 status:429 broken-json:3 \
    error-mid error-string crlf multi-line no-done no-usage no-finish empty crlf,multi-line,split-frames:7 cut:900@1; do
    start --fault "$fault" quick.json
    echo "--- $fault"
    record -q -o "$fault.toktape" 2>message
    echo "exit $?"
    sed '/marked synthetic$/d' message
    runs "$fault.toktape" "$figures"
    zstd -qt "$fault.toktape" || echo "zstd does not take it"
    "$TOKTAPE" info --json "$fault.toktape" | jq -c '[.closed, .runs]'
    end_engine
done
echo "--- left behind"
for file in *; do
    case $file in *.toktape | *.json | message | url | log) ;; *) echo "$file" ;; esac
done

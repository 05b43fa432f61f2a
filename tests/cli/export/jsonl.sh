#!/bin/sh
# Every line is JSON with its promised members; tokens of the frames add up to the run's.
command -v jq >/dev/null || { echo "jq is not installed" >&2; exit 77; }
trace=$TESTS/golden/captures.toktape
"$TOKTAPE" export --format jsonl "$trace" -o lines || exit
jq -r .type lines | sort | uniq -c | sed 's/^ *//'
jq -c 'select(.type == "trace") | del(.meta, .content_id)' lines
jq -s -c '[.[] | select(.type == "frame")] | group_by(.run)[] | [.[0].phase, (map(.tokens) | add), length]' lines
jq -s -c '[.[] | select(.type == "run")] | .[] | [.phase, .completion_tokens, .frames]' lines
jq -c 'select(.type == "frame" and .phase == "llamacpp-dense-05-nothink-kwargs")' lines
jq -c 'select(.type == "chunk" and .phase == "llamacpp-dense-22-nonstream")' lines
"$TOKTAPE" export "$trace" | cmp - lines && echo "the same on standard output"

#!/bin/sh
# Tokens of bursts by the engine's tokeniser, against the engine's own running count of the same answers.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
burst='"model": "tiny", "version": "b1-test", "ttft_ms": 1, "prefill_tok_s": 50000, "decode_tok_s": 2000, "seed": 3,
 "tokens_per_burst": [1, 2, 3], "merge_bursts": true'
tokens() { # tokens TRACE: of each frame that has some, a line a run
    "$TOKTAPE" export --format jsonl "$1" |
        jq -r 'select(.type == "frame" and .tokens > 0) | "\(.phase) \(.tokens)"' |
        awk '$1 != run { printf "%s%s:", run ? "\n" : "", $1; run = $1 } { printf " %s", $2 } END { print "" }'
}
sources() {
    runs "$1" '"\(.phase) \(.token_source) \(.completion_tokens) \(.finish_reason)"'
}
one() { # one PROFILE NAME OPTIONS...: a new engine each time gives the same answers
    echo "$1" >profile.json
    name=$2
    shift 2
    start profile.json
    record -q -o "$name.toktape" "$@" 2>message || cat message
    end_engine
}

echo "--- counted by the engine in every frame"
one "{$burst}" counted --extra-body '{"timings_per_token": true}'
sources counted.toktape
tokens counted.toktape >counted
echo "--- by its tokeniser"
one "{$burst}" asked
sources asked.toktape
tokens asked.toktape >asked
cat asked
cmp counted asked && echo "the same"
"$TOKTAPE" check asked.toktape >/dev/null && echo "intact"
echo "--- nobody asks"
one "{$burst}" even --no-tokenise
sources even.toktape
tokens even.toktape >even
cmp -s counted even || echo "an even split differs"
echo "--- masked, the lengths stay"
one "{$burst}" masked --no-content
tokens masked.toktape | cmp counted - && echo "the same"
echo "--- a stop of its own, which has no text"
one "{$burst, \"answer_tokens\": 11}" stopped
sources stopped.toktape
echo "--- tags between reasoning and content: not asked"
one "{$burst, \"reasoning_tokens\": 7}" thinking --extra-body '{"chat_template_kwargs": {"enable_thinking": true}}'
sources thinking.toktape
echo "--- an engine that cannot tell"
one "{$burst, \"style\": \"openai\"}" other
sources other.toktape
echo "--- each frame a token: nothing to ask"
one '{"model": "tiny", "version": "b1-test", "decode_tok_s": 2000}' plain
sources plain.toktape

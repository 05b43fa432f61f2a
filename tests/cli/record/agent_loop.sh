#!/bin/sh
# The built-in conversation with tools: each turn carries on the one before, and the cache keeps what that had.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/record/common"
start "$TESTS/profiles/fast.json"
record --workload agent-loop --runs 2 -q -o loop.toktape 2>/dev/null || echo "exit $?"
"$TOKTAPE" report --view turns --json loop.toktape | jq -r '.cells[].turns[]
    | [.conversation, .turn, .run, .phase, .parent, .prompt_tokens, .new_tokens, .cached_tokens, .cacheable_tokens,
       .hit_rate, .tool_calls, .tool_call_state] | @csv'
"$TOKTAPE" report --view turns --format csv loop.toktape | head -n 1
"$TOKTAPE" report --view turns loop.toktape | sed -n '1,4p'
echo "--- a selection"
record --workload agent-loop --only turn-02 --only turn-03 -q -o some.toktape 2>/dev/null
"$TOKTAPE" report --view turns --json some.toktape | jq -c '.cells[].turns[] | [.phase, .run, .parent, .new_tokens]'
echo "--- tool calls"
cat >calls.json <<'EOF'
{"model": "tiny", "version": "b1-test", "ttft_ms": 1, "prefill_tok_s": 500000, "decode_tok_s": 5000, "tool_call": true}
EOF
start calls.json
record --workload agent-loop --only turn-01 -q -o calls.toktape 2>/dev/null
"$TOKTAPE" report --view turns --json calls.toktape | jq -c '.cells[].turns[] | [.tool_calls, .tool_call_state]'

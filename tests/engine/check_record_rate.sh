# Decoding is as fast here as the engine says: with a tool call, with reasoning before it, and cut by a stop string, all
# of which have tokens that no frame shows.
# shellcheck shell=sh
jq -n '{name: "rate", phases: [{name: "call", max_tokens: 1000, messages: [{role: "user", content: "What is in it?"}],
    tools: [{type: "function", function: {name: "read_file", parameters: {type: "object",
        properties: {path: {type: "string"}}, required: ["path"]}}}]}]}' >call.json
record() { # record NAME [OPTIONS...]: its runs, and what the engine stated about each
    name=$1
    shift
    "$TOKTAPE" record --url "$URL" --workload call.json --runs 5 --pause 0 -q -o "$name.toktape" "$@"
    "$TOKTAPE" report --view runs --json "$name.toktape" | jq .runs >runs.json
    for repeat in 0 1 2 3 4; do
        "$TOKTAPE" extract --repeat "$repeat" --phase call --response "$name.toktape" |
            sed -n 's/^data: {/{/p' | jq -s 'map(select(.usage))[-1].timings'
    done | jq -s . >timings.json
    jq -c '.[]' runs.json timings.json
}
# The engine's clock runs from the first word to behind the last. Where other programs want the two cores, one run may
# be off by the scheduler's time slices, but a wrong count or window is wrong in all of them: a call's dozen silent
# tokens are 6 % of it.
agrees() { # agrees JQ-CONDITION: which all runs fulfil, and the best fits within 2 %
    jq -e "all(.valid and ($1))" runs.json
    jq -e --slurpfile timings timings.json '[., $timings[0]] | transpose | length == 5 and
        all(.[0].completion_tokens == .[1].predicted_n) and
        (map(.[0].decode_tok_s * .[1].predicted_ms / 1000 / (.[1].predicted_n - 1) - 1 | fabs) | min < 0.02)' runs.json
}
record call
agrees '.finish_reason == "tool_calls" and .reasoning_chars == 0'
record think --extra-body '{"chat_template_kwargs": {"enable_thinking": true}}'
agrees '.finish_reason == "tool_calls" and .reasoning_chars > 300'

# A word in the middle of the answer as the end of it: the engine keeps it to itself.
stop=$("$TOKTAPE" extract --phase call --response call.toktape | sed -n 's/^data: {/{/p' |
    jq -rs 'map(.choices[0].delta.content // "") | add | split(" ")[150:153] | join(" ")')
record stop --extra-body "$(jq -n --arg stop "$stop" '{stop: [$stop]}')"
agrees '.finish_reason == "stop" and .tool_calls == 0 and .completion_tokens > 100 and .completion_tokens < 180'

# Speculative decoding is recognised, its bursts are steps, and the drafts are counted as the engine counts them.
# shellcheck shell=sh
# model: arch=qwen35
# server: --spec-type=draft-mtp
jq -n '{name: "drafts", phases: [{name: "a", max_tokens: 300, messages: [{role: "user", content: "What is in it?"}]},
    {name: "b", max_tokens: 150, messages: [{role: "user", content: "And what else?"}]}]}' >drafts.json
"$TOKTAPE" record --url "$URL" --workload drafts.json --runs 2 --pause 0 -q -o drafts.toktape
"$TOKTAPE" report --view runs --json drafts.toktape | jq .runs >runs.json
jq -c '.[]' runs.json
jq -e 'length == 4 and all(.valid and .decode_tok_s > 0)' runs.json
jq -e 'map(select(.phase == "a")) | all(.completion_tokens == 196 and .finish_reason == "stop")' runs.json
jq -e 'map(select(.phase == "b")) | all(.completion_tokens == 150 and .finish_reason == "length")' runs.json
jq -e 'all(.cached_state == "absent" and .cached_tokens == null)' runs.json
# Several frames of a step come in one read: there are fewer steps than tokens, and fewer reads than frames.
jq -e 'all(.steps < .completion_tokens and .chunks < .frames)' runs.json
for phase in a b; do
    "$TOKTAPE" extract --phase "$phase" --response drafts.toktape | sed -n 's/^data: {/{/p' |
        jq -s 'map(select(.usage))[-1].timings'
done | jq -s . >timings.json
jq -e --slurpfile timings timings.json '[.[:2], $timings[0]] | transpose | length == 2 and all(
    .[0].draft_tokens == .[1].draft_n and .[0].draft_accepted == .[1].draft_n_accepted and .[1].draft_n > 50)' runs.json
"$TOKTAPE" info --json drafts.toktape | jq -e '.speculative == {kind: "draft-mtp", source: "process arguments"}'
"$TOKTAPE" report --json drafts.toktape | jq -e '.blocks[0].rows[0] | .speculative == "mtp" and .acceptance > 0.3 and
    .acceptance < 0.95 and .tokens_per_step > 1'

# A recording of the engine: who it is, its figures and its prefix cache, against the raw answers.
# shellcheck shell=sh
texts=$ENGINE/../../formats/texts
jq -n --rawfile a "$texts/system_a.txt" --rawfile b "$texts/system_b.txt" \
    --rawfile x "$texts/user_x.txt" --rawfile y "$texts/user_y.txt" '
    def phase($name; $system; $user; $more): {name: $name, max_tokens: 80, messages: [
        {role: "system", content: $system[:3000]}, {role: "user", content: $user[:1000]}]} + $more;
    {name: "short", phases: [
        phase("cold"; $a; $x; {cold: true}), phase("warm"; $a; $x; {}),
        phase("prefix-test-1"; $a; $y; {}), phase("prefix-test-2"; $a; $x; {}), phase("prefix-test-3"; $a; $y; {}),
        phase("cold-prefix"; $b; $x; {cold: true}),
        phase("call"; $a; $x; {max_tokens: 1000, tools: [{type: "function", function: {name: "read_file",
            parameters: {type: "object", properties: {path: {type: "string"}}, required: ["path"]}}}]})]}' >short.json
"$TOKTAPE" record --url "$URL" --workload short.json --runs 2 --pause 0 -q -o short.toktape
zstd -qt short.toktape
"$TOKTAPE" report --view runs --json short.toktape | jq '.runs' >runs.json
expect() { # expect JQ-CONDITION: over all runs
    jq -e "$1" runs.json >verdict || { jq -c '.[]' runs.json; return 1; }
}
expect 'length == 14 and all(.valid and .http_status == 200 and .ttft_ms > 0 and .decode_tok_s > 0)'

# The figures are those of the raw bytes and the times at which they came, computed by another program. Where an answer
# has tokens that no frame shows, how many of them came before the first is an estimate: no comparison of rates there.
mkdir wire
"$TOKTAPE" export --format jsonl short.toktape >short.jsonl
for run in $(jq -r '.[] | "\(.repeat).\(.phase)"' runs.json); do
    "$TOKTAPE" extract --repeat "${run%%.*}" --phase "${run#*.}" --wire short.toktape >"wire/$run"
done
node "$ENGINE/figures.mjs" short.jsonl wire >figures.json
jq -e --slurpfile figures figures.json '
    def same($a; $b): $a == $b or (($a / $b - 1) | fabs < 1e-9);
    [., $figures[0]] | transpose | length == 14 and all(. as [$run, $raw] |
        $raw | del(.token_frames, .decode_tok_s, .first_read_tokens) | to_entries | all(same($run[.key]; .value))) and
    (map(select(.[1].token_frames == .[0].completion_tokens)) | length > 0 and all(
        same(.[0].decode_tok_s; .[1].decode_tok_s) and .[0].first_read_tokens == .[1].first_read_tokens))' runs.json
expect 'all(.prompt_tokens > 500)'

# The call: recognised, fitting its declaration, and the end of the turn.
expect 'map(select(.phase == "call")) | all(.tool_calls == 1 and .finish_reason == "tool_calls")'
expect 'map(select(.phase != "call")) | all(.tool_calls == 0 and .finish_reason == "length")'
expect 'map(select(.phase != "call")) | all(.completion_tokens == 80)'
expect 'map(select(.phase == "call") | .text_sha256) | unique | length == 1'

# The cache holds the prompt before: all of it for "warm", system A after another user, nothing where it must be cold.
expect 'map(select(.phase | startswith("cold"))) | all(.cached_tokens == 0 and .cold_method == "request")'
expect 'map(select(.phase == "warm")) | all(.prompt_tokens - .cached_tokens | . >= 1 and . <= 4)'
expect 'map(select(.phase | startswith("prefix"))) | all(.cached_tokens / .prompt_tokens | . > 0.6 and . < 0.85)'

# Who it is, without having been told: what its own endpoints say.
"$TOKTAPE" info --json short.toktape >info.json
curl -sS "$URL/props" >props.json
curl -sS "$URL/v1/models" | jq '.data[0]' >model.json
jq -e --slurpfile props props.json '$props[0] as $p | .engine | .name == "llamacpp" and .version == $p.build_info and
    .context == $p.default_generation_settings.n_ctx and .slots == $p.total_slots' info.json
jq -e --slurpfile props props.json --slurpfile model model.json '$props[0] as $p | .model | .id == $model[0].id and
    .quant == $p.model_ftype and .size_bytes > 1000000 and
    (.file | split("/")[-1]) == ($p.model_path | split("/")[-1])' info.json
jq -e '.closed == "clean" and .runs == {total: 14, ok: 14, failed: 0} and .synthetic == false' info.json
jq -e '.cold == {method: "request", verified: true}' info.json
"$TOKTAPE" report --json short.toktape | jq -e '.blocks[0].rows[0] | .peak_rss_bytes > 30e6 and .runs_ok == 14'

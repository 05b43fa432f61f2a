#!/bin/sh
# A recording of a played recording has its figures: TTFT and decode within 1 %, and the same words.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
cat >profile.json <<'END'
{"model": "tiny", "version": "b1-test", "ttft_ms": 200, "decode_tok_s": 200, "jitter": 0.05, "seed": 5,
 "tokens_per_burst": 1.5, "acceptance": 0.5, "reasoning_tokens": 10}
END
sed -e 's/"max_tokens": 20/"max_tokens": 100/' -e 's/"first", /&"cold": true, /' work.json >long.json
phases() { # phases TRACE
    "$TOKTAPE" report --view phases --json "$1" |
        jq -c '[.cells[0].phases[] | {phase, ttft_ms, decode_tok_s, prompt_tokens, completion_tokens}]'
}
same='[.phase, .repeat, .finish_reason, .completion_tokens, .prompt_tokens, .cached_tokens, .reasoning_chars,
    .draft_tokens, .draft_accepted, .frames, .bytes, .text_sha256, .cold_method] | join(" ")'
# The times are those of a machine that may be busy: a figure that is wrong is wrong every time.
for try in 1 2 3; do
    rm -f ./*.toktape
    start profile.json
    record --workload long.json --runs 3 -q -o one.toktape 2>message || cat message
    end_engine
    start one.toktape
    record --workload long.json --runs 3 -q -o two.toktape 2>message || cat message
    end_engine
    runs one.toktape "$same" >one.runs
    runs two.toktape "$same" >two.runs
    diff one.runs two.runs || break
    { phases one.toktape; phases two.toktape; } >figures
    jq -se '[.[0], .[1]] | transpose | all(
        (.[1].ttft_ms / .[0].ttft_ms | . > 0.99 and . < 1.01) and
        (.[1].decode_tok_s / .[0].decode_tok_s | . > 0.99 and . < 1.01))' figures >verdict && break
    echo "try $try" >>tries
done
cat verdict
[ "$(cat verdict)" = true ] || cat figures
cut -d ' ' -f 1-5 one.runs
cut -d ' ' -f 12 one.runs | sort -u | wc -l | tr -d ' '
"$TOKTAPE" info --json two.toktape | jq -c '[.synthetic, .closed, .engine.version, .model.id]'

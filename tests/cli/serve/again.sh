#!/bin/sh
# A recording of serve playing a trace says what the trace says: the same bytes, the same figures within 1 %.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
cat >profile.json <<'END'
{"ttft_ms": 50, "prefill_tok_s": 200, "decode_tok_s": 100, "jitter": 0.1, "tokens_per_burst": 1.5, "acceptance": 0.6,
 "answer_tokens": 40}
END
cat >workload.json <<'END'
{"name": "again", "phases": [
 {"name": "cold", "max_tokens": 30, "cold": true, "messages": [
  {"role": "system", "content": "You answer in plain words, whatever the question may be, and you never make things up."},
  {"role": "user", "content": "What is beyond the hills?"}]},
 {"name": "warm", "max_tokens": 60, "messages": [
  {"role": "system", "content": "You answer in plain words, whatever the question may be, and you never make things up."},
  {"role": "user", "content": "What is beyond the sea?"}]}]}
END
record() { # record TRACE
    "$TOKTAPE" record -q --url "$url" --workload workload.json --runs 2 --pause 0 -o "$1" || exit 1
}
figures() { # figures TRACE
    "$TOKTAPE" report --view runs --json "$1" | jq -c '.runs[] | [.ttft_ms, .decode_tok_s]'
}
answers() { # answers TRACE
    for repeat in 0 1; do
        for phase in cold warm; do
            "$TOKTAPE" extract "$1" --repeat "$repeat" --phase "$phase" --response
        done
    done
}
start profile.json
record first.toktape
stop TERM
answers first.toktape >first
figures first.toktape >first.figures
echo "$(grep -c . first.figures) runs"

# A machine that is busy with something else delays what it likes, so there are five tries, and each figure has to agree
# in one of them.
agreed=no
for try in 1 2 3 4 5; do
    start first.toktape
    record "again$try.toktape"
    stop TERM
    answers "again$try.toktape" >again
    cmp first again || break
    figures "again$try.toktape" >"again$try.figures"
    if jq -es '(length / 4 | floor) as $files | [.[range(0; 4)] | .[]] as $first
        | [range(1; $files) as $f | [.[range(4 * $f; 4 * $f + 4)] | .[]]] as $tries
        | [range(0; $first | length) as $i | [$tries[] | .[$i] / $first[$i] - 1 | . > -0.01 and . < 0.01] | any]
        | length == 8 and all' first.figures again?.figures >within; then
        agreed=yes
        break
    fi
done >tries
echo "the same bytes and figures: $agreed"
[ "$agreed" = yes ] || paste first.figures again?.figures

#!/bin/sh
# Where a recording goes and what is said about it: files, pipes, names, JSON, silence, labels, a choice of phases.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
plain() { # without what differs from one recording to the next
    sed -e '/marked synthetic$/d' -e 's/[0-9a-f]\{6\}\.toktape/ID.toktape/' -e 's/tok  .*/tok .../' \
        -e 's/[0-9]* bytes, content id [0-9a-f]*/N bytes/'
}
start quick.json
echo "--- into a pipe"
record -o - 2>message | tee piped.toktape | "$TOKTAPE" info --json - | jq -c '[.closed, .runs.ok, .workload.name]'
plain <message
zstd -qt piped.toktape && runs piped.toktape '"\(.phase) \(.valid) \(.completion_tokens)"'
echo "--- into a pipe that closes"
mkfifo fifo
: <fifo &
record -o fifo >/dev/null 2>message
echo "exit $?"
tail -n 1 message
echo "--- into a file"
record -o here.toktape >table 2>message
echo "exit $?"
plain <message
grep -c -e '^first  *1/1' -e '^second  *1/1' -e '^valid  *100 % of 2 runs' table
# shellcheck disable=SC2012 # only its rights
ls -l here.toktape | cut -c 1-10
echo "--- named by itself, each time anew"
mkdir names
cd names || exit
for _ in 1 2; do
    record --workload ../work.json -q
done
for file in *; do echo "$file"; done | plain
cd ..
echo "--- a name made of an engine's words"
cat >odd.json <<'END'
{"name": "llama.cpp", "version": "v 1/../2$(touch x)", "model": "../../-evil \"model\"", "quant": "Q4_K_M",
 "ttft_ms": 1, "decode_tok_s": 2000}
END
end_engine
start odd.json
mkdir odd
cd odd || exit
record --workload ../work.json -q
for file in *; do echo "$file"; done | plain
cd ..
end_engine
start quick.json
echo "--- as JSON"
record --json -o json.toktape --label purpose=test --label who=nobody 2>message |
    jq -c '(keys - ["discipline"]), .closed, .synthetic, .engine.name, .engine.version, .model.id, .model.quant, .engine.context,
        .engine.slots, .workload.name, (.workload.phases | map(.name? // .)), .repeats, .runs, .cold, .labels'
plain <message
"$TOKTAPE" info json.toktape | grep labels
echo "--- quietly"
record -q -o quiet.toktape 2>message
plain <message
echo "--- some phases only"
cat >phases.json <<'END'
{"name": "choice", "phases": [
 {"name": "a", "max_tokens": 3, "messages": [{"role": "user", "content": "one"}]},
 {"name": "b", "max_tokens": 3, "long": true, "messages": [{"role": "user", "content": "two"}]},
 {"name": "c", "max_tokens": 3, "messages": [{"role": "user", "content": "three"}]}]}
END
n=0
for choice in '--runs 2' '--only c --only a' '--skip-long --runs 2' '--skip-long --only b'; do
    n=$((n + 1))
    # shellcheck disable=SC2086 # words
    record --workload phases.json $choice -q -o "choice$n.toktape" 2>&1 | plain
    echo "$choice:" "$(runs "choice$n.toktape" '"\(.repeat)\(.phase)"' 2>/dev/null | tr '\n' ' ')"
done
echo "--- options that reach the engine"
record --only first --model other --extra-body '{"max_tokens": 7, "top_p": 0.5}' -q -o body.toktape 2>message
"$TOKTAPE" extract --phase first --request body.toktape | jq -c 'del(.messages)'
runs body.toktape '"\(.completion_tokens) of \(.max_tokens) \(.finish_reason)"'

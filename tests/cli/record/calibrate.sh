#!/bin/sh
# --calibrate fits the workload to the engine's tokeniser before the first run; an engine that cannot count refuses.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"

calibrated() { # calibrated OPTIONS...
    "$TOKTAPE" record --url "$url" --calibrate --pause 0 -q --only cold --only prefix-test-1 --only cold-prefix "$@" 2>/dev/null ||
        echo "exit $?"
}
texts() { # texts MEMBER TRACE: how many tokens the engine counts in each text that was sent
    for phase in cold prefix-test-1 cold-prefix; do
        "$TOKTAPE" extract --phase "$phase" --request "$2" |
            jq -c ".messages[] | {$1: .content}" |
            while IFS= read -r question; do
                printf '%s\n' "$question" | curl -s -H 'Content-Type: application/json' -d @- "$url/tokenize" | jq '.tokens | length'
            done | paste -sd ' '
    done
}
say() { # what is said is the same for every port
    sed -e "s/:${url##*:}/:PORT/" -e '/marked synthetic$/d'
}

echo "--- as llama.cpp"
start quick.json
calibrated -o one.toktape
calibrated -o same.toktape
texts content one.toktape
"$TOKTAPE" info one.toktape | grep '^  workload'
"$TOKTAPE" info --json one.toktape | jq -c '.workload | [.name, .calibrated, .context]'
for trace in one same; do "$TOKTAPE" info --json "$trace.toktape" | jq -r .workload.sha256; done | uniq | grep -c .
record -q -o plain.toktape 2>/dev/null
"$TOKTAPE" info --json plain.toktape | jq -c '.workload | has("calibrated")'
"$TOKTAPE" record --url "$url" --calibrate --only cold --pause 0 -o told.toktape 2>&1 >/dev/null | grep -o 'the workload is fitted, after'
"$TOKTAPE" record --url "$url" --calibrate --workload work.json -o no.toktape 2>&1 | say
end_engine

echo "--- as vLLM"
echo '{"name": "vllm", "model": "tiny", "version": "0.9.1", "style": "openai", "ttft_ms": 1, "prefill_tok_s": 50000, "decode_tok_s": 2000}' >openai.json
start openai.json
calibrated -o other.toktape
texts prompt other.toktape
end_engine

echo "--- engines that cannot"
sed 's/vllm/mlx_vlm/' openai.json >other.json
start other.json
"$TOKTAPE" record --url "$url" --calibrate -o no.toktape >said 2>&1
echo "exit $?"
say <said
end_engine
start one.toktape
"$TOKTAPE" record --url "$url" --calibrate -o no.toktape >said 2>&1
echo "exit $?"
say <said
ls no.toktape* 2>/dev/null
end_engine

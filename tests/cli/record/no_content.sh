#!/bin/sh
# Recorded without content, nothing secret is anywhere; with it, only in requests, answers and nowhere else.
# shellcheck disable=SC1091,SC2088,SC2154 # "common" sets $url; the tilde is what is looked for
. "$TESTS/cli/record/common"
KEY=sk-Zu7kLq93xTqpWm41vNc8
HOME=$PWD/houseboat
export KEY HOME
mkdir houseboat
# marzipan: what is said; bergamot: a tool and its arguments; quincunx: names of members; houseboat: a path.
cat >said.json <<'END'
{"name": "said", "phases": [
 {"name": "fine", "max_tokens": 30, "tools": [{"type": "function", "function": {"name": "bergamot_call",
  "parameters": {"type": "object", "properties": {"quincunx": {"type": "string", "enum": ["bergamot"]}}}}}],
  "messages": [{"role": "user", "content": "a word: marzipan \u00e9\u0041 \"marzipan\""}]},
 {"name": "again", "max_tokens": 30, "messages": [{"role": "user", "content": "marzipan"},
  {"role": "assistant", "content": null, "tool_calls": [{"id": "call_marzipan1", "type": "function",
   "function": {"name": "bergamot_call", "arguments": "{\"quincunx\":\"bergamot\"}"}}]},
  {"role": "tool", "tool_call_id": "call_marzipan1", "content": "bergamot"}]}]}
END
echo "{\"model\": \"$HOME/tiny.gguf\", \"version\": \"b1-test\", \"ttft_ms\": 1, \"decode_tok_s\": 2000}" >secret.json
take() { # take TRACE OPTIONS...
    out=$1
    shift
    "$TOKTAPE" record --url "$url" --workload said.json --pause 0 --runs 2 --api-key-env KEY \
        --header 'Cookie: session=bergamot' --header 'X-Tenant: quincunx-77' --label "where=$HOME/x" \
        --extra-body '{"user": "marzipan", "quincunx": {"bergamot": ["marzipan"]}, "api_token": "tangelo-9931"}' -q "$@" -o "$out" 2>message
    echo "exit $?"
    cat message >>messages
}
start --fault split-frames secret.json
take full.toktape
take masked.toktape --no-content
take masked.pipe.toktape --no-content --runs 1
"$TOKTAPE" record --url "$url" --workload said.json --pause 0 --no-content -q -o - 2>>messages >piped
"$TOKTAPE" repack full.toktape -o repacked.toktape --no-content --note "seen in $HOME by $KEY" >/dev/null
for trace in full masked repacked; do
    zstd -dcq $trace.toktape >$trace.raw
    "$TOKTAPE" info --json $trace.toktape >$trace.info
    "$TOKTAPE" export --format jsonl $trace.toktape >$trace.jsonl
    "$TOKTAPE" report --view runs --json $trace.toktape >$trace.report
done
zstd -dcq <piped >piped.raw
for word in "$KEY" Zu7kLq93 marzipan bergamot quincunx houseboat; do
    for file in masked.* repacked.* piped*; do
        grep -a -l -i -F -e "$word" "$file"
    done
done
echo "--- nothing above; with content, what was said is in it, and keys are not"
grep -a -l -i -e marzipan full.raw
for word in "$KEY" Zu7kLq93 'session=bergamot' quincunx-77; do
    grep -a -l -F -e "$word" full.* messages
done
echo "--- with content, too, it is in requests and answers alone"
python3 "$TESTS/reader.py" --rows full.toktape | grep -v -e '^wire ' -e '^segment ' |
    python3 -c 'import re, sys
for line in sys.stdin:
    text = re.sub(r"(?<![0-9a-z])x((?:[0-9a-f]{2})+)", lambda hit: repr(bytes.fromhex(hit[1])), line)
    sys.stdout.write(text)' >rest
for word in "$KEY" Zu7kLq93 session=bergamot quincunx-77 tangelo-9931 houseboat; do
    grep -a -i -F -e "$word" rest
done
case $(uname -n) in
linux | localhost | ? | ?? | ???) ;; # words that stand there anyway
*) grep -a -i -w -F -e "$(uname -n)" rest ;;
esac
grep -a -o -F -e '~/x' rest
for trace in full masked repacked; do
    jq -c '[.runs[] | [.valid, .completion_tokens, .prompt_tokens, .max_tokens, .finish_reason, .frames]]' $trace.report
done | sort | uniq | wc -l | tr -d ' '
for trace in masked repacked full; do
    jq -r '.privacy.content' $trace.info
done
echo "--- a masked trace can be played"
end_engine
start masked.toktape
record -q --workload said.json -o played.toktape 2>/dev/null
echo "exit $?"
runs played.toktape '[.valid, .completion_tokens] | @csv'
exit 0

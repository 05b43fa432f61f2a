#!/bin/sh
# An engine that record starts itself: waited for, stopped with everything it started, whatever happens.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
port=$((20000 + $$ % 10000)) # below those that a system gives to whoever connects: Linux's begin at 32768
here=http://127.0.0.1:$port
engine_cmd="echo \$\$ >pid; exec '$TOKTAPE' serve --port $port quick.json"
try() {
    "$TOKTAPE" record --url "$here" --workload work.json --pause 0 -q "$@" 2>message
    echo "exit $?"
    sed -e "s/:$port/:PORT/" -e '/marked synthetic$/d' message
    sleep 0.2
    if kill -0 "$(cat pid)" 2>/dev/null; then echo "it still runs"; else echo "nothing is left"; fi
}
echo "--- started and stopped"
try --engine-cmd "$engine_cmd" -o a.toktape
"$TOKTAPE" info --json a.toktape | jq -c '[.closed, .runs]'
echo "--- with what it started"
try --engine-cmd "sleep 300 & echo \$! >pid; '$TOKTAPE' serve --port $port quick.json" -o children.toktape
echo "--- with what left its process group"
command -v setsid >/dev/null && leave=setsid || leave=
"$TOKTAPE" record --url "$here" --workload work.json --pause 0 -q -o stray.toktape 2>message \
    --engine-cmd "$leave '$TOKTAPE' serve --port $port quick.json & sleep 300" || cat message
curl --silent --noproxy '*' "$here/health" >/dev/null || echo "nothing answers any more"
echo "--- ends before it answers"
try --engine-cmd 'echo loading; echo no such model >&2; exit 3' -o b.toktape
echo "--- never answers"
try --engine-cmd "echo \$\$ >pid; echo waiting; exec sleep 100" --engine-timeout 0.5 -o c.toktape
echo "--- there is one already"
start quick.json
here=$url port=${url##*:}
try --engine-cmd "echo \$\$ >pid; exec sleep 100" -o d.toktape
end_engine
echo "--- the recorder is killed"
port=$((10000 + $$ % 10000))
here=http://127.0.0.1:$port
echo '{"model": "tiny", "version": "b1-test", "ttft_ms": 20, "decode_tok_s": 2}' >crawl.json
rm -f pid
"$TOKTAPE" record --url "$here" --workload work.json -q -o e.toktape \
    --engine-cmd "echo \$\$ >pid; exec '$TOKTAPE' serve --port $port crawl.json" 2>message &
recorder=$!
await test -s e.toktape.part || cat message
kill -9 $recorder
is_gone() { ! kill -0 "$(cat pid)" 2>/dev/null; }
await is_gone && echo "nothing is left"
echo "--- usage"
for words in '--engine-cmd=' '--engine-cmd=x --engine-pid=1' '--engine-pid=4194304' '--accept=resident,nonsense' \
    '--reset-peaks --sample-hz=0'; do
    # shellcheck disable=SC2086
    "$TOKTAPE" record --url "$here" --workload work.json $words 2>&1
    echo "exit $?"
done

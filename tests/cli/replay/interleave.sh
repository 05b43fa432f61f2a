#!/bin/sh
# Two engines in turn, each restarted before each repeat: A B A B, a trace of each, and repeats that are independent.
# shellcheck disable=SC1091,SC2034,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
cat >restart <<'END'
#!/bin/sh
# restart NAME: stops the engine of that name and starts it again on its port, which the first start chooses.
if [ -s "$1.pid" ]; then
    kill "$(cat "$1.pid")" 2>/dev/null
    while kill -0 "$(cat "$1.pid")" 2>/dev/null; do sleep 0.02; done
fi
port=$(sed 's/.*://' "$1.url" 2>/dev/null)
rm -f "$1.url"
"$TOKTAPE" serve quick.json --port "${port:-0}" >"$1.url" 2>/dev/null &
echo $! >"$1.pid"
while ! [ -s "$1.url" ]; do sleep 0.02; done
echo "$1" >>order
END
chmod +x restart
end() { kill "$(cat a.pid)" "$(cat b.pid)" 2>/dev/null; cleanup; }
trap end EXIT
./restart a
./restart b
a=$(cat a.url) b=$(cat b.url) url=$(cat a.url)
record --runs 2 -q --idle 0 -o first.toktape 2>/dev/null
turns() { # turns OPTIONS...
    rm -f order
    "$TOKTAPE" replay first.toktape --interleave "$a,$b" --idle 0 "$@" 2>said
    code=$?
    sed -e '/marked synthetic$/d' -e "s|$a|A|" -e "s|$b|B|" said
    [ "$code" = 0 ] || echo "exit $code"
}
starts() { # starts TRACE: the first recorder's clock of each run, with the side in front
    "$TOKTAPE" info --json "$1" | jq -c '[.replay.side, .repeats, .runs, .cold.method, .replay.fidelity.texts_equal]'
}
echo "--- A B A B"
turns -q --restart-cmd './restart a' --restart-cmd './restart b' -o a.toktape -o b.toktape
tr '\n' ' ' <order
echo
starts a.toktape
starts b.toktape
"$TOKTAPE" check a.toktape >/dev/null && "$TOKTAPE" check b.toktape >/dev/null && echo sound
"$TOKTAPE" report --view runs --json a.toktape b.toktape | jq -c '[.runs[] | [.trace, .repeat, .phase, .cold_method]] | sort | .[]'
"$TOKTAPE" diff a.toktape --against b.toktape --json | jq -c '[.scope, .comparisons[0].unit, .comparisons[0].n_base, .comparisons[0].n_new]'
echo "--- without restarts: within a session; more often, and several at once"
turns -q --runs 2 --concurrency 2 -o c.toktape -o d.toktape
[ -e order ] || echo "nothing was restarted"
starts c.toktape
starts d.toktape
echo "--- one of them cannot be restarted: said, and seen in the trace"
turns -q --restart-cmd './restart a' --restart-cmd 'exit 7' -o e.toktape -o f.toktape | sort | uniq -c | sed 's/^ *//'
"$TOKTAPE" report --view runs --json f.toktape | jq -c '[.runs[] | select(.phase == "first") | .cold_method]'
echo "--- refused"
turns --url "$a"
turns --dry-run
turns --restart-cmd true
turns -o one.toktape
turns -o - -o two.toktape
turns -o same.toktape -o same.toktape
turns -o a.toktape -o new.toktape
turns --cold nonce
turns --engine-cmd true
for urls in "$a" "$a," ",$a" "$a,$b,$a" "$a,$a"; do
    "$TOKTAPE" replay first.toktape --interleave "$urls" 2>&1
    echo "exit $?"
done
"$TOKTAPE" replay first.toktape --url "$a" --restart-cmd true --restart-cmd true 2>&1
"$TOKTAPE" replay first.toktape --url "$a" -o x -o y 2>&1
echo "--- nobody there: nothing is written"
"$TOKTAPE" replay first.toktape --interleave "$a,http://127.0.0.1:1" -q -o g.toktape -o h.toktape 2>&1 | grep -v synthetic
ls g.toktape* h.toktape* 2>/dev/null || echo none

#!/bin/sh
# Every way in which a cell fails: named, with the engine's own last words, and the rest goes on.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
command -v python3 >/dev/null || exit 77
cp "$TESTS/cli/campaign/fake_engine.py" .
touch tiny.gguf
fake() { # fake NAME WHAT MEMBERS: a cell
    echo "{\"name\": \"$1\", \"engine\": {\"cmd\": [\"python3\", \"fake_engine.py\", \"$port\", \"$2\"]," \
        "\"url\": \"http://127.0.0.1:$port\", \"timeout\": ${4:-20}}, \"accept\": \"resident,power-mode,thermal\"$3}"
}
plan plan.json '' "$(fake refuses refuses ''),
    $(fake dies dies ''),
    $(fake other-model other-model ', "model_file": "tiny.gguf"'),
    $(fake small small ''),
    $(fake cuts cuts ''),
    $(fake mute mute ''),
    $(fake silent silent '' 1),
    $(fake step fine ', "before": [{"run": "echo once >changed"}, {"run": "echo no disk >&2; exit 3"}],
        "after": [{"run": "mv changed back"}]'),
    $(fake binary binary ''),
    $(fake optional fine ', "model_file": "tiny.gguf", "before": [{"run": "exit 3", "optional": true}]'),
    {\"name\": \"last\"}"
echo "--- stops at the first"
campaign -q plan.json
states plan.json
nothing_left
echo "--- goes on"
campaign -q --keep-going plan.json
states plan.json
nothing_left
echo "--- what a step did before one that failed is put back"
cat back
echo "--- no time to cool down"
plan plan.json '' '{"name": "warm", "before": [{"cool_down": 5, "timeout": 0}]}'
campaign -q plan.json | sed 's/\(within 0 s\): .*/\1/'
echo "--- the port is taken"
"$TOKTAPE" serve --port "$port" quick.json >/dev/null 2>&1 &
taken=$!
await curl --silent --noproxy '*' "http://127.0.0.1:$port/health"
plan plan.json '' '{"name": "taken"}'
campaign -q plan.json
states plan.json
kill $taken
wait $taken
echo "--- free again"
campaign -q plan.json
ls archive/trip.campaign/*failed*
echo "--- a log that is a link is not followed"
rm archive/trip.campaign/taken.log
echo "precious" >precious
ln -s ../../precious archive/trip.campaign/taken.log
rm archive/taken.toktape
campaign -q plan.json
cat precious

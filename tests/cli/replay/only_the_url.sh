#!/bin/sh
# The recorded address is not contacted: the engine of the recording is stopped, so that whoever asked it would wait for
# ever, and its trace is sent to another one meanwhile.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
start quick.json
record -q -o first.toktape 2>/dev/null
recorded=$engine recorded_url=$url
kill -STOP "$recorded"
engine=
start quick.json
[ "$url" != "$recorded_url" ] && echo "two engines"
timeout 20 "$TOKTAPE" replay first.toktape --url "$url" -q -o again.toktape 2>/dev/null
echo "exit $?"
fidelity again.toktape
kill -CONT "$recorded"
kill "$recorded"
wait "$recorded"

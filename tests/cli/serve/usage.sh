#!/bin/sh
# Wrong usage: one clear line each, and the exit code.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
try() {
    "$TOKTAPE" serve "$@"
    echo "exit $?"
}
exec 2>&1
try
try a.json b.json
try --nonsense a.json
try --port 70000 a.json
try --speed fast a.json
try --fault nonsense a.json
try --fault cut:x a.json
try --fault crlf:3 a.json
try missing.json
try missing.toktape
mkdir folder
try folder
: >empty
try empty
echo 'hello' >text
try text
: >empty.json
try empty.json
echo '{"speed": 3}' >unknown.json
try unknown.json
echo '{"context": 3}' >range.json
try range.json
echo '{' >broken.json
try broken.json
echo '{}' >good.json
try --host 300.1.1.1 good.json
try --host example.com good.json
start good.json
try --port "${url##*:}" good.json 2>&1 | sed "s/${url##*:}/PORT/"

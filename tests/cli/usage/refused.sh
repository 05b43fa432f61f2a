#!/bin/sh
# An engine that wants a key: the message says how to give it one.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
for status in 401 403 500; do
    [ -z "$engine" ] || end_engine
    start --fault "status:$status" quick.json
    record --only first -q -o "$status.toktape" 2>message
    echo "exit $?"
    sed '/marked synthetic$/d' message
    "$TOKTAPE" info "$status.toktape" | grep '^  runs'
done

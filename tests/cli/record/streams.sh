#!/bin/sh
# A trace that went into a pipe or device cannot be read again: no table, and no waiting for one.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
said() {
    sed -e '/marked synthetic$/d' -e '/^\[/d' -e 's/[0-9]* bytes, content id [0-9a-f]*/N bytes/' message
}
start quick.json
echo "--- a named pipe"
mkfifo fifo
cat fifo >piped.toktape &
reader=$!
record -o fifo 2>message
echo "exit $?"
said
wait "$reader"
runs piped.toktape '"\(.phase) \(.valid)"'
echo "--- a device"
record -o /dev/null 2>message
echo "exit $?"
said
echo "--- a pause without end"
record --pause 1e300 -o never.toktape 2>&1
echo "exit $?"

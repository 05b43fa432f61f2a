#!/bin/sh
# Standard streams that are closed or no longer read, and outputs that are no files.
# shellcheck disable=SC1091,SC2154 # "common" sets $trace
try() {
    "$@" 2>said
    echo "exit $?"
    cat said
}
. "$TESTS/cli/usage/common"

echo "--- whoever reads has seen enough"
left() { # the reader is gone before anything is written
    mkfifo pipe
    { sleep 0.1; "$TOKTAPE" "$@" 2>said; echo "exit $?" >code; } >pipe &
    : <pipe
    wait
    cat code said
    rm pipe
}
each left

echo "--- closed"
shut() {
    "$TOKTAPE" "$@" >&- 2>said
    echo "exit $?"
    cat said
}
each shut
"$TOKTAPE" info - <&- 2>&1
echo "exit $?"
"$TOKTAPE" info "$trace" <&- | head -n 1 | sed 's,.*/,,'

echo "--- devices, links, pipes and directories stay what they are"
mkdir folder
ln -s /dev/null null
echo old >target
ln -s target link
for command in report info 'extract --phase warm --request' export; do
    for output in null folder nowhere/file; do
        # shellcheck disable=SC2086
        try "$TOKTAPE" $command "$trace" -o $output
    done
done
[ -h null ] && [ -c null ] && echo "still the device"
"$TOKTAPE" info "$trace" -o link
[ -h link ] && grep -c '^  trace' target
ls

#!/bin/sh
# Standard output on a full disk: one line and exit code 5, also for what is short enough for a buffer.
# shellcheck disable=SC1091
. "$TESTS/cli/usage/common"
if [ ! -c /dev/full ]; then
    echo "no /dev/full here" >&2
    exit 77
fi
full() {
    "$TOKTAPE" "$@" >/dev/full 2>said
    echo "exit $?"
    cat said
}
each full

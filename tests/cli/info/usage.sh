#!/bin/sh
# One clear line and the right exit code for each misuse.
try() {
    "$TOKTAPE" info "$@" 2>&1
    echo "exit $?"
}
try
try --speed
try missing.toktape
mkdir folder && try folder
: >empty && try empty
echo 'no trace at all' >text && try text
try --json text
try -o nowhere/file "$TESTS/golden/captures.toktape" | sed 's/[0-9]*\.tmp/N.tmp/'

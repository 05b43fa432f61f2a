#!/bin/sh
# One clear line and the right exit code for each misuse.
try() {
    "$TOKTAPE" report "$@" 2>&1
    echo "exit $?"
}
try
try --speed
try --format html nothing.toktape
try --label colour=red nothing.toktape
try --gates missing.json nothing.toktape
try missing.toktape
mkdir folder && try folder
: >empty && try empty
echo 'no trace at all' >text && try text
try --json text

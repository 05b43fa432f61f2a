#!/bin/sh
# One clear line and the right exit code for each misuse.
cp "$TESTS/golden/captures.toktape" t
try() {
    "$TOKTAPE" extract "$@" 2>&1
    echo "exit $?"
}
try
try --speed t
try t
try t --phase 0
try t --phase 0 --wire --head
try t t --phase 0 --wire
try t --phase 0 --repeat x --wire
try t --phase nowhere --wire
try t --phase -1 --wire
try t --phase 99 --wire
try t --phase 0 --repeat 1 --wire
try t --phase 0 --attempt 1 --wire
try t --phase llamacpp-dense-18-err-ctx-exceeded --request
try missing.toktape --phase 0 --wire
mkdir folder && try folder --phase 0 --wire
: >empty && try empty --phase 0 --wire
echo 'no trace at all' >text && try text --phase 0 --wire

#!/bin/sh
# Nothing is overwritten, nothing half-written stays, and what cannot be saved is said.
try() {
    "$TOKTAPE" repair "$@" 2>&1
    echo "exit $?"
}
try
try "$TESTS/golden/demo.toktape"
try missing.toktape -o out.toktape
: >empty && try empty -o out.toktape
echo 'no trace at all' >text && try text -o out.toktape
echo mine >out.toktape && try "$TESTS/golden/demo.toktape" -o out.toktape
cat out.toktape
"$TOKTAPE" repair - -o new.toktape <"$TESTS/golden/demo.toktape"
echo "exit $?"
TOKTAPE_FAULT=write:2:enospc try "$TESTS/golden/pipe.toktape" -o new.toktape
ls

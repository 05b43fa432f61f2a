#!/bin/sh
# One clear line and the right exit code for each misuse.
cp "$TESTS/golden/captures.toktape" t
try() {
    "$TOKTAPE" export "$@" 2>&1
    echo "exit $?"
}
try
try --speed t
try --format xml t
try missing.toktape
try - <t
mkdir folder && try folder
: >empty && try empty
echo 'no trace at all' >text && try text -o out
ls out 2>/dev/null
echo mine >there && try t -o there
cat there
try t -o nowhere/file
echo "--- all formats are in the help, to the last letter"
"$TOKTAPE" export --help | grep -o 'otlp|[a-z-]*$'

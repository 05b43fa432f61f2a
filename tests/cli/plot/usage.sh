#!/bin/sh
# Wrong words and missing things: one clear line each.
cp "$TESTS/golden/demo.toktape" .
try() {
    "$TOKTAPE" plot "$@"
    echo "exit $?"
}
exec 2>&1
try
try demo.toktape
try demo.toktape -o charts --chart nope
try demo.toktape -o charts --format gif
try demo.toktape -o charts --theme pink
try demo.toktape -o charts --size poster
try demo.toktape -o charts --run warm
try demo.toktape -o charts --chart tokens --run 9/warm
try demo.toktape -o charts --chart mtp
try demo.toktape -o charts --chart tradeoff
try demo.toktape -o charts --panels smoke --chart timeline
try missing.toktape -o charts
: >empty
try empty -o charts
try demo.toktape -o empty
try --list
# A trace that ends before its first run has nothing to show.
head -c 2500 demo.toktape >begun.toktape
try begun.toktape -o none --allow-incomplete
# Without gnuplot the scripts are written all the same.
PATH=/nonexistent try demo.toktape -o bare
ls bare

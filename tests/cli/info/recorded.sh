#!/bin/sh
# A recorded trace, as text, as JSON, and through a pipe.
cp "$TESTS/golden/captures.toktape" .
"$TOKTAPE" info captures.toktape
"$TOKTAPE" info --json captures.toktape
"$TOKTAPE" info - <captures.toktape | head -n 1
"$TOKTAPE" info --json captures.toktape captures.toktape | head -n 3

#!/bin/sh
# One file is one session, however many runs it lists; files of another tool are not compared with ours.
"$TOKTAPE" import -q "$TESTS/imports/asiai-v4.json" -o base.toktape
sed 's/"decode_tok_s": \([0-9]\)/"decode_tok_s": 1\1/; s/b9501/b9600/' "$TESTS/imports/asiai-v4.json" >new.json
"$TOKTAPE" import -q new.json -o new.toktape
"$TOKTAPE" diff base.toktape --against new.toktape --format text
echo "exit $?"
"$TOKTAPE" diff --json base.toktape --against new.toktape | sed -n '/"scope"/p'
"$TOKTAPE" diff base.toktape --against "$TESTS/golden/agentic.toktape" 2>&1
echo "exit $?"

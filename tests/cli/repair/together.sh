#!/bin/sh
# Traces that were put one after another become files of their own, all or none.
cat "$TESTS/golden/demo.toktape" "$TESTS/golden/tools.toktape" >two.toktape
"$TOKTAPE" report two.toktape
echo "exit $?"
echo mine >out-2.toktape
"$TOKTAPE" repair two.toktape -o out.toktape
echo "exit $?"
ls out*
rm out-2.toktape
"$TOKTAPE" repair two.toktape -o out.toktape
echo "exit $?"
cmp out.toktape "$TESTS/golden/demo.toktape" && cmp out-2.toktape "$TESTS/golden/tools.toktape" && echo "both as they were"
"$TOKTAPE" repair two.toktape -o - >stream
echo "exit $?"

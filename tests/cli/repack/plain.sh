#!/bin/sh
# A repacked trace says the same, is smaller, and replaces nothing.
trace=$TESTS/golden/demo.toktape
HOME=$PWD/houseboat
export HOME
"$TOKTAPE" repack "$trace" -o small.toktape --note "kept in $HOME/attic" >printed
echo "exit $?"
"$TOKTAPE" repack "$trace" -o again.toktape --json | jq -c 'keys, .content_id == .parent, .bytes < .bytes_before, .incomplete'
zstd -qt small.toktape && echo whole
"$TOKTAPE" info --json "$trace" | jq -r .content_id >before
"$TOKTAPE" info --json small.toktape | jq -r .content_id >after
cmp before after && echo "the same content id"
"$TOKTAPE" report --view runs --json "$trace" | jq '.runs[] | del(.trace)' >before
"$TOKTAPE" report --view runs --json small.toktape | jq '.runs[] | del(.trace)' >after
cmp before after && echo "the same figures"
zstd -dcq small.toktape | grep -a -o '"text":"[^"]*"'
echo "--- refused"
"$TOKTAPE" repack "$trace" -o small.toktape 2>&1
echo "exit $?"
: >busy.toktape.pack
"$TOKTAPE" repack "$trace" -o busy.toktape 2>&1
echo "exit $?"
"$TOKTAPE" repack "$trace" 2>&1
echo "exit $?"
"$TOKTAPE" repack "$trace" -o - 2>&1
echo "exit $?"
"$TOKTAPE" repack missing -o new.toktape 2>&1
echo "exit $?"
echo "--- incomplete"
head -c 60000 "$trace" >cut.toktape
"$TOKTAPE" repack cut.toktape -o new.toktape 2>/dev/null
echo "exit $?"
"$TOKTAPE" repack cut.toktape -o whole.toktape --allow-incomplete >printed
echo "exit $?"
"$TOKTAPE" info --json --allow-incomplete whole.toktape | jq -r .closed
"$TOKTAPE" repack cut.toktape -o masked.toktape --allow-incomplete --no-content >printed
echo "exit $?"
echo "--- damaged"
head -c 50000 "$trace" >bad.toktape
printf x >>bad.toktape
tail -c +50002 "$trace" >>bad.toktape
"$TOKTAPE" repack bad.toktape -o new.toktape 2>/dev/null
echo "exit $?"
echo "--- left behind"
ls

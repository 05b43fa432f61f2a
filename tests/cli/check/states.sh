#!/bin/sh
# Intact, cut, damaged, doubled, padded, repaired, newer: each is told with its place, and by the exit code.
trace=$TESTS/golden/demo.toktape
try() {
    "$TOKTAPE" check "$@" >said
    code=$?
    sed 's/^\(repaired.*: repaired: .*,\) [0-9]* bytes/\1 N bytes/' said # the tool's version is in it
    echo "exit $code"
}
cp "$trace" whole.toktape
head -c 50000 "$trace" >cut.toktape
head -c 22040 "$trace" >unclosed.toktape
{ head -c 30000 "$trace"; printf 'XXXX'; tail -c +30005 "$trace"; } >damaged.toktape
cat "$trace" "$TESTS/golden/tools.toktape" >two.toktape
{ cat "$trace"; head -c 10 /dev/zero; } >padded.toktape
"$TOKTAPE" repair damaged.toktape -q -o repaired.toktape
cp "$TESTS/golden/newer.toktape" newer.toktape
cp "$TESTS/golden/newer-encoding.toktape" encoding.toktape
cp "$TESTS/golden/critical.toktape" critical.toktape
echo 'no trace at all' >text
: >empty
for name in whole cut unclosed damaged two padded repaired newer encoding critical; do
    try "$name.toktape"
done
try text
try empty
try - <"$trace"
echo "--- several: the worst counts"
try whole.toktape cut.toktape missing.toktape 2>&1
try -q whole.toktape damaged.toktape
echo "--- JSON"
try --json cut.toktape
echo "--- words"
try 2>&1
try --speed 2>&1
echo "--- what cannot be read is in the JSON, too"
"$TOKTAPE" check --json missing.toktape 2>/dev/null | jq -c .
echo "--- the file behind a second trace is measured to its end"
[ "$("$TOKTAPE" check --json two.toktape | jq '.traces[0].bytes')" = "$(($(wc -c <two.toktape)))" ] && echo "all of it"

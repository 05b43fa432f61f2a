#!/bin/sh
# What is whole is saved byte for byte, what is missing is said, and the result is read with exit code 3.
trace=$TESTS/golden/demo.toktape
size=$(($(wc -c <"$trace")))
show() { # show OUT: the new trace is a legal one, and readers say what it is
    zstd -tq "$1" && echo "zstd takes it"
    python3 "$TESTS/reader.py" "$1" | sed 's/.*toktape: \([a-z]*\),.*/a second reader: \1/'
    "$TOKTAPE" info --json "$1" | jq -r '.closed'
    "$TOKTAPE" report --view runs --format csv "$1" | cut -d, -f4,5,7-9 | head -4
    "$TOKTAPE" report -o /dev/null "$1"
    echo "report exits with $?"
}
echo "--- cut"
head -c 50000 "$trace" >cut.toktape
"$TOKTAPE" repair cut.toktape -o saved.toktape
echo "exit $?"
show saved.toktape
cmp -n 22040 "$trace" saved.toktape && echo "whole blocks are the very bytes"
echo "--- damaged in the middle"
{ head -c 30000 "$trace"; printf 'XXXX'; tail -c +30005 "$trace"; } >damaged.toktape
"$TOKTAPE" repair damaged.toktape -o mended.toktape --json | jq -c '.traces[0] | [.state, .blocks_kept, .blocks_missing, .gap_count]'
rm mended.toktape
"$TOKTAPE" repair damaged.toktape -q -o mended.toktape
echo "exit $?"
show mended.toktape
echo "--- a repaired trace is whole: repairing it again changes nothing"
"$TOKTAPE" repair mended.toktape -q -o again.toktape
echo "exit $?"
cmp mended.toktape again.toktape && echo "the same bytes"
echo "--- zeros behind"
{ cat "$TESTS/golden/pipe.toktape"; head -c 4096 /dev/zero; } | head -c $((size)) >zeros.toktape
"$TOKTAPE" repair zeros.toktape -o unpadded.toktape | sed 's/[0-9][0-9]* bytes from byte [0-9]*/N bytes from byte N/; s/kept:.*/kept/'

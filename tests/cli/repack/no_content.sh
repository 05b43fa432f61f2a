#!/bin/sh
# Without its content a trace has the same figures, and none of the words.
for name in demo captures; do
    trace=$TESTS/golden/$name.toktape
    echo "--- $name"
    "$TOKTAPE" repack "$trace" -o "$name.toktape" --no-content --json | jq -c '.content_id != .parent, .dropped'
    for which in before after; do
        "$TOKTAPE" report --view runs --json "$trace" |
            jq '.runs[] | del(.trace, .text_sha256, .not_judged, .cacheable_tokens, .hit_rate) | if .error then .error = "said" else . end | del(.invalid_evidence[].message)' >$which.runs
        "$TOKTAPE" report --view phases --format csv "$trace" | grep -v '^#' | cut -d, -f2- >$which.csv
        trace=$name.toktape
    done
    cmp before.runs after.runs && cmp before.csv after.csv && echo "the same figures"
    "$TOKTAPE" report --view runs --json "$name.toktape" | jq -r '.runs[].not_judged' | sort | uniq
    "$TOKTAPE" report "$name.toktape" | grep 'not judged'
    # Equal texts stay equal.
    for trace in "$TESTS/golden/$name.toktape" "$name.toktape"; do
        "$TOKTAPE" report --view runs --json "$trace" | jq -c '[.runs[].text_sha256] | [.[] as $x | index($x)]' >"texts.$which"
        which=other
    done
    cmp texts.after texts.other && echo "the same texts are equal"
    rm -f texts.*
done
echo "--- its description"
"$TOKTAPE" info demo.toktape | grep '^  content  *m'
"$TOKTAPE" info --json demo.toktape | jq -c .privacy
zstd -dcq demo.toktape | head -c 20000 | grep -a -A 12 '"provenance"' | grep -a -E 'action|parents' | tr -d '\t'
echo "--- its bytes"
"$TOKTAPE" extract demo.toktape --phase warm --request >request
echo "exit $?"
"$TOKTAPE" extract "$TESTS/golden/demo.toktape" --phase warm --request >original
[ "$(wc -c <request)" = "$(wc -c <original)" ] && echo "as long"
jq -r '[.max_tokens, .messages[0].role, (.messages[1].content | length)] | @csv' request original
"$TOKTAPE" extract demo.toktape --phase warm --response 2>/dev/null | sed -n 's/"id":[^,]*,//; s/"created":[0-9]*,//; 1p; $p'
echo "--- masked already"
"$TOKTAPE" repack demo.toktape -o twice.toktape --no-content
echo "exit $?"

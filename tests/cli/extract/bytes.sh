#!/bin/sh
# What comes out is byte for byte what went in.
trace=$TESTS/golden/captures.toktape
for name in llamacpp-dense-01-basic llamacpp-mtp-07-tools-auto-nothink llamacpp-dense-22-nonstream; do
    capture=$TESTS/captures/$name
    "$TOKTAPE" extract "$trace" --phase $name --request -o request
    cmp request "$capture.req.json" && echo "$name: the request"
    "$TOKTAPE" extract "$trace" --phase $name --head >top
    "$TOKTAPE" extract "$trace" --phase $name --response >body
    cat top body | cmp - "$capture.raw" && echo "$name: head and response"
    "$TOKTAPE" extract "$trace" --phase $name --wire >wire
    head -c "$(($(wc -c <top)))" wire | cmp - top && echo "$name: the wire begins with the head"
done
"$TOKTAPE" extract "$trace" --phase llamacpp-dense-01-basic --response >named
"$TOKTAPE" extract - --phase 0 --response <"$trace" | cmp - named && echo "the same by number, and through a pipe"

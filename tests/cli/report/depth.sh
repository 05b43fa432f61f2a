#!/bin/sh
# Decode rate against context depth in all four formats; only valid runs with enough tokens have points.
for format in text md csv json; do
    "$TOKTAPE" report --view depth --format $format "$TESTS/golden/agentic.toktape" | sed "s,$TESTS/,,"
done

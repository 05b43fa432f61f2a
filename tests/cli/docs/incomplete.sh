#!/bin/sh
# A trace whose end is missing stops a page, unless it is accepted; then the exit code says so.
# shellcheck disable=SC1091
. "$TESTS/cli/docs/common"
head -c "$(($(wc -c <archive/plain.toktape) - 50))" archive/plain.toktape >short
mv short archive/plain.toktape
cp page.md before.md
"$TOKTAPE" docs page.md --traces archive 2>&1 | sed 's/byte [0-9]*/byte N/'
cmp page.md before.md
"$TOKTAPE" docs page.md --traces archive --allow-incomplete
echo "exit $?"
grep 'MTP |' page.md

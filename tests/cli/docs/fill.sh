#!/bin/sh
# A page is filled, found to be right, and found to be wrong where it is: cell, row, figure.
# shellcheck disable=SC1091
. "$TESTS/cli/docs/common"
"$TOKTAPE" docs page.md --traces archive
echo "exit $?"
cat page.md
cp page.md filled.md
echo "--- nothing to do"
"$TOKTAPE" docs --check page.md --traces archive
echo "exit $?"
"$TOKTAPE" docs page.md --traces archive && cmp page.md filled.md
echo "--- a stale cell, a stale figure, a row too many"
sed 's/| 50\.0 |/| 51.0 |/; s/>+25\.0 %</>+26 %</; s/^\(| ✓ | Tiny-1B\)\(.*\)$/&\
\1-old\2/' filled.md >page.md
"$TOKTAPE" docs --check page.md --traces archive | grep -v ' is .*: .* of '
"$TOKTAPE" docs --check page.md --traces archive >said
echo "exit $?"
"$TOKTAPE" docs page.md --traces archive && cmp page.md filled.md
echo "--- other traces"
make_trace plain 40 120 ""
"$TOKTAPE" docs --check page.md --traces archive | grep -v ' is .*: .* of '

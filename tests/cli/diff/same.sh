#!/bin/sh
# Two recordings of one engine: nothing is called faster or slower, and the output is the same each time.
# shellcheck disable=SC1091
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace new 2
"$TOKTAPE" diff base.toktape --against new.toktape --format text
"$TOKTAPE" diff base.toktape --against new.toktape --format text | LC_ALL=C tr -d '\200-\277' |
    awk 'length($0) > 80 { print "too wide: " $0 }' # continuation bytes are no columns
"$TOKTAPE" diff base.toktape --against new.toktape --json >one.json
"$TOKTAPE" diff --json base.toktape --against new.toktape -o two.json && cmp one.json two.json && echo 'the same bytes'
jq -c 'keys_unsorted, (.comparisons[0] | keys_unsorted), [.scope, .primary, .verdict]' one.json
"$TOKTAPE" diff --format csv base.toktape --against new.toktape | head -3

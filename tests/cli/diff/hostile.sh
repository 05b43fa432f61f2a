#!/bin/sh
# Names from a trace stay text.
# shellcheck disable=SC1091,SC2016
. "$TESTS/cli/diff/common"
make_trace base 1
make_trace new 2 '.model = "<b>x</b>|`y`_*z*" | .version = "=1+1 | a"'
"$TOKTAPE" diff base.toktape --against new.toktape | sed '/^$/q'
"$TOKTAPE" diff base.toktape --against new.toktape --format text | sed '/^$/q'

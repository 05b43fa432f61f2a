#!/bin/sh
# One page as it is written, and pages that there are not.
"$TOKTAPE" manual extract | sed 's/^\.Dd .*/.Dd DATE/; s/^\.Os toktape .*/.Os toktape VERSION/'
try() {
    "$TOKTAPE" manual "$@" 2>&1
    echo "exit $?"
}
try nothing
try extract info
try --all pages extract
try --all none/pages

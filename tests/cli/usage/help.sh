#!/bin/sh
# What --help says: every command, every option with a sentence, nothing wider than 100 columns.
commands=$("$TOKTAPE" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
"$TOKTAPE" --help
for command in $commands; do
    "$TOKTAPE" "$command" --help >long
    "$TOKTAPE" "$command" -h | cmp - long
    "$TOKTAPE" help "$command" | cmp - long
    awk -v command="$command" 'length($0) > 100 { print command ": too wide: " $0 }' long
    sed -n '/^options:/,/^$/p' long | awk -v command="$command" '
        / --[a-z]/ { if (name && !told) print command ": nothing is said of " name; name = $0; told = length($0) > 30 }
        !/ --/ && NF { told = 1 }'
    grep -c . long >lines
    [ "$(($(cat lines)))" -gt 8 ] && echo "$command: ok"
done
"$TOKTAPE" --version | sed 's/[0-9][0-9.]*/N/'

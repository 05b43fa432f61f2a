#!/bin/sh
# What is no command, and what every command says of a misspelt option, a missing value and a missing trace.
try() {
    "$TOKTAPE" "$@" 2>&1
    echo "exit $?"
}
try | tail -n 1
try rcord
try --nonsense
try ''
try help nothing
try report --format yaml none.toktape
try report --json=yes none.toktape
try extract --repeat two none.toktape
for command in record serve report plot info extract export; do
    try $command --nonsense
    try $command
done
for command in serve report info export 'extract --phase a --wire' 'plot -o charts'; do
    # shellcheck disable=SC2086
    try $command none.toktape
done

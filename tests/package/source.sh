#!/bin/sh
# source.sh TREE [ROOT]: what the README tells a newcomer, on a fresh, minimal Debian with a copy of the tree's commit: the
# demo, and the build from source with its installation.
# shellcheck disable=SC1091,SC2016,SC2154 # "common" sets $work; backquotes are what is looked for
set -eu
tree=$(cd "$1" && pwd)
root=${2:-}
. "$tree/tests/package/common"
mkdir -p "$root/home/toktape"
git -C "$tree" archive HEAD | tar -x -C "$root/home/toktape"
install=$(sed -n 's/^| source | `\(.*\)` |$/\1/p' "$tree/README.md" | sed 's/sudo //')
[ -n "$install" ] || { echo "the README does not say how to build from source"; exit 1; }
grep -q '^    ./dev demo ' "$tree/README.md"
{
    echo "set -eu; cd /home/toktape; ./dev demo >demo.log"
    echo "ls demo/demo.toktape demo/charts/leaderboard.svg"
    echo "rm -rf demo build-release; $install >install.log"
    echo "toktape --version; man -w toktape 2>/dev/null || ls /usr/local/share/man/man1/toktape.1*; cd /; toktape check /home/toktape/tests/golden/demo.toktape"
} >"$root/tmp/steps"
inside sh /tmp/steps

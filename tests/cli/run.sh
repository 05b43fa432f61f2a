#!/bin/sh
# run.sh TOKTAPE SCRIPT: runs one command-line test in an empty directory and compares what it gives.
#
# SCRIPT sees $TOKTAPE (the binary), $TESTS (the tests folder) and an empty working directory. Beside it stand
# NAME.stdout and NAME.stderr (compared exactly, when there) and NAME.exit (default 0). UPDATE=1 rewrites them.
set -u
TOKTAPE=$1
script=$2
base=${script%.sh}
TESTS=$(cd "$(dirname "$script")/../.." && pwd)
export TOKTAPE TESTS
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-cli.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/dir" && cd "$work/dir" || exit 99
NO_COLOR=1 LC_ALL=C sh -u "$script" >"$work/stdout" 2>"$work/stderr" </dev/null
code=$?
# Where the tree stands does not matter.
for stream in stdout stderr; do
    if grep -q -F "$TESTS" "$work/$stream"; then
        sed "s|$TESTS|TESTS|g" "$work/$stream" >"$work/moved" && mv "$work/moved" "$work/$stream"
    fi
done
[ "$code" = 77 ] && { cat "$work/stderr"; exit 77; }
if [ "${UPDATE:-0}" = 1 ]; then
    [ -e "$base.stdout" ] && cp "$work/stdout" "$base.stdout"
    [ -e "$base.stderr" ] && cp "$work/stderr" "$base.stderr"
fi
status=0
for stream in stdout stderr; do
    [ -e "$base.$stream" ] || continue
    diff -u "$base.$stream" "$work/$stream" || status=1
done
want=0
[ -e "$base.exit" ] && want=$(cat "$base.exit")
if [ "$code" != "$want" ]; then
    echo "exit code $code, expected $want"
    cat "$work/stdout" "$work/stderr"
    status=1
fi
exit $status

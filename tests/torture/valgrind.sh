#!/bin/sh
# valgrind.sh BUILD [PATTERN]: the unit tests and the command-line tests of BUILD (whose names PATTERN fits) under valgrind.
# Exits 1 when it saw an error or a lost block; what a test itself says of slow answers under valgrind is shown, and is
# no failure: several hold to times.
set -u
build=$(cd "$1" && pwd) || exit 2
pattern=${2:-.}
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-valgrind.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
mkdir "$work/logs"
status=0

# A log is empty unless there is something to say. Every process of a test has its own: commands start others.
cat >"$work/watched" <<W
#!/bin/sh
exec $(command -v valgrind) -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \\
    --log-file="$work/logs/%p" "\$@"
W
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$work/watched" "$build/toktape" >"$work/toktape"
chmod +x "$work/watched" "$work/toktape"

judge() { # judge NAME: what the processes of that test left in the logs
    found=$(find "$work/logs" -type f -exec grep -h '^==' {} +)
    rm -f "$work"/logs/*
    [ -n "$found" ] || return 0
    status=1
    echo "== $1"
    printf '%s\n' "$found"
}
for test in "$build"/tests/unit/test_*; do
    name=unit.${test##*/test_}
    [ -f "$test" ] || continue
    printf '%s\n' "$name" | grep -Eq -e "$pattern" || continue
    (cd "$build/tests/unit" && "$work/watched" "$test") >"$work/out" 2>&1 || echo "$name: failed under valgrind"
    judge "$name"
done
for script in "$tests"/cli/*/*.sh; do
    group=${script%/*}
    name=cli.${group##*/}.$(basename "$script" .sh)
    printf '%s\n' "$name" | grep -Eq -e "$pattern" || continue
    sh "$tests/cli/run.sh" "$work/toktape" "$script" >"$work/out" 2>&1 || echo "$name: failed under valgrind"
    judge "$name"
done
[ $status = 0 ] && echo "valgrind: nothing found"
exit $status

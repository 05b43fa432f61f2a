#!/bin/sh
# bigendian.sh BUILD: the unit tests of formats/ and analyze/, the corpora, and every golden trace, on the big-endian
# machine that preset `s390x` built for in BUILD/tree, under qemu-user. The results must be those of this machine.
set -u
build=$(cd "$1" && pwd)
tests=$(cd "$(dirname "$0")" && pwd)
status=0
for program in toktape tests/golden/trace_rows; do
    name=${program##*/}
    printf '#!/bin/sh\nexec qemu-s390x -L /usr/s390x-linux-gnu "%s" "$@"\n' "$build/tree/$program" >"$build/$name"
    chmod +x "$build/$name"
done
ctest --test-dir "$build/tree" -R '^(unit|fuzz)\.' --output-on-failure || status=1
for trace in "$tests"/golden/*.toktape; do
    echo "== ${trace##*/}"
    sh "$tests/golden/check.sh" "$build/toktape" "$build/trace_rows" "$tests/reader.py" "$trace" || status=1
done
[ $status = 0 ] && echo "big-endian: the same"
exit $status

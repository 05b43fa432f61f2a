#!/bin/sh
# check.sh TOKTAPE TRACE_ROWS READER.py TRACE: a kept trace is what it was, gives the results that were recorded beside
# it, and is read row for row alike by the program and by the reader that was written from the specification.
# UPDATE=1 records the results anew; see the README.
set -u
toktape=$1
trace_rows=$2
reader=$3
cd "$(dirname "$4")" || exit 99
file=$(basename "$4")
results=${file%.toktape}.results
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-golden.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
status=0

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}
command_line() { # command_line WORDS...: what the program prints and says, and its exit code
    echo "== $*"
    NO_COLOR=1 LC_ALL=C "$toktape" "$@" 2>&1
    echo "== exit $?"
}
digest_of() { # digest_of WORDS...: the same for what would be long
    echo "== $* | sha256"
    { NO_COLOR=1 LC_ALL=C "$toktape" "$@" 2>"$work/message"; echo "exit $?"; } | sha256
    cat "$work/message"
}
all_commands() { # all_commands OPTIONS...
    command_line info --json "$@" "$file"
    command_line report --format md "$@" "$file"
    command_line report --format csv "$@" "$file"
    command_line report --format json "$@" "$file"
    command_line report --view phases --format csv "$@" "$file"
    digest_of report --view runs --format json "$@" "$file"
    digest_of report --view runs --format csv "$@" "$file"
    for format in jsonl csv csv-frames csv-samples perfetto; do
        digest_of export --format "$format" "$@" "$file"
    done
}

grep "  $file\$" SHA256SUMS | grep -q "^$(sha256 <"$file") " || { echo "$file is not the file that was kept"; status=1; }

all_commands >"$work/results"
if "$toktape" info "$file" 2>&1 | grep -q -e --allow-incomplete; then
    all_commands --allow-incomplete >>"$work/results"
fi
[ "${UPDATE:-0}" = 1 ] && cp "$work/results" "$results"
diff -u "$results" "$work/results" || status=1

"$trace_rows" "$file" >"$work/here" 2>"$work/message" || { cat "$work/message"; status=1; }
if [ "$reader" != none ]; then
    python3 -B "$reader" --rows "$file" >"$work/there" 2>"$work/message" || { cat "$work/message"; status=1; }
    cmp "$work/here" "$work/there" || status=1
fi
[ "$(grep -c '^state ' "$work/here")" = 1 ] || { echo "how it ends is not told"; status=1; }
exit $status

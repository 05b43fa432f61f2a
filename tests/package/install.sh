#!/bin/sh
# install.sh BUILD VERSION CMAKE PYTHON: what 'cmake --install' installs is complete, works from where it stands, and all of it
# tells the same version; the examples give the figures that reports give. CC, without which there is no example in C.
# shellcheck disable=SC2046 # flags are several words
set -eu
build=$1
version=$2
cmake=$3
python=$4
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=
complain() {
    echo "$1"
    failed=1
}
"$cmake" --install "$build" --prefix "$work/root" >"$work/log" || { cat "$work/log"; exit 1; }
cd "$work/root"
toktape=$work/root/bin/toktape

# --- what is there ---
for file in share/bash-completion/completions/toktape share/zsh/site-functions/_toktape \
    share/fish/vendor_completions.d/toktape.fish share/man/man1/toktape.1 share/man/man5/toktape-trace.5 \
    share/doc/toktape/README.md share/doc/toktape/LICENSE share/doc/toktape/formats/FORMAT.md \
    share/doc/toktape/docs/recording.md share/doc/toktape/examples/read_trace.py; do
    [ -s $file ] || complain "there is no $file"
done
for command in $("$toktape" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    [ -s "share/man/man1/toktape-$command.1" ] || complain "there is no page for $command"
done
"$toktape" completion bash | cmp - share/bash-completion/completions/toktape || complain "the installed completion is old"
# Links of the README that stay within the tree lead somewhere.
grep -o '](\(docs\|formats\)/[^)#]*' share/doc/toktape/README.md | cut -c3- | sort -u | while read -r target; do
    [ -e "share/doc/toktape/$target" ] || echo "$target"
done >"$work/dangling"
[ ! -s "$work/dangling" ] || complain "the README links to what is not installed: $(cat "$work/dangling")"

# --- one version ---
[ "$("$toktape" --version)" = "toktape $version" ] || complain "--version is not $version"
grep -q -x "\.Os toktape $version" share/man/man1/toktape.1 || complain "the manual page is not of $version"
"$toktape" synth "$tests/profiles/fast.json" -q -o "$work/made.toktape"
"$toktape" info --json "$work/made.toktape" >"$work/info"
grep -q "\"$version\"" "$work/info" || complain "a trace is not stamped with $version"

# --- the formula's test, by what is installed ---
if command -v ruby >/dev/null; then
    ruby "$tests/package/formula.rb" "$tests/../packaging/homebrew/toktape.rb" "$work/root" "$version" ||
        complain "the formula's test fails"
fi

# --- the examples ---
trace=$tests/golden/demo.toktape
ttft() { # the times to first token that report gives, to the microsecond
    "$toktape" report --view runs --format csv "$1" | "$python" -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
    print(row["phase"], "%.3f" % float(row["ttft_ms"]))'
}
if [ -n "$python" ] && command -v zstd >/dev/null; then
    "$python" -B share/doc/toktape/examples/read_trace.py "$trace" | awk -F '\t' 'rows && NF == 7 { print $2, $7 } /^repeat\t/ { rows = 1 }' \
        >"$work/read"
    ttft "$trace" >"$work/reported"
    [ "$(grep -c . "$work/reported")" -ge 8 ] || complain "report gives no runs"
    diff "$work/reported" "$work/read" || complain "read_trace.py and report disagree"
fi
export PKG_CONFIG_PATH="$work/root/lib/pkgconfig"
[ -e "$PKG_CONFIG_PATH/toktape.pc" ] || PKG_CONFIG_PATH=$(dirname "$(find . -name toktape.pc)" || :)
if [ -z "${CC:-}" ] || [ ! -e "$PKG_CONFIG_PATH/toktape.pc" ]; then
    echo "not built with TOKTAPE_INSTALL_DEV: no library"
    [ -z "$failed" ]
    exit
fi
[ "$(pkg-config --modversion toktape)" = "$version" ] || complain "toktape.pc is not of $version"
"$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror share/doc/toktape/examples/token_times.c \
    $(pkg-config --cflags --libs toktape) -o "$work/token_times" || exit 1
"$work/token_times" "$trace" 2>"$work/said" >"$work/times"
grep -q '8 runs (0 invalid), 2476 tokens' "$work/said" || complain "token_times says: $(cat "$work/said")"
awk -F '\t' '!($1 in seen) { seen[$1] = 1; print $2, $3 }' "$work/times" >"$work/first"
[ -z "$python" ] || ttft "$trace" | diff - "$work/first" || complain "token_times and report disagree"
for case in truncated:3 critical:4 none:2; do
    code=0
    "$work/token_times" "$tests/golden/${case%:*}.toktape" >"$work/out" 2>&1 || code=$?
    [ $code = "${case#*:}" ] || complain "token_times of ${case%:*} ends with $code"
done
# Nothing of the library's inside is in a program's way.
if nm -g "$(find . -name libtoktape.a)" 2>/dev/null | grep ' [TDBR] ' | grep -v ' toktape_\(read\|version\)$' | grep .; then
    [ "$(uname -s)" = Darwin ] || complain "these names of the library are visible"
fi
[ -z "$failed" ]

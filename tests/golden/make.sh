#!/bin/sh
# make.sh TOKTAPE READER.py: what make.py writes is taken by the program and by the reader alike.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-make.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -B "$here/make.py" "$work"
"$1" check "$work/every.toktape" "$work/newer.toktape" "$work/newer-encoding.toktape"
python3 -B "$2" "$work/every.toktape" "$work/newer.toktape"

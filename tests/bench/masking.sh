#!/bin/sh
# masking.sh BUILD: how fast the writer thread masks what record --no-content receives; budget 100 MB/s.
set -eu
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$build/toktape" extract tests/golden/demo.toktape --phase warm --wire >"$work/wire"
"$build/tests/bench/bench_mask_speed" "$work/wire"

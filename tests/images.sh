#!/bin/sh
# images.sh TOKTAPE ROOT: the pictures of README.md and docs/plots.md are those that traces give now. With UPDATE=1 they are
# made anew instead. The traces: a real recording (tests/golden/demo.toktape), those of tests/page, and four versions of a
# made-up engine.
set -eu
toktape=$1
root=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-images.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/archive"
cp "$root/tests/golden/demo.toktape" "$work/archive"
for profile in "$root"/tests/page/*.json; do
    "$toktape" synth "$profile" -q -o "$work/archive/$(basename "$profile" .json).toktape"
done

# version NAME DECODE PREFILL SPECULATIVE: five repeats with that version of the engine
version() {
    jq -n --arg version "$1" --argjson decode "$2" --argjson prefill "$3" --arg speculative "$4" '{name: "llama.cpp",
        version: $version, model: "Qwen-27B-Q4_K_XL", quant: "Q4_K_XL", decode_tok_s: $decode, prefill_tok_s: $prefill,
        decode_depth_ns: 80, jitter: 0.03, seed: ($decode * 100), tokens_per_burst: (if $speculative == "" then 1 else 2.4 end),
        synth: {runs: 5, machine: "Example machine", ram_gib: 64, rss_gib: 19.5, speculative: $speculative,
            rails: [{name: "SoC", unit: "mJ", idle_w: 5, prefill_w: 60, decode_w: 45}]}}
        | if $speculative == "" then del(.synth.speculative) else .acceptance = 0.8 end' >"$work/profile.json"
    "$toktape" synth "$work/profile.json" -q -o "$work/archive/version-$1-$4.toktape"
}
version b9430 23.8 900 ""
version b9871 24.4 905 ""
version b10257 24.3 1010 ""
version b10587 25.4 975 ""
version b9430 28.1 900 mtp
version b9871 28.9 905 mtp
version b10257 31.2 1010 mtp
version b10587 31.0 975 mtp

set -- "$root/README.md" "$root/docs/plots.md" --traces "$work/archive"
if [ "${UPDATE:-0}" = 1 ]; then
    "$toktape" docs -q "$@"
else
    "$toktape" docs -q --check "$@" || { echo "UPDATE=1 sh tests/images.sh TOKTAPE ROOT makes them anew"; exit 1; }
fi

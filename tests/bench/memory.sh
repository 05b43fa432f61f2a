#!/bin/sh
# memory.sh BUILD [MB [KIND ...]]: the peak of resident memory of every command that reads a trace, for a trace of MB
# (default 24) and one of a quarter of that; what it grows by for each MB of trace, and for each run. "tokens" is played in
# virtual time, a read for each of 14 000 tokens a run, about 120 kB a run. "random" is recorded from an engine whose words
# do not compress, 700 kB a run. gnuplot's own memory is in that of plot. Budget: one block and 16 bytes for each token of
# the largest run, whatever the trace's size. Where the environment names a file LARGE, commands that only read are asked
# about it as well; it is made as "tokens" of 1 000 MB if it is not there, which takes some minutes, and is kept.
# What grows with the runs stands in files without a name, whose pages are let go of while they are walked through. Over the
# budget: arrays of up to 256 KiB each, which are in memory, so that a trace of 200 runs takes less than one of 8 000; --as
# vllm, aiperf and guidellm, the newest of the different gaps between tokens, some two bytes for each of all; serve and replay,
# up to 16 MiB of answers; repack, what zstd wants for its strongest level, whatever the trace's size.
set -eu
build=$1
megabytes=${2:-24}
kinds=${3:-tokens random}
here=$(cd "$(dirname "$0")" && pwd)
toktape=$(cd "$build" && pwd)/toktape
cpu_of=$(cd "$build" && pwd)/tests/bench/bench_cpu_of
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
engine=
cleanup() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
tokens=14000

printf '{"name":"bench","context":40000,"phases":[{"name":"warm","max_tokens":%s,"messages":[{"role":"user","content":"go"}]}]}' \
    $tokens >workload.json
cat >profile.json <<'P'
{"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "quant": "Q4_K_M", "decode_tok_s": 100, "jitter": 0.02,
 "prefill_tok_s": 5000, "ttft_ms": 20, "synth": {"rss_gib": 1, "machine": "bench", "ram_gib": 8,
 "rails": [{"name": "SoC", "unit": "nJ", "idle_w": 5, "prefill_w": 30, "decode_w": 40}]}}
P

make_tokens() { # make_tokens MB FILE
    "$toktape" synth profile.json --workload workload.json --runs $(($1 * 1000 / 120 + 1)) -q -o "$2"
}
make_random() {
    python3 -B "$here/random_engine.py" $tokens >url &
    engine=$!
    while [ ! -s url ]; do sleep 0.1; done
    "$toktape" record --url "$(cat url)" --workload workload.json --runs $(($1 * 10 / 7 + 1)) --pause 0 --idle 0 --power none \
        --no-poll --accept all -q -o "$2" 2>/dev/null
    kill $engine
    engine=
    rm url
}

peak() { # peak NAME COMMAND...: a line of its name and its KiB; exit code 1 is a gate's, 3 a repair's, 4 a cap's
    name=$1
    code=0
    shift
    "$cpu_of" -a "$@" >usage || code=$?
    case $code in 0 | 1 | 3) ;; 4) name="$name (refused)" ;; *) echo "$name failed with $code" >&2; return 1 ;; esac
    printf '%s\t%s\n' "$name" "$(cut -d ' ' -f 3 usage)"
}
one_answer() { # the peak of serving one request
    "$cpu_of" -a "$toktape" serve --once --speed 0 --port "$port" "$1" >usage &
    until curl -s -o answer -H 'Content-Type: application/json' --data @body "http://127.0.0.1:$port/v1/chat/completions"; do
        sleep 0.1
    done
    wait $!
    printf 'serve --once\t%s\n' "$(cut -d ' ' -f 3 usage)"
}
reading() { # reading TRACE: some that come to every token, and those that need not
    peak 'check' "$toktape" check "$1"
    peak 'info' "$toktape" info "$1"
    for view in tiers runs depth; do
        peak "report --view $view" "$toktape" report --view $view "$1"
    done
    peak 'report --as guidellm' "$toktape" report --as guidellm "$1"
    peak 'report --format html' "$toktape" report --format html "$1"
    peak 'plot' "$toktape" plot "$1" -o charts
    peak 'diff' "$toktape" diff other.toktape --against "$1"
    peak 'export --format csv' "$toktape" export --format csv "$1"
    peak 'extract --wire' "$toktape" extract --phase warm --repeat 3 --wire "$1"
    peak 'replay --dry-run' "$toktape" replay --dry-run "$1"
    rm -rf charts
}
every_command() { # every_command TRACE
    echo '<!-- toktape:value expr="range(*, decode_tok_s)" --><!-- /toktape -->' >page.md
    "$toktape" extract --phase warm --repeat 0 --request "$1" >body
    size=$(wc -c <"$1")
    head -c $((size - 100)) "$1" >cut.toktape
    peak 'check' "$toktape" check "$1"
    peak 'info' "$toktape" info "$1"
    for view in tiers grid phases runs cache depth itl turns load; do
        peak "report --view $view" "$toktape" report --view $view "$1"
    done
    peak 'report --as vllm' "$toktape" report --as vllm "$1"
    for format in text csv json html; do
        peak "report --format $format" "$toktape" report --format $format "$1"
    done
    peak 'docs' "$toktape" docs page.md --traces archive
    peak 'plot' "$toktape" plot "$1" -o charts
    peak 'diff' "$toktape" diff other.toktape --against "$1"
    for format in jsonl csv csv-frames csv-samples perfetto otlp; do
        peak "export --format $format" "$toktape" export --format $format "$1"
    done
    peak 'export --format sqlite' "$toktape" export --format sqlite -o rows.sqlite "$1"
    peak 'export --format jsonl-parts' "$toktape" export --format jsonl-parts -o parts "$1"
    peak 'extract --wire' "$toktape" extract --phase warm --repeat 3 --wire "$1"
    peak 'repack' "$toktape" repack "$1" -o repacked.toktape
    peak 'repack --no-content' "$toktape" repack --no-content "$1" -o masked.toktape
    peak 'repair' "$toktape" repair cut.toktape -o repaired.toktape
    peak 'replay --dry-run' "$toktape" replay --dry-run "$1"
    one_answer "$1"
    rm -rf charts rows.sqlite parts repacked.toktape masked.toktape repaired.toktape cut.toktape
}

mkdir archive
"$toktape" synth profile.json --workload workload.json --runs 8 --seed 2 -q -o other.toktape
port=$((20000 + $$ % 10000))
for kind in $kinds; do
    for part in 4 1; do
        trace=archive/$kind.toktape
        "make_$kind" $((megabytes / part)) "$trace"
        every_command "$trace" >$part.tsv
        "$toktape" info --json "$trace" | jq .runs.total >$part.runs
        wc -c <"$trace" >$part.bytes
        rm "$trace"
    done
    printf '%s: %s and %s runs, %s and %s MB\n' "$kind" "$(cat 4.runs)" "$(cat 1.runs)" \
        $(($(cat 4.bytes) / 1000000)) $(($(cat 1.bytes) / 1000000))
    paste 4.tsv 1.tsv | awk -F '\t' -v runs=$(($(cat 1.runs) - $(cat 4.runs))) -v bytes=$(($(cat 1.bytes) - $(cat 4.bytes))) '
        { grown = ($4 - $2) * 1024
          printf "  %-28s %7.1f MiB %7.1f MiB   %+8.0f bytes a MB %+8.0f bytes a run\n", $3, $2 / 1024, $4 / 1024,
              grown / (bytes / 1e6), grown / runs }'
done
if [ -n "${LARGE:-}" ]; then
    [ -f "$LARGE" ] || make_tokens 1000 "$LARGE"
    printf 'tokens: %s runs, %s MB\n' "$("$toktape" info --json "$LARGE" | jq .runs.total)" $(($(wc -c <"$LARGE") / 1000000))
    reading "$LARGE" | awk -F '\t' '{ printf "  %-28s %7.1f MiB\n", $1, $2 / 1024 }'
fi

#!/bin/sh
# analysis.sh BUILD [TRACES] [INFO_MB]: what `report` takes for an archive, and `info` for one trace.
#
# The archive: TRACES (default 1 000) synthetic traces of 14 000 tokens, each with a seed of its own; three times as many
# are the same files under three names, all of which are read. Beside `report` stand `zstd -dc` of the same bytes and
# an analysis with Python's standard library, which has to come to the same figures before its time counts.
# `info` is asked about traces of 1, 10, 100 and 1 000 MB as far as INFO_MB (default 100; the largest takes a quarter of
# an hour to make). Ratios are of medians of 5 interleaved pairs.
set -eu
build=$1
traces=${2:-1000}
info_mb=${3:-100}
here=$(cd "$(dirname "$0")" && pwd)
toktape=$(cd "$build" && pwd)/toktape
cost=$(cd "$build" && pwd)/tests/bench/bench_cpu_of
speed=$(cd "$build" && pwd)/tests/bench/bench_copy_speed
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
tokens=14000
pairs=5
cores=$(getconf _NPROCESSORS_ONLN)

cat >profile.json <<'P'
{"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "quant": "Q4_K_M", "decode_tok_s": 100, "jitter": 0.02,
 "prefill_tok_s": 5000, "ttft_ms": 20}
P
workload() { # MAX_TOKENS FILE
    printf '{"name":"bench","phases":[{"name":"warm","max_tokens":%s,"messages":[{"role":"user","content":"go"}]}]}' \
        "$1" >"$2"
}
workload $((tokens / 8)) workload.json
median() { sort -n | awk '{a[NR]=$1} END{print (NR % 2) ? a[(NR+1)/2] : (a[NR/2]+a[NR/2+1])/2}'; }

mkdir archive
seq "$traces" | xargs -P "$cores" -I '{}' "$toktape" synth profile.json --workload workload.json --runs 8 --seed '{}' \
    -q -o 'archive/{}.toktape'

# --- the same figures, and how much faster ---
few=$((traces < 20 ? traces : 20))
seq "$few" | sed 's,.*,archive/&.toktape,' >few.list
report_few() { xargs "$toktape" report -q --view runs --format json <few.list; }
report_few | python3 -c '
import json, sys
for run in json.load(sys.stdin)["runs"]:
    print(run["trace"], run["repeat"], *("%.6g" % run[k] for k in ("ttft_ms", "decode_tok_s", "completion_tokens")),
          *(repr(float(run["itl_p%d_ms" % p])) for p in (50, 90, 95, 99)))
' >ours
xargs python3 "$here/reference_analysis.py" <few.list >reference
cmp ours reference || { diff ours reference | head; echo "the two analyses differ"; exit 1; }

: >ours.cpu; : >zstd.cpu; : >python.cpu
i=0
while [ "$i" -lt "$pairs" ]; do
    # shellcheck disable=SC2046 # one word for each trace
    { "$cost" "$toktape" report -q $(cat few.list) >>ours.cpu; "$cost" zstd -dcq $(cat few.list) >>zstd.cpu; }
    # shellcheck disable=SC2046
    [ "$i" -gt 2 ] || "$cost" python3 "$here/reference_analysis.py" $(cat few.list) >>python.cpu
    i=$((i + 1))
done
# shellcheck disable=SC2046
copy=$(zstd -dcq $(cat few.list) | "$speed")
first=$(head -1 few.list)
"$toktape" export --format jsonl "$first" >one.jsonl
# shellcheck disable=SC2016 # jq's variable
jq_us=$("$cost" jq -n 'reduce (inputs | select(.type == "frame" and .kind == "content")) as $f
    ({}; .["\($f.run)"] |= {n: (.n + 1), first: (.first // $f.t_ms)})' one.jsonl)
echo "$few $tokens $(median <ours.cpu) $(median <zstd.cpu) $(median <python.cpu) $copy $jq_us" | awk '{
    n = $1 * $2
    printf "CPU of %d traces of %d tokens, same figures from both analyses\n", $1, $2
    printf "  report        %8.1f ms   %6.2f M tokens/s/core\n", $3 / 1000, n / $3
    printf "  zstd -dc      %8.1f ms   ratio %.2f\n", $4 / 1000, $3 / $4
    printf "  Python        %8.1f ms   ratio %.4f (%.0f x as fast)\n", $5 / 1000, $3 / $5, $5 / $3
    printf "  memcpy        %8.1f ms   ratio %.1f: the bytes of the traces, copied once\n", $6 / 1000, $3 / $6
    printf "  jq            %8.1f ms   ratio %.4f: counts tokens and finds first ones in the JSONL export of one trace, x %d\n",
        $7 * $1 / 1000, $3 / ($7 * $1), $1 }'

# --- growth ---
echo "report of a whole archive, $cores cores"
row() { # NAME TRACE...
    name=$1
    shift
    : >"growth"
    i=0
    while [ "$i" -lt 3 ]; do
        "$cost" -a "$toktape" report -q "$@" >>growth
        i=$((i + 1))
    done
    echo "$name $(awk '{print $2}' growth | median) $(awk '{print $1}' growth | median) $(awk '{print $3}' growth | median)" |
        awk '{printf "  %5d traces  %7.2f s  CPU %7.2f s  peak %7.1f MiB\n", $1, $2 / 1e6, $3 / 1e6, $4 / 1024}'
}
tenth=$((traces / 10))
# shellcheck disable=SC2046
row "$tenth" $(seq "$tenth" | sed 's,.*,archive/&.toktape,')
row "$traces" archive/*
for copy in 1 2; do
    mkdir "copy$copy"
    cp -l archive/* "copy$copy"
done
row $((3 * traces)) archive/* copy1/* copy2/*

# --- one run, longer and longer: memory per token ---
echo "report of one run"
for n in 10000 30000 100000; do
    workload "$n" long.json
    jq -c '. + {context: 1000000}' profile.json >long-profile.json
    "$toktape" synth long-profile.json --workload long.json --runs 1 -q -o "long-$n.toktape"
    "$cost" -a "$toktape" report -q "long-$n.toktape" |
        awk -v n="$n" '{printf "  %7d tokens  %7.1f ms  peak %6.1f MiB\n", n, $2 / 1000, $3 / 1024}'
done
rm -rf archive copy1 copy2

# --- info ---
big() { # MB: 60 000 tokens of jittered answers are some 400 kB
    answers=$(($1 * 5 / 2))
    workload 60000 big.json
    jq -c '. + {context: 1000000, jitter: 0.5}' profile.json >big-profile.json
    "$toktape" synth big-profile.json --workload big.json --runs "$answers" -q -o "big-$1.toktape"
}
echo "info above --version"
for mb in 1 10 100 1000; do
    [ "$mb" -le "$info_mb" ] || continue
    big "$mb"
    : >info.us; : >version.us
    i=0
    while [ "$i" -lt 21 ]; do
        "$cost" -a "$toktape" info "big-$mb.toktape" >>info.us
        "$cost" -a "$toktape" --version >>version.us
        i=$((i + 1))
    done
    echo "$(wc -c <"big-$mb.toktape") $(awk '{print $2}' info.us | median) $(awk '{print $2}' version.us | median)" |
        awk '{printf "  %7.1f MB  info %6.2f ms  --version %6.2f ms  above %6.2f ms\n", $1 / 1e6, $2 / 1000, $3 / 1000, ($2 - $3) / 1000}'
    rm "big-$mb.toktape"
done

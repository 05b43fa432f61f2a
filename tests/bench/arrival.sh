#!/bin/sh
# arrival.sh BUILD [PAIRS]: how much later than the sender's clock a token's recorded arrival is, beside a bare recv(2)
# client and Python.
#
# The sender stamps its own clock into each frame. All clients read the same streams, interleaved, so that a noisy machine
# hits all of them alike; PAIRS (default 5, or what the environment says) times two to six streams each, since which
# processors the threads of sender and reader come to lie on decides a good part of the delay, for a whole stream: a thread
# that runs where the sender does has its bytes some 40 us sooner than one that is woken on another processor of a virtual
# machine. Each client begins 0.3 s after it was started, as a recording does with its idle windows: a process that was
# busy starting is kept on a processor of its own for the first 100 ms, and that is not what is compared.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `stamped`
set -eu
build=$1
pairs=${2:-${PAIRS:-5}}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stamped"

error_row() { # NAME RATE TOKENS STREAMS
    start_sender "$2"
    workload "$3"
    rm -f "$work"/*.ns
    i=0
    while [ "$i" -lt "$4" ]; do
        $before_client "$tools/bench_recv_client" "${url##*:}" "$3" >>"$work/floor.ns"
        record "$3" "$work/error.toktape" 0.3
        "$toktape" export --format jsonl "$work/error.toktape" |
            awk -F'"' '/"type":"frame"/ && /"kind":"content"/ {
                for (i = 2; i < NF; i += 2) { if ($i == "clock_ns") t = $(i + 2); if ($i == "text") s = $(i + 2) }
                sub(/^ 0*/, "", s); print t - s }' >>"$work/ours.ns"
        $before_client python3 "$here/python_client.py" "$url" "$3" "$work/python.ns"
        i=$((i + 1))
    done
    echo "$1 $(percentile "$work/ours.ns" 0.5) $(percentile "$work/floor.ns" 0.5)" \
        "$(percentile "$work/ours.ns" 0.99) $(percentile "$work/floor.ns" 0.99)" \
        "$(percentile "$work/python.ns" 0.5) $(percentile "$work/python.ns" 0.99)" |
        awk '{printf "%-18s p50 %7s us, recv %7s us (%+.1f us), Python %7s us\n", $1, $2, $3, $2-$3, $6
              printf "%-18s p99 %7s us, recv %7s us (%.2f x), Python %7s us\n", "", $4, $5, $4/$5, $7}'
}

error_row paced-100-tok/s 100 200 $((pairs * 4))
error_row paced-2000-tok/s 2000 1500 $((pairs * 6))
if taskset -c 1 true 2>/dev/null; then
    echo "the same, sender and client on a processor each"
    before_sender='taskset -c 0'
    before_client='taskset -c 1'
    error_row paced-100-tok/s 100 200 $((pairs * 2))
    error_row paced-2000-tok/s 2000 1500 $((pairs * 4))
fi

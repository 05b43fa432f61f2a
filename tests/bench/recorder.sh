#!/bin/sh
# recorder.sh BUILD [PAIRS]: what recording costs, and how exact it is, beside the simplest clients there are.
#
# All clients read the same streams from the same sender (which stamps its own clock into each frame), interleaved,
# so that a noisy machine hits all of them alike. CPU a token is the whole process's CPU for a long stream minus that
# for a short one, divided by the difference in tokens: start-up cancels, and so do the first buffers, as a short one
# takes seconds. What starting costs varies, by 100 ms for Python where a virtual machine makes page faults dear: the
# environment's SPAN (default 3) says how many times 8 000, 800, and 200 000 tokens the streams differ by. Medians of
# PAIRS (default 5, or what the environment says).
# Sensors cost the same by the clock, so that each token bears more of them the slower it is: "no power" is the recorder
# without those of power, of which an NVIDIA card's counter of energy keeps a processor busy for milliseconds once a
# second. "curl itself" and "recv itself" beside Python are what whoever only reads comes to.
# Paced streams cost what the kernel takes to wake a thread: that is no client's, and the larger part where it runs in a
# virtual machine. There it also decides when bytes arrive: a thread that runs where the sender does has them some 40 us
# sooner than one that is woken on another processor.
set -eu
build=$1
pairs=${2:-${PAIRS:-5}}
span=${SPAN:-3}
toktape=$build/toktape
tools=$build/tests/bench
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
sender=
pinned_sender= # commands in front of another, which keep it on one processor
pinned_client=
trap 'test -z "$sender" || kill "$sender" 2>/dev/null; rm -rf "$work"' EXIT

start_sender() { # RATE
    test -z "$sender" || { kill "$sender"; wait "$sender" 2>/dev/null || true; }
    rm -f "$work/url"
    $pinned_sender "$tools/bench_stamp_server" "$1" >"$work/url" &
    sender=$!
    while ! test -s "$work/url"; do sleep 0.05; done
    url=$(cat "$work/url")
}

workload() { # TOKENS
    printf '{"name":"stamp","phases":[{"name":"stream","max_tokens":%s,"messages":[{"role":"user","content":"go"}]}]}' \
        "$1" >"$work/$1.json"
}

median() { sort -n | awk '{a[NR]=$1} END{print (NR % 2) ? a[(NR+1)/2] : (a[NR/2]+a[NR/2+1])/2}'; }
percentile() { sort -n "$1" | awk -v p="$2" '{a[NR]=$1} END{i=int((NR-1)*p)+1; printf "%.1f", a[i]/1000}'; }

record() { # TOKENS OUTPUT
    rm -f "$2"
    $pinned_client "$toktape" record -q --url "$url" --workload "$work/$1.json" --runs 1 --pause 0 --idle 0 --cold keep \
        -o "$2"
}

curl_cpu() { # TOKENS
    "$tools/bench_cpu_of" curl -sN -o /dev/null -H 'Content-Type: application/json' \
        -d "{\"max_tokens\":$1,\"stream\":true}" "$url/v1/chat/completions"
}

python_cpu() { # TOKENS
    "$tools/bench_cpu_of" python3 "$here/python_client.py" "$url" "$1"
}

record_cpu() { # TOKENS [OPTION...]
    tokens=$1
    shift
    rm -f "$work/cpu.toktape"
    "$tools/bench_cpu_of" "$toktape" record -q --url "$url" --workload "$work/$tokens.json" --runs 1 --pause 0 --idle 0 \
        --cold keep "$@" -o "$work/cpu.toktape"
}

without_power_cpu() { record_cpu "$1" --power none; }
recv_cpu() { "$tools/bench_cpu_of" "$tools/bench_recv_client" "${url##*:}" "$1" cost; }

cpu_row() { # NAME RATE SHORT LONG
    start_sender "$2"
    workload "$3"
    workload "$4"
    clients='record without_power curl python recv'
    for client in $clients; do : >"$work/$client"; done
    i=0
    while [ "$i" -lt "$pairs" ]; do
        for client in $clients; do
            a=$("${client}_cpu" "$4"); b=$("${client}_cpu" "$3")
            echo "$a $b $3 $4" | awk '{print ($1-$2)/($4-$3)}' >>"$work/$client"
        done
        i=$((i + 1))
    done
    for client in $clients; do median <"$work/$client"; done | tr '\n' ' ' |
        awk -v name="$1" '{
            printf "%-16s %8.2f us %8.2f us %5.2f x %8.2f us %5.2f x\n", name, $1, $3, $1/$3, $4, $1/$4
            printf "%-16s %8.2f us %17.2f x %17.2f x\n", "  no power", $2, $2/$3, $2/$4
            printf "%-16s %49.2f x\n", "  curl itself", $3/$4
            printf "%-16s %8.2f us %37.2f x\n", "  recv itself", $5, $5/$4 }'
}

# Instructions a read of FUNCTION and what it calls, the kernel not counted: a long stream minus a short one.
instructions_of() { # FUNCTION
    rm -f "$work/counts"
    for tokens in 1000 5000; do
        rm -f "$work/own.toktape"
        valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" --toggle-collect="$1" \
            "$toktape" record -q --url "$url" --workload "$work/$tokens.json" --runs 1 --pause 0 --idle 0 --cold keep \
            -o "$work/own.toktape" 2>/dev/null
        awk '/^(summary|totals):/ {print $2; exit}' "$work/callgrind" >>"$work/counts"
        "$toktape" export --format jsonl "$work/own.toktape" | grep -c '"type":"chunk"' >>"$work/counts"
    done
    tr '\n' ' ' <"$work/counts" | awk '{printf "%.0f\n", ($3 - $1) / ($4 - $2)}'
}

# All that the thread which reads does from one read to the next, without the read.
own_code() { # RATE
    command -v valgrind >/dev/null || { echo "own code per read: no valgrind here"; return; }
    start_sender "$1"
    workload 1000
    workload 5000
    echo "$(instructions_of http_perform) $(instructions_of http_connection_read)" |
        awk '{printf "own code per read             %d instructions, and %d to read\n", $1 - $2, $2}'
}

# Which processors the threads of sender and reader come to lie on decides a good part of the delay, for a whole stream:
# many short streams, rather than few long ones.
error_row() { # NAME RATE TOKENS STREAMS
    start_sender "$2"
    workload "$3"
    rm -f "$work"/*.ns
    i=0
    while [ "$i" -lt "$4" ]; do
        $pinned_client "$tools/bench_recv_client" "${url##*:}" "$3" >>"$work/floor.ns"
        record "$3" "$work/error.toktape"
        "$toktape" export --format jsonl "$work/error.toktape" |
            awk -F'"' '/"type":"frame"/ && /"kind":"content"/ {
                for (i = 2; i < NF; i += 2) { if ($i == "clock_ns") t = $(i + 2); if ($i == "text") s = $(i + 2) }
                sub(/^ 0*/, "", s); print t - s }' >>"$work/ours.ns"
        $pinned_client python3 "$here/python_client.py" "$url" "$3" "$work/python.ns"
        i=$((i + 1))
    done
    echo "$1 $(percentile "$work/ours.ns" 0.5) $(percentile "$work/floor.ns" 0.5)" \
        "$(percentile "$work/ours.ns" 0.99) $(percentile "$work/floor.ns" 0.99)" \
        "$(percentile "$work/python.ns" 0.5) $(percentile "$work/python.ns" 0.99)" |
        awk '{printf "%-18s p50 %7s us, recv %7s us (%+.1f us), Python %7s us\n", $1, $2, $3, $2-$3, $6
              printf "%-18s p99 %7s us, recv %7s us (%.2f x), Python %7s us\n", "", $4, $5, $4/$5, $7}'
}

echo "medians of $pairs pairs, span $span"
echo
echo "CPU per token       toktape     curl -N   ratio      Python   ratio"
cpu_row paced-2000-tok/s 2000 3000 $((3000 + span * 8000))
cpu_row paced-100-tok/s 100 250 $((250 + span * 800))
cpu_row flat-out 0 20000 $((20000 + span * 200000))
echo
own_code 2000
echo
echo "arrival time against the sender's clock"
error_row paced-100-tok/s 100 200 $((pairs * 4))
error_row paced-2000-tok/s 2000 1500 $((pairs * 3))
if taskset -c 1 true 2>/dev/null; then
    echo "the same, sender and client on a processor each"
    pinned_sender='taskset -c 0'
    pinned_client='taskset -c 1'
    error_row paced-100-tok/s 100 200 $((pairs * 3))
    error_row paced-2000-tok/s 2000 1500 $((pairs * 2))
    pinned_sender=
    pinned_client=
fi
echo
start_sender 2000
workload 14000
record 14000 "$work/size.toktape"
bytes=$(wc -c <"$work/size.toktape")
workload 2000
record 2000 "$work/size2.toktape"
less=$(wc -c <"$work/size2.toktape")
echo "$bytes $less" | awk '{printf "size of a closed trace       %.2f B a token (14 000 tokens: %d B; 2 000: %d B)\n", ($1-$2)/12000, $1, $2}'

#!/bin/sh
# recorder.sh BUILD [PAIRS]: what recording costs beside the simplest clients there are.
#
# All clients read the same streams from the same sender, interleaved, so that a noisy machine hits all of them alike.
# CPU a token is the whole process's CPU for a long stream minus that for a short one, divided by the difference in
# tokens: start-up cancels, and so do the first buffers, as a short one takes seconds. What starting costs varies, by
# 100 ms for Python where a virtual machine makes page faults dear: the environment's SPAN (default 3) says how many times
# 8 000, 800, and 200 000 tokens the streams differ by. A short stream that does not count goes before each pair, since
# memory that a client of the same kind has just given back is cheaper to get. Medians of PAIRS (default 5, or what the
# environment says).
# Sensors cost the same by the clock, so that each token bears more of them the slower it is: "no power" is the recorder
# without those of power, of which an NVIDIA card's counter of energy keeps a processor busy for milliseconds once a
# second. "reading" is the thread of the recorder that talks to the engine, as the trace has it. "curl itself" and "recv
# itself" beside Python are what whoever only reads comes to, and "recv, able" such a client that gives up waiting after
# some time, and that reads when a token comes, not when the turn of another thread is over.
# Paced streams cost what the kernel takes to wake a thread: that is no client's, and the larger part where it runs in a
# virtual machine.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `stamped`
set -eu
build=$1
pairs=${2:-${PAIRS:-5}}
span=${SPAN:-3}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stamped"

curl_cpu() { # TOKENS
    "$tools/bench_cpu_of" curl -sN -o /dev/null -H 'Content-Type: application/json' \
        -d "{\"max_tokens\":$1,\"stream\":true}" "$url/v1/chat/completions"
}

python_cpu() { # TOKENS
    "$tools/bench_cpu_of" python3 "$here/python_client.py" "$url" "$1"
}

record_cpu() { # TOKENS [OPTION...]
    tokens=$1
    before_client=$tools/bench_cpu_of
    shift
    record "$tokens" "$work/cpu.toktape" 0 "$@"
    "$tools/bench_reading_cpu" "$work/cpu.toktape" >"$work/$tokens.reading"
}

reading_cpu() { cat "$work/$1.reading"; } # of the recording right before

without_power_cpu() { record_cpu "$1" --power none; }
recv_cpu() { "$tools/bench_cpu_of" "$tools/bench_recv_client" "${url##*:}" "$1" cost; }
able_cpu() { "$tools/bench_cpu_of" "$tools/bench_recv_client" "${url##*:}" "$1" able; }

cpu_row() { # NAME RATE SHORT LONG
    start_sender "$2"
    workload "$3"
    workload "$4"
    clients='record reading without_power curl python recv able'
    for client in $clients; do : >"$work/$client"; done
    i=0
    while [ "$i" -lt "$pairs" ]; do
        for client in $clients; do
            ("${client}_cpu" "$3") >/dev/null
            a=$("${client}_cpu" "$4"); b=$("${client}_cpu" "$3")
            echo "$a $b $3 $4" | awk '{print ($1-$2)/($4-$3)}' >>"$work/$client"
        done
        i=$((i + 1))
    done
    for client in $clients; do median <"$work/$client"; done | tr '\n' ' ' |
        awk -v name="$1" '{
            printf "%-16s %8.2f us %8.2f us %5.2f x %8.2f us %5.2f x\n", name, $1, $4, $1/$4, $5, $1/$5
            printf "%-16s %8.2f us %17.2f x %17.2f x\n", "  no power", $3, $3/$4, $3/$5
            printf "%-16s %8.2f us %37.2f x\n", "  reading", $2, $2/$5
            printf "%-16s %49.2f x\n", "  curl itself", $4/$5
            printf "%-16s %8.2f us %37.2f x\n", "  recv itself", $6, $6/$5
            printf "%-16s %8.2f us %37.2f x\n", "  recv, able", $7, $7/$5 }'
}

# Instructions a read of FUNCTION and what it calls, the kernel not counted: a long stream minus a short one.
instructions_of() { # FUNCTION
    rm -f "$work/counts"
    before_client="valgrind --tool=callgrind --callgrind-out-file=$work/callgrind --toggle-collect=$1"
    for tokens in 1000 5000; do
        record "$tokens" "$work/own.toktape" 0 2>/dev/null
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

timed_record() { record 10000 "$work/own.toktape" 0; }
timed_recv() { $before_client "$tools/bench_recv_client" "${url##*:}" 10000 cost; }

# The same by the clock, for the caches and branch predictions that a processor has left after it slept; beside it what a
# client takes that does nothing but take the time.
own_time() { # RATE
    start_sender "$1"
    workload 10000
    for client in record recv; do : >"$work/$client.times"; done
    i=0
    while [ "$i" -lt "$pairs" ]; do
        for client in record recv; do
            rm -f "$work/between"
            (
                before_client="env BETWEEN_READS=$work/between LD_PRELOAD=$(cd "$tools" && pwd)/bench_between_reads.so"
                "timed_$client"
            )
            [ -f "$work/between" ] || { echo "  by the clock: a library cannot be preloaded here"; return; }
            cat "$work/between" >>"$work/$client.times"
        done
        i=$((i + 1))
    done
    for client in record recv; do
        for column in 2 3; do awk -v c=$column '{print $c}' "$work/$client.times" | median; done
    done | tr '\n' ' ' | awk -v rate="$1" '{
        printf "  by the clock                %d ns (p50), %d ns (p90), at %d reads/s; recv itself %d ns (p50), %d ns (p90)\n",
            $1, $2, rate, $3, $4 }'
}

echo "medians of $pairs pairs, span $span, $(python3 --version)"
echo
echo "CPU per token       toktape     curl -N   ratio      Python   ratio"
cpu_row paced-2000-tok/s 2000 3000 $((3000 + span * 8000))
cpu_row paced-100-tok/s 100 250 $((250 + span * 800))
cpu_row flat-out 0 20000 $((20000 + span * 200000))
echo
own_code 2000
own_time 2000
own_time 5000
echo
start_sender 2000
workload 14000
record 14000 "$work/size.toktape" 0
bytes=$(wc -c <"$work/size.toktape")
workload 2000
record 2000 "$work/size2.toktape" 0
less=$(wc -c <"$work/size2.toktape")
echo "$bytes $less" | awk '{printf "size of a closed trace       %.2f B a token (14 000 tokens: %d B; 2 000: %d B)\n", ($1-$2)/12000, $1, $2}'

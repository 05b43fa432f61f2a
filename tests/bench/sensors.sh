#!/bin/sh
# sensors.sh BUILD [PAIRS]: what sampling costs of a core, and whether it shifts TTFT and arrival times.
#
# The recordings of one pair follow each other at once, so that a noisy machine hits all of them alike: with every
# sensor, without sources of power, and without any sampling. CPU is the whole process's for a long stream minus that
# for a short one, so that start-up cancels; the share of a core is the difference in CPU over that in time. Medians of
# PAIRS (default 5, or what the environment says).
#
# Sources of this machine that work are read as they are. Where it may have its own mounts, RAPL zones and hwmon chips
# of files in memory are added; and where there is no NVIDIA driver, a library that answers in its place and takes as
# long for its counter as an H100's does.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `stamped`
set -eu
build=$(cd "$1" && pwd)
pairs=${2:-${PAIRS:-5}}
fake=$build/tests/unit/libfake_nvml.so
if [ -z "${SENSORS_MOUNTED:-}" ] && unshare -rm true 2>/dev/null; then
    SENSORS_MOUNTED=1 exec unshare -rm sh "$0" "$build" "$pairs"
fi
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stamped"

put() { # put TEXT FILE
    mkdir -p "$(dirname "$2")"
    echo "$1" >"$2"
}

# Two packages with their cores and memory, a platform; twelve chips.
stand_in_for_sysfs() {
    test -n "${SENSORS_MOUNTED:-}" || return 0
    ls /sys/class/powercap/*/energy_uj /sys/class/hwmon/*/power1_* >/dev/null 2>&1 && return 0
    mount -t tmpfs none /sys/class 2>/dev/null || return 0
    for zone in 0 0:0 0:1 1 1:0 1:1 2; do
        put "zone-$zone" "/sys/class/powercap/intel-rapl:$zone/name"
        put 123456789 "/sys/class/powercap/intel-rapl:$zone/energy_uj"
        put 262143328850 "/sys/class/powercap/intel-rapl:$zone/max_energy_range_uj"
    done
    for chip in 0 1 2 3 4 5 6 7 8 9 10 11; do
        put "chip$chip" "/sys/class/hwmon/hwmon$chip/name"
        put 31000000 "/sys/class/hwmon/hwmon$chip/power1_input"
        put 31000000 "/sys/class/hwmon/hwmon$chip/power2_average"
    done
}

stand_in_for_nvml() {
    test -e "$fake" && ! ldconfig -p 2>/dev/null | grep -q libnvidia-ml.so.1 || return 0
    mkdir "$work/lib"
    cp "$fake" "$work/lib/libnvidia-ml.so.1"
    export LD_LIBRARY_PATH="$work/lib" FAKE_NVML_COUNTER_US=4400
}

options_of() { # VARIANT
    case $1 in
    all) echo "--power auto" ;;
    no-power) echo "--power none" ;;
    none) echo "--power none --sample-hz 0" ;;
    esac
}

record() { # VARIANT TOKENS RUNS OUTPUT: prints the CPU that it took, in microseconds
    rm -f "$4"
    # shellcheck disable=SC2046
    "$tools/bench_cpu_of" "$toktape" record -q --url "$url" --workload "$work/$2.json" --runs "$3" --pause 0 --idle 0 \
        --cold keep $(options_of "$1") -o "$4"
}

rate=100
short=300
long=1300
cpu_rows() {
    start_sender $rate
    workload $short
    workload $long
    i=0
    while [ "$i" -lt "$pairs" ]; do
        for variant in all no-power none; do
            record "$variant" $short 1 "$work/short.toktape" >/dev/null # memory given back just now is cheaper to get
            b=$(record "$variant" $long 1 "$work/$variant.toktape")
            a=$(record "$variant" $short 1 "$work/short.toktape")
            echo "$a $b" | awk -v s=$(((long - short) / rate)) '{print ($2 - $1) / s / 1e4}' >>"$work/$variant.cpu"
        done
        i=$((i + 1))
    done
    for variant in all no-power; do
        paste "$work/$variant.cpu" "$work/none.cpu" | awk '{print $1 - $2}' | median >"$work/$variant.share"
    done
    echo "rails read: $("$toktape" info --json "$work/all.toktape" | jq -r '.power.rails | length') of" \
        "$("$toktape" info --json "$work/all.toktape" | jq -r '.power.sources | join(", ")')"
    printf 'CPU of the recorder, %% of a core    all sensors %.2f   --power none %.2f   no sampling %.2f\n' \
        "$(median <"$work/all.cpu")" "$(median <"$work/no-power.cpu")" "$(median <"$work/none.cpu")"
    printf 'sampling, %% of a core               all sensors %.2f   --power none %.2f   (budget 0.5)\n' \
        "$(cat "$work/all.share")" "$(cat "$work/no-power.share")"
}

# Arrival of each frame against the time that the sender stamped into it, in ns: of all, of the first of each run, of those
# that were under way while a sample was read, and of the others.
arrivals() { # TRACE VARIANT
    "$toktape" export --format jsonl "$1" | jq -r 'if .type == "sample" then ["sample", .clock_ns, .duration_ns]
        elif .type == "frame" and .kind == "content" then ["frame", .clock_ns, (.text | ltrimstr(" ")), .run]
        else empty end | @tsv' | sort -k 2,2n |
        awk -v to="$work/$2" -v one="$work/one" '
            $1 == "sample" { if ($2 + $3 > end) end = $2 + $3; next }
            { sub(/^0*/, "", $3); sent = $3 + 0; e = $2 - sent
              print e >one
              print e >>(to ".frames")
              print e >>(to (end >= sent ? ".met" : ".others"))
              if (!($4 in seen)) print e >>(to ".firsts")
              seen[$4] = 1 }'
}

# Runs of the two kinds in turn.
time_runs() { # RATE TOKENS RUNS
    start_sender "$1"
    workload "$2"
    for v in all none; do for what in frames firsts met others ttft p99; do : >"$work/$v.$what"; done; done
    i=0
    while [ "$i" -lt "$pairs" ]; do
        for variant in all none; do
            record $variant "$2" "$3" "$work/time.toktape" >/dev/null
            arrivals "$work/time.toktape" "$variant"
            { percentile "$work/one" 0.99; echo; } >>"$work/$variant.p99"
            "$toktape" report --view runs --json "$work/time.toktape" | jq -r '.runs[].ttft_ms * 1e6' >>"$work/$variant.ttft"
        done
        i=$((i + 1))
    done
}

time_row() { # NAME WHAT
    echo "$1 $2 $(for p in 0.5 0.99; do for v in all none; do percentile "$work/$v.$2" $p; echo; done; done | tr '\n' ' ')" |
        awk '{printf "%-16s %-7s p50 %8s us, without sampling %8s us (%+.1f us)   p99 %8s us, without %8s us (%.2f x)\n",
              $1, $2, $3, $4, $3-$4, $5, $6, $5/$6}'
}

# No more than these are delayed by a sample; the others show whether sampling does anything else, beside how much one
# recording without it differs from another.
met_row() { # NAME
    echo "$1 $(wc -l <"$work/all.met") $(wc -l <"$work/all.frames") $(percentile "$work/all.met" 0.5)" \
        "$(percentile "$work/all.met" 0.99) $(percentile "$work/all.others" 0.99) $(percentile "$work/none.frames" 0.99)" \
        "$(sort -n "$work/none.p99" | sed -n '1p;$p' | tr '\n' ' ')" |
        awk '{printf "%-16s met     %.2f %% of all: p50 %.1f us, p99 %.1f us; p99 of the others %.1f us, without %.1f us (%.2f x; %.1f to %.1f us from recording to recording)\n",
              $1, 100*$2/$3, $4, $5, $6, $7, $6/$7, $8, $9}'
}

time_rows() { # NAME RATE, TOKENS and RUNS for arrival, the same for what begins a run
    time_runs "$2" "$3" "$4"
    time_row "$1" frames
    met_row "$1"
    time_runs "$2" "$5" "$6"
    time_row "$1" firsts
    time_row "$1" ttft
}

stand_in_for_sysfs
stand_in_for_nvml
cpu_rows
echo
echo "medians and percentiles over $pairs pairs"
echo "arrival against the sender's clock: all frames, those under way during a sample, first frames; and TTFT"
time_rows 100-tok/s 100 100 10 5 100
time_rows 2000-tok/s 2000 2000 10 50 100

#!/bin/sh
# concurrency.sh BUILD [PAIRS]: what it costs to record eight conversations at once that get 20 000 tokens a second
# together, beside as many curls. Says how many tokens came, whether a read was ever held up or a sample lost (neither
# may be), and the CPU a token: a long burst minus a short one, so that start-up cancels. Medians of PAIRS (default 5).
# Then the same for fewer conversations at the same rate each, and for eight at lower rates.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `stamped`
set -eu
build=$1
pairs=${2:-5}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stamped"

record_cpu() { # TOKENS
    rm -f "$work/burst.toktape"
    "$tools/bench_cpu_of" "$toktape" record -q --url "$url" --workload "$work/$1.json" --concurrency "$streams" \
        --cold keep --idle 0 -o "$work/burst.toktape"
}

cat >"$work/curls" <<'EOF'
#!/bin/sh
for _ in $(seq "$2"); do
    curl -sN -o /dev/null -H 'Content-Type: application/json' -d "{\"max_tokens\":$1,\"stream\":true}" "$3" &
done
wait
EOF
chmod +x "$work/curls"

row() { # NAME RATE SHORT LONG STREAMS
    streams=$5
    start_sender "$2" 0 1
    workload "$3"
    workload "$4"
    : >"$work/ours"
    : >"$work/floor"
    i=0
    while [ "$i" -lt "$pairs" ]; do
        b=$(record_cpu "$3"); a=$(record_cpu "$4")
        c=$("$tools/bench_cpu_of" "$work/curls" "$4" "$streams" "$url/v1/chat/completions")
        d=$("$tools/bench_cpu_of" "$work/curls" "$3" "$streams" "$url/v1/chat/completions")
        echo "$a $b $3 $4 $streams" | awk '{print ($1-$2)/($4-$3)/$5}' >>"$work/ours"
        echo "$c $d $3 $4 $streams" | awk '{print ($1-$2)/($4-$3)/$5}' >>"$work/floor"
        i=$((i + 1))
    done
    echo "$(median <"$work/ours") $(median <"$work/floor")" |
        awk -v name="$1" '{printf "%-24s CPU a token %6.2f us, curls %6.2f us, %.2f x\n", name, $1, $2, $1/$2}'
}

tell_burst() { # of the row before
    "$toktape" report --view load --json "$work/burst.toktape" 2>/dev/null | jq -r '.cells[] | .bursts[] |
        "                         \(.tokens) tokens of \(.valid) answers, \(.tokens / .seconds | floor) tok/s together"'
    "$toktape" info --json "$work/burst.toktape" |
        jq -r '"                         reads held up \(.loss.stalls), samples lost \(.loss.samples)"'
}

row paced-20000-tok/s 2500 2500 12500 8
tell_burst
row flat-out 0 20000 100000 8
tell_burst
for streams in 1 2 4; do
    row "$streams x 2500 tok/s" 2500 2500 7500 "$streams"
done
for rate in 100 500 1000; do
    row "8 x $rate tok/s" $rate $((rate / 2)) $((rate * 4)) 8
done

#!/bin/sh
# full_disk.sh TOKTAPE: a disk of 1 MiB that gets full, while recording and while the finished trace is packed. The
# recorder stops with exit code 5 and says how much is safe, and that can be read and repaired. Needs root, and Linux.
set -eu
tape=$1
[ "$(id -u)" = 0 ] && [ "$(uname -s)" = Linux ] || { echo "no root on Linux: skipped" >&2; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-full.XXXXXX")
disk=$work/disk
engine=
cleanup() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || :
    ! mountpoint -q "$disk" || umount "$disk"
    rm -rf "$work"
}
trap cleanup EXIT
mkdir "$disk"
mount -t tmpfs -o size=1m toktape-full "$disk" 2>/dev/null || { echo "mount is not allowed: skipped" >&2; exit 77; }

fail() {
    echo "$*" >&2
    [ ! -s "$work/said" ] || cat "$work/said" >&2
    exit 1
}
exits() { # exits CODE COMMAND...: what it says is in $work/said
    want=$1
    shift
    code=0
    "$@" >"$work/out" 2>"$work/said" || code=$?
    [ "$code" = "$want" ] || fail "exit $code, expected $want: $*"
}
fill() { # fill KIB: leaves so much free
    rm -f "$disk/filler"
    free=$(df -k --output=avail "$disk" | tail -n 1)
    head -c "$(((free - $1) * 1024))" /dev/zero >"$disk/filler"
}

cat >"$work/work.json" <<'END'
{"name": "talk", "phases": [{"name": "talk", "max_tokens": 400, "messages": [{"role": "user", "content": "Why are hills round?"}]}]}
END
echo '{"model": "tiny", "version": "b1-test", "ttft_ms": 1, "prefill_tok_s": 50000, "decode_tok_s": 2000}' >"$work/quick.json"
"$tape" serve -q "$work/quick.json" >"$work/url" 2>/dev/null &
engine=$!
for _ in $(seq 100); do
    [ ! -s "$work/url" ] || break
    sleep 0.05
done
url=$(head -n 1 "$work/url")
record() { # record CODE RUNS OUT
    exits "$1" "$tape" record --url "$url" --workload "$work/work.json" --pause 0 --accept all --idle 0 -q --runs "$2" -o "$3"
}

safe_part() { # safe_part PART: holds what was said to be safe, and can be read and repaired
    safe=$(sed -n 's/.*; \([0-9]*\) bytes are safe.*/\1/p' "$work/said")
    [ -n "$safe" ] || fail "it does not say how much is safe"
    [ "$(wc -c <"$1")" -ge "$safe" ] || fail "$1 has less than the $safe bytes that are safe"
    exits 3 "$tape" report --view runs --json --allow-incomplete -o "$work/table" "$1"
    exits 3 "$tape" repair -q "$1" -o "$work/repaired.toktape"
    exits 3 "$tape" report --view runs --json -o "$work/table" "$work/repaired.toktape"
    rm -f "$work/repaired.toktape" "$work/table"
}

fill 48
record 5 200 "$disk/full.toktape"
[ ! -e "$disk/full.toktape" ] || fail "a name that says it is whole"
safe_part "$disk/full.toktape.part"
grep -qi 'no space left' "$work/said" || : # the words are the system's
echo "full while recording: $safe bytes safe"

# How much the recording and its packed form take is measured first; then there is room for the first only.
rm -f "$disk"/*
record 0 2 "$work/whole.toktape"

#!/bin/sh
# full_disk.sh TOKTAPE: a disk that is really full, a tmpfs of its own. It needs root; without, it is skipped.
# While recording: exit code 5, how much is safe, and that much can be read and repaired. While closing: the .part stays.
set -eu
TOKTAPE=$1
[ "$(id -u)" = 0 ] || { echo "only root can mount a disk"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-full.XXXXXX")
mkdir "$work/disk"
engine=
cleanup() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || :
    umount "$work/disk" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT
mount -t tmpfs -o size=192k none "$work/disk" 2>/dev/null || { echo "no disk can be mounted here"; exit 77; }
cd "$work"

# The text of a synthetic engine hardly repeats: 20 000 tokens fill the disk.
echo '{"model": "tiny", "version": "b1", "style": "openai", "decode_tok_s": 8000, "prefill_tok_s": 1e6}' >engine.json
echo '{"name": "long", "phases": [{"name": "long", "max_tokens": 60000, "messages": [{"role": "user", "content": "go"}]}]}' \
    >long.json
"$TOKTAPE" serve engine.json >url &
engine=$!
while ! [ -s url ]; do sleep 0.1; done
record() { # record FILE
    "$TOKTAPE" record --url "$(cat url)" --workload long.json --cold keep --idle 0 -q -o "$1" --timeout "$2"
}

code=0
record disk/run.toktape 60 2>said || code=$?
cat said
[ "$code" = 5 ]
grep -q 'bytes are safe in' said
[ "$(ls disk)" = run.toktape.part ]
code=0
"$TOKTAPE" report --allow-incomplete --view runs --format csv disk/run.toktape.part >/dev/null || code=$?
[ "$code" = 3 ]
code=0
"$TOKTAPE" repair disk/run.toktape.part -o saved.toktape || code=$?
[ "$code" = 3 ]
rm disk/run.toktape.part

# Closing makes a second copy: now there is room for one.
code=0
record disk/run.toktape 2 2>said || code=$?
cat said
if [ "$code" = 5 ] && [ -e disk/run.toktape.part ]; then
    grep -q 'could not be packed into\|bytes are safe in' said
    [ "$(ls disk)" = run.toktape.part ]
    "$TOKTAPE" check disk/run.toktape.part || :
fi

# A campaign stops: it cannot write down any more what it did. What was recorded is kept, and it goes on once there is room.
kill "$engine"
wait "$engine" || :
engine=
port=$(sed 's/.*://; s,/.*,,' url)
echo '{"name": "short", "phases": [{"name": "short", "max_tokens": 40, "messages": [{"role": "user", "content": "go"}]}]}' >short.json
cat >plan.json <<END
{"name": "trip", "out": "disk/archive", "defaults": {"workload": "short.json", "pause": 0, "idle": 0,
 "engine": {"cmd": ["$TOKTAPE", "serve", "--port", "$port", "engine.json"], "url": "http://127.0.0.1:$port"}},
 "cells": [{"name": "a"}, {"name": "full", "workload": "long.json", "cold": "keep"}, {"name": "b"}]}
END
rm -rf disk/*
code=0
"$TOKTAPE" campaign --keep-going plan.json >told 2>said || code=$?
cat said
[ "$code" = 5 ]
grep -q "bytes are safe in 'disk/archive/trip.campaign/full.failed.toktape'" said
code=0
"$TOKTAPE" repair disk/archive/trip.campaign/full.failed.toktape -o full.toktape || code=$?
[ "$code" = 3 ]
sed -i.old 's/"long.json"/"short.json"/' plan.json
rm disk/archive/trip.campaign/full.failed.toktape
"$TOKTAPE" campaign -q plan.json
[ "$("$TOKTAPE" campaign status --json plan.json | jq -c '[.cells[].recordings[0].attempts]')" = "[1,2,1]" ]
echo "ok"

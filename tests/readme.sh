#!/bin/sh
# readme.sh TOKTAPE ROOT: the commands of the README and of docs/tasks.md run as they are written, on the trace that the
# README shows, with "toktape serve" in place of the engine; and the README's table has that trace's figures.
# shellcheck disable=SC2016 # backquotes are what is looked for
set -eu
TOKTAPE=$1
root=$2
trace=$root/tests/golden/demo.toktape
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-readme.XXXXXX")
engine=
cleanup() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT

# --- the table ---
# phase, ok, TTFT, decode, prefill, cached, answer: as "record" prints them, and as "report" does.
shown() {
    LC_ALL=C awk '/^    phase .* TTFT ms/ { rows = 1; next } rows && !NF { exit } rows { print $1, $2, $3, $4, $5, $6, $(NF) }' \
        "$root/README.md" | sed 's/—  *%/—/'
}
measured() {
    "$TOKTAPE" report --view phases --format text --width 0 "$trace" |
        LC_ALL=C awk '/^phase / { rows = 1; next } rows && !NF { exit }
            rows { print $1, $2, $3, $5, $7, sprintf("%.0f", $9), $10 }'
}
shown >"$work/shown"
measured >"$work/measured"
[ "$(grep -c . "$work/measured")" -gt 0 ]
diff "$work/measured" "$work/shown" || { echo "the README's table is not that of $trace"; exit 1; }

# --- the commands ---
{
    sed -n 's/^    \$ \(toktape .*\)/\1/p; s,^    build-release/\(toktape .*\),\1,p' "$root/README.md"
    grep '^|' "$root/README.md" | grep -oE '`toktape [^`]*`' | tr -d '`'
    grep -oE '`zstd [^`]*`' "$root/README.md" | tr -d '`'
    sed -n 's/^    \(toktape .*\)/\1/p' "$root/docs/tasks.md"
} >"$work/commands"
[ "$(grep -c . "$work/commands")" -ge 40 ] || { echo "the pages have fewer commands than they had"; exit 1; }

mkdir "$work/bin" "$work/here"
cp "$trace" "$work/here/run.toktape"
cp "$root/tests/profiles/fast.json" "$work/here/profile.json"
cp "$root/tests/imports/vllm.json" "$work/here/bench.json"
cp "$root/tests/imports/messages.jsonl" "$work/here/chats.jsonl"
"$TOKTAPE" synth "$work/here/profile.json" --runs 3 -q -o "$work/here/before.toktape"
"$TOKTAPE" synth "$work/here/profile.json" --runs 3 --seed 2 -q -o "$work/here/after.toktape"
echo '<!-- toktape:value expr="range(*, decode_tok_s)" --><!-- /toktape --> tok/s' >"$work/here/results.md"
port=$((20000 + $$ % 10000))
cat >"$work/here/plan.json" <<END
{"name": "all", "out": "cells/", "defaults": {"skip_long": true, "pause": 0}, "cells": [{"name": "one", "engine": {
  "cmd": ["$TOKTAPE", "serve", "--speed", "0", "--port", "$port", "run.toktape"], "url": "http://127.0.0.1:$port"}}]}
END
# Nobody waits between the runs of a served trace.
cat >"$work/bin/toktape" <<END
#!/bin/sh
[ "\$1" != record ] || { shift; set -- record --pause 0 "\$@"; }
exec '$TOKTAPE' "\$@"
END
chmod +x "$work/bin/toktape"
PATH=$work/bin:$PATH
cd "$work/here"

serve() { # serve ARGUMENTS...: starts it and waits for its URL
    : >../url
    "$TOKTAPE" serve "$@" >../url &
    engine=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ ! -s ../url ] || return 0
        sleep 0.2
    done
    echo "serve does not say its URL"
    return 1
}
quit() {
    kill "$engine"
    wait "$engine"
    engine=
}
failed=
while IFS= read -r command; do
    echo "\$ $command"
    case $command in
    'toktape serve '*)
        # shellcheck disable=SC2086
        { serve ${command#toktape serve } && quit; } || failed=1
        ;;
    *)
        serve --speed 0 "$trace"
        sh -c "$(echo "$command" | sed "s,http://127.0.0.1:8080,$(cat ../url),
            s,URL_A,$(cat ../url),; s,URL_B,$(sed s/127.0.0.1/localhost/ ../url),; s/restart-cmd [AB]/restart-cmd true/g")" >../out 2>&1 </dev/null ||
            case $?:$command in
            1:*--fail-on*) ;; # nobody paces a served trace: it may well be slower
            *) failed=1; cat ../out ;;
            esac
        [ -s ../out ] || case $command in zstd* | *' docs '* | *' -o '*) ;; *) failed=1; echo "no output" ;; esac
        quit
        ;;
    esac
done <"$work/commands"
[ -z "$failed" ]

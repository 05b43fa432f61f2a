#!/bin/sh
# pages.sh TOKTAPE ROOT: every command that the README, docs/*.md, the man pages and --help show is run as it is written, on
# prepared files, with "toktape serve" in place of the engine. A page's commands run in their order, in a folder of its own.
# shellcheck disable=SC2016 # backquotes are what is looked for
set -eu
TOKTAPE=$1
root=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-pages.XXXXXX")
engine=
cleanup() {
    [ -z "$engine" ] || kill "$engine" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT

# What cannot run here, and why. A line that no page has any more is an error, too.
cat >"$work/left_out" <<'END'
toktape record --url http://127.0.0.1:8080 --power rapl,nvml     # these; not without them	wants RAPL and an NVIDIA card
sudo toktape record --url http://127.0.0.1:8080 --power ioreport,smc,powermetrics     # to compare them	wants a Mac, and root
./dev build	builds; this is the result
source <(toktape completion bash)       # in ~/.bashrc	a line of a start file; tests/cli/completion has them
source <(toktape completion zsh)        # in ~/.zshrc, below compinit	likewise
toktape completion fish | source        # in ~/.config/fish/config.fish	likewise
toktape manual record | man -l -            # on Linux	wants a pager; tests/cli/manual looks at the pages
toktape manual record | mandoc | less       # on macOS	likewise
END
commands_at_least=120

# --- the commands, a line each, lines that go on joined ---
joined() {
    sed -e ':again' -e '/\\$/{N;s/\\\n */ /;b again' -e '}'
}
# Blocks of code with a toktape in them; with a prompt in front, only such lines are commands.
of_page() {
    joined <"$1" | awk '
        function flush(i) { if (has) for (i = 1; i <= n; i++) if (!prompts || line[i] ~ /^\$ /) { sub(/^\$ /, "", line[i]); print line[i] }
            n = has = prompts = 0 }
        /^    [^ ]/ { text = substr($0, 5); line[++n] = text
            if (text ~ /^\$ /) prompts = 1
            if (text ~ /^(\$ )?(sudo |source <\(|build-release\/)?toktape /) has = 1
            next }
        { flush() }
        END { flush() }'
}
of_readme() {
    of_page "$root/README.md" | sed 's,^build-release/,,'
    grep '^|' "$root/README.md" | grep -oE '`toktape [^`]*`' | tr -d '`'
    grep -oE '`zstd [^`]*`' "$root/README.md" | tr -d '`'
}
of_man_page() {
    awk '/^\.Sh/ { in_examples = /EXAMPLES/ } /^\.Bd/ { in_block = 1; next } /^\.Ed/ { in_block = 0 } in_examples && in_block' "$1" |
        sed 's/\\-/-/g'
}
of_help() {
    "$TOKTAPE" "$1" --help | sed '1,/^examples:/d' | joined | sed -n 's/^  //p'
}
mkdir "$work/pages"
of_readme >"$work/pages/README.md"
for page in "$root"/docs/*.md; do
    of_page "$page" >"$work/pages/${page##*/}"
done
for page in "$root"/docs/man/*.mdoc; do
    of_man_page "$page" >"$work/pages/${page##*/}"
done
for command in $("$TOKTAPE" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'); do
    of_help "$command" >"$work/pages/toktape $command --help"
done
[ "$(cat "$work"/pages/* | grep -cE "(^|[ (])toktape ")" -ge $commands_at_least ] || { echo "the pages have fewer commands than they had"; exit 1; }
cut -f 1 "$work/left_out" | while IFS= read -r line; do
    cat "$work"/pages/* | grep -qxF -e "$line" || { echo "no page says any more: $line"; exit 1; }
done

# --- what they work on ---
made=$work/made
mkdir "$work/bin" "$made" "$made/archive"
cp "$root/tests/golden/demo.toktape" "$made/run.toktape"
cp "$root/tests/page/17-qwen-27b-llamacpp.json" "$made/profile.json"
cp "$root/tests/imports/vllm.json" "$made/bench.json"
cp "$root/tests/imports/messages.jsonl" "$made/chats.jsonl"
cp "$root/tests/imports/mooncake.jsonl" "$made/trace.jsonl"
"$TOKTAPE" import -q --workload messages "$made/chats.jsonl" -o "$made/workload.json"
seed=1
for name in before after old new old-1 old-2 new-1 new-2; do
    "$TOKTAPE" synth "$made/profile.json" --runs 3 --seed $seed -q -o "$made/$name.toktape"
    seed=$((seed + 1))
done
cp "$made/before.toktape" "$made/archive/one.toktape"
echo '<!-- toktape:value expr="range(*, decode_tok_s)" --><!-- /toktape --> tok/s' >"$made/results.md"
echo "$(date +%s),12.5" >"$made/meter.csv"
for script in restart-old restart-new; do
    printf '#!/bin/sh\n' >"$made/$script"
    chmod +x "$made/$script"
done
port=$((20000 + $$ % 10000))
cat >"$made/plan.json" <<END
{"name": "all", "out": "cells/", "defaults": {"skip_long": true, "pause": 0}, "cells": [{"name": "one", "engine": {
  "cmd": ["$TOKTAPE", "serve", "--speed", "0", "--port", "$port", "run.toktape"], "url": "http://127.0.0.1:$port"}}]}
END

# --- running them ---
# Nobody waits between the runs of a served trace, and its speed is nobody's fault; results of the command before do not
# stand in the way; what would serve for ever is ended once it has said where.
cat >"$work/bin/toktape" <<END
#!/bin/sh
echo "\$*" >>'$work/ran'
result=
for word in "\$@"; do
    [ "\$result" != -o ] || [ "\$word" = - ] || rm -rf "\$word"
    result=\$word
done
case "\$1 \$*" in
record*) shift; set -- record --pause 0 "\$@" ;;
*--fail-on*) '$TOKTAPE' "\$@" || [ \$? = 1 ]; exit ;;
serve*)
    [ "\${ENDS:-0}" = 1 ] || exec '$TOKTAPE' "\$@"
    rm -f '$work/said'
    '$TOKTAPE' "\$@" >'$work/said' & engine=\$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s '$work/said' ] || sleep 0.5; done
    cat '$work/said'
    kill \$engine
    wait \$engine
    exit ;;
esac
exec '$TOKTAPE' "\$@"
END
chmod +x "$work/bin/toktape"
PATH=$work/bin:$PATH

serve() { # starts the engine and waits for its URL
    : >"$work/url"
    "$TOKTAPE" serve --speed 0 "$made/profile.json" >"$work/url" &
    engine=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ ! -s "$work/url" ] || return 0
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
# Two engines are one under two names; the wrapper has to know what would serve for ever.
with_engine() {
    url=$(cat "$work/url")
    other=$(echo "$url" | sed s/127.0.0.1/localhost/)
    sed "s,http://127.0.0.1:8080,$url,g; s,http://127.0.0.1:8081,$other,g; s,URL_A,$url,g; s,URL_B,$other,g
        s/restart-cmd [AB]/restart-cmd true/g
        /&\$/!s/^toktape serve/ENDS=1 &/"
}
run_page() { # run_page NAME: one script of all its lines, which says each before it is run
    commands=$work/pages/$1
    cut -f 1 "$work/left_out" >"$work/names"
    grep -vxF -f "$work/names" "$commands" >"$work/script" || return 0
    cp -R "$made" "$work/here"
    serve
    with_engine <"$work/script" >"$work/here/.script"
    code=0
    (cd "$work/here" && HOME=$work/here sh -exu .script) >"$work/out" 2>&1 </dev/null || code=$?
    quit
    rm -rf "$work/here"
    [ "$code" = 0 ] || { echo "--- $1: exit code $code"; tail -n 30 "$work/out"; return 1; }
}
failed=
: >"$work/ran"
for page in "$work"/pages/*; do
    run_page "${page##*/}" || failed=1
done
cat "$work"/pages/* | grep -vxF -f "$work/names" | grep -oE '(^|[ (])toktape [a-z]' | grep -c . >"$work/wanted"
[ "$(grep -c . "$work/ran")" -eq "$(cat "$work/wanted")" ] ||
    { echo "of $(cat "$work/wanted") commands $(grep -c . "$work/ran") were run"; failed=1; }
[ -z "$failed" ]

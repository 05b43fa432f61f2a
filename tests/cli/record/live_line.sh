#!/bin/sh
# On a terminal one line lives at the bottom, fits the width, and is gone in the end; elsewhere there are plain lines.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
script --version 2>/dev/null | grep -q util-linux || exit 77
sed 's/"decode_tok_s": 20/"decode_tok_s": 30/' slow.json >walk.json
start walk.json
cat >names.json <<'END'
{"name": "names", "phases": [
 {"name": "one-that-has-a-name-longer-than-any-line-on-a-terminal-would-bear-it-because-it-goes-on", "max_tokens": 20,
  "messages": [{"role": "user", "content": "What?"}]},
 {"name": "second", "max_tokens": 20, "messages": [{"role": "user", "content": "Why?"}]}]}
END
on_terminal() { # on_terminal COLUMNS OPTIONS...: standard error is a terminal of that width; it lands in "typed"
    columns=$1
    shift
    command="stty cols $columns rows 24; exec '$TOKTAPE' record --url $url --pause 0 $* >table"
    script -qec "$command" /dev/null </dev/null >typed
    echo "exit $?"
}
live() { # live COLUMNS: whether there were live lines, and all narrower than that
    sed "s/$(printf '\r')$//" typed | tr '\r' '\n' | sed "s/$(printf '\033')\[K//" |
        sed -e '/ tok/!d' -e '/^toktape: /d' >lines
    awk -v columns="$1" 'length > widest { widest = length }
        END { print (!NR ? "no line" : widest < columns ? "lives and fits" : "too wide: " widest) }' lines
}
seen() { # what stays on the terminal: carriage returns taken as what they do
    sed -e "s/$(printf '\r')*$//" -e "s/.*$(printf '\r')//" -e "s/^$(printf '\033')\[K//" typed
}
plain() {
    sed -e '/marked synthetic$/d' -e 's/[0-9]* bytes, content id [0-9a-f]*/N bytes/'
}
echo "--- eighty columns"
on_terminal 80 --workload work.json -o a.toktape
live 80
grep -q ' tok/s  TTFT .* / ~0:' lines && echo "says when it will be done"
seen | plain
echo "--- forty columns, and a name that fits no line"
on_terminal 40 --workload names.json -o b.toktape
live 40
seen | plain
echo "--- quiet, and with a run that fails"
on_terminal 80 --workload work.json -q -o c.toktape
seen | plain
end_engine
start --fault cut:1000@1 walk.json
on_terminal 80 --workload work.json -o d.toktape
live 80
seen | plain
echo "--- no terminal"
end_engine
start quick.json
record -o e.toktape 2>message >table
grep -c -e "$(printf '\033')" -e "$(printf '\r')" message table
sed -n 's/ .*ms  0:0[0-9].*//p' message

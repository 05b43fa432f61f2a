#!/bin/sh
# A trace without its end is refused, and read as far as it goes when asked to; a damaged one is refused in any case.
trace=$TESTS/golden/captures.toktape
size=$(($(wc -c <"$trace")))
head -c $((size - 100)) "$trace" >cut.toktape
{
    head -c $((size / 2)) "$trace"
    printf 'XXXX'
    tail -c +$((size / 2 + 5)) "$trace"
} >damaged.toktape
try() {
    "$TOKTAPE" "$@" 2>&1 | sed 's/byte [0-9]*/byte N/'
    "$TOKTAPE" "$@" >/dev/null 2>&1
    echo "exit $?"
}
try info cut.toktape
try info --allow-incomplete cut.toktape | grep -E 'closed|runs|exit'
try info damaged.toktape
try extract --phase llamacpp-dense-01-basic --head damaged.toktape
try extract --phase llamacpp-dense-01-basic --head cut.toktape
try extract --phase llamacpp-dense-01-basic --head --allow-incomplete cut.toktape
try export damaged.toktape
try export --allow-incomplete cut.toktape | grep -c type
try export --allow-incomplete cut.toktape | tail -n 1

#!/bin/sh
# When memory is short, there is either the whole script or page, or an error.
if ! TOKTAPE_FAULT=alloc:1 "$TOKTAPE" completion bash >script 2>said; then
    grep -q 'memory' said || cat said
else
    echo "this build has no fault points" >&2
    exit 77
fi
for command in 'completion bash' 'completion zsh' 'completion fish' 'manual diff' 'manual' 'manual trace'; do
    # shellcheck disable=SC2086
    "$TOKTAPE" $command >whole
    n=1
    # shellcheck disable=SC2086
    until TOKTAPE_FAULT=alloc:$n "$TOKTAPE" $command >script 2>said; do
        [ "$(wc -l <said | tr -d ' ')" = 1 ] || { echo "$command, allocation $n:"; cat said; }
        n=$((n + 1))
        [ $n -lt 200 ] || break
    done
    cmp whole script
    [ $n -gt 2 ] && echo "$command: ok"
done

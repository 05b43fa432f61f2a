#!/bin/sh
# The script for bash in a bash: what it makes of beginnings of command lines.
# shellcheck disable=SC1091,SC2154 # "common" sets $lines
. "$TESTS/cli/completion/common"
command -v bash >/dev/null || { echo "there is no bash here" >&2; exit 77; }
"$TOKTAPE" completion bash >script
cat >ask.bash <<'END'
. ./script
cd here
while IFS= read -r line; do
    # The words as bash sees them: an equals sign is one, and behind a space begins an empty one.
    read -r -a COMP_WORDS <<<"${line//=/ = }"
    case $line in *' ') COMP_WORDS+=('') ;; esac
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _toktape
    echo "$line"
    [ ${#COMPREPLY[@]} = 0 ] || printf '  %s\n' "${COMPREPLY[@]}" | LC_ALL=C sort
done
END
echo "$lines" | bash ask.bash

#!/bin/sh
# The script for zsh in an interactive zsh: what it offers when Tab is pressed behind beginnings of command lines.
# shellcheck disable=SC1091,SC2154 # "common" sets $lines
. "$TESTS/cli/completion/common"
command -v zsh >/dev/null || { echo "there is no zsh here" >&2; exit 77; }
mkdir functions
"$TOKTAPE" completion zsh >functions/_toktape
echo "$lines" >lines
# Matches are noted where the completion system hands them over.
cat >inner.zsh <<'END'
PS1= PS2= RPS1=
unset zle_bracketed_paste
fpath=($work/functions $fpath)
autoload -Uz compinit && compinit -u -D
LISTMAX=1000
compadd() {
    if [[ " ${(j: :)argv[1,(i)(-|--)]}" == *' '-[a-zA-Z]#[OAD]\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a found
    builtin compadd -A found "$@"
    (( $#found )) && print -rl -- $found >>$work/found
    builtin compadd "$@"
}
note() { zle complete-word; print -r -- end >>$work/found; BUFFER= }
setopt extended_glob no_beep
zle -N note
bindkey '^I' note
cd $work/here
print -r -- ready >>$work/found
END
cat >outer.zsh <<'END'
zmodload zsh/zpty
zmodload zsh/zselect
await() { # WORD: it is the last line of "found"
    repeat 500; do
        [[ -e found && $(tail -n 1 found) == $1 ]] && return
        zpty -r -t inner drained '*' 2>/dev/null
        zselect -t 2
    done
    print "zsh does not answer"; exit 1
}
zpty inner "work=$PWD TERM=dumb zsh -f -i"
zpty -w inner "source $PWD/inner.zsh"
await ready
while IFS= read -r line; do
    : >found
    zpty -w -n inner "$line"$'\t'
    await end
    print -r -- $line
    grep -v '^end$' found | sed 's/^/  /' | LC_ALL=C sort -u
done <lines
zpty -d inner
END
zsh -f outer.zsh

# shellcheck shell=bash disable=SC2154 # what stands above, made from the option tables, sets the names of commands
# Each of these sets COMPREPLY to what $cur, of the function below, can become.
_toktape_among() { # WORDS
    while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -W "$1" -- "$cur")
}

_toktape_list() { # WORDS: several, with commas between them
    local before=
    case $cur in *,*) before=${cur%,*}, ;; esac
    cur=${cur##*,}
    _toktape_among "$1"
    COMPREPLY=("${COMPREPLY[@]/#/$before}")
    compopt -o nospace 2>/dev/null
}

_toktape_folders() {
    while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -d -- "$cur")
    compopt -o filenames 2>/dev/null
}

_toktape_files() { # WORDS SUFFIX...: the words, and files of such names and folders; all files when there are none
    local words=$1 matched='' suffix all=()
    shift
    while IFS= read -r name; do
        all+=("$name")
        for suffix in "$@"; do
            case $name in *".$suffix") matched=1 && COMPREPLY+=("$name") && continue 2 ;; esac
        done
        [ ! -d "${name/#\~/$HOME}" ] || COMPREPLY+=("$name")
    done < <(compgen -f -- "$cur")
    [ -n "$matched" ] || COMPREPLY=("${all[@]}")
    [ ${#COMPREPLY[@]} = 0 ] || compopt -o filenames 2>/dev/null
    _toktape_among "$words"
}

_toktape() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} name i
    COMPREPLY=()
    # In "--format=text" bash sees three words.
    if [ "$cur" = = ]; then
        cur=
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [ "$COMP_CWORD" = 1 ]; then
        _toktape_among "$_toktape_commands help --help --version"
        return
    fi
    if [ "$command" = help ]; then
        [ "$COMP_CWORD" != 2 ] || _toktape_among "$_toktape_commands"
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i]}" != -- ] || { _toktape_operand "$command"; return; }
    done
    _toktape_value "$command" "$previous" && return
    case $cur in
    -*) _toktape_among "$(_toktape_options "$command")" ;;
    *) _toktape_operand "$command" ;;
    esac
}

complete -F _toktape toktape

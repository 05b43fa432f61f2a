_toktape() {
    local curcontext=$curcontext line state
    typeset -A opt_args
    _arguments -C \
        '(- *)'{-h,--help}'[list the commands]' \
        '(- *)--version[show the version]' \
        '1:command:->command' \
        '*::argument:->arguments'
    case $state in
    command) _toktape_commands ;;
    arguments)
        curcontext=${curcontext%:*}-$words[1]:
        if [[ $words[1] == help ]]; then
            _toktape_commands
        elif (( $+functions[_toktape_$words[1]] )); then
            _toktape_$words[1]
        fi
        ;;
    esac
}

# Autoloaded, this file is the function; sourced, it announces it.
if [[ $funcstack[1] == _toktape ]]; then
    _toktape "$@"
else
    compdef _toktape toktape
fi

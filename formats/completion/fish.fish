function __toktape_is # [COMMAND]: is that the command so far; without one: is there none yet
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end

function __toktape_files # SUFFIX...: files of such names first
    for suffix in $argv
        __fish_complete_suffix .$suffix
    end
end

function __toktape_list # WORDS...: several, with commas between them
    set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^--[a-z-]+=' ''))
    printf '%s\n' "$before"$argv
end

complete -c toktape -f
complete -c toktape -n __toktape_is -a help -d 'show the options of a command'
complete -c toktape -n __toktape_is -s h -l help -d 'list the commands'
complete -c toktape -n __toktape_is -l version -d 'show the version'
complete -c toktape -n '__toktape_is help' -a '$__toktape_commands'

#!/bin/sh
# What reads traces says in one line that a file is none: text, an empty file, a directory, no file at all.
exec 2>&1
echo 'once upon a time' >text
: >empty
mkdir folder
for command in report 'plot -o charts' serve info 'extract --response --phase cold' 'export --format jsonl'; do
    case $("$TOKTAPE" --help) in *"${command%% *} "*) ;; *) exit 77 ;; esac
    echo "--- ${command%% *}"
    for file in text empty folder missing; do
        # shellcheck disable=SC2086 # words
        "$TOKTAPE" $command $file
        echo "exit $?"
    done
done

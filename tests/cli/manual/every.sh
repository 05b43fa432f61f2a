#!/bin/sh
# Every command has a page with all its options, and somebody has written beside it what option tables do not know.
#
# A new command's page is made from its option table at once. What is left to write is docs/man/toktape-COMMAND.mdoc:
# text that goes on with the description, then sections (.Sh) of those that formats/manual.c lists, EXIT STATUS at least.
folder=$TESTS/../docs/man
"$TOKTAPE" manual --all pages
for command in $("$TOKTAPE" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    page=pages/toktape-$command.1
    "$TOKTAPE" manual "$command" | cmp - "$page"
    grep -q "toktape-$command 1\$" pages/toktape.1 || echo "toktape(1) does not list $command"
    for option in $("$TOKTAPE" "$command" --help | sed -n '/^options:/,/^$/s/^  [ -].[ ,] --\([a-z-]*\).*/\1/p'); do
        grep -q "^\.It.* Fl \\\\-$option\>" "$page" || echo "$command: the page lacks --$option"
    done
    [ -e "$folder/toktape-$command.mdoc" ] || echo "$command: write $folder/toktape-$command.mdoc, see $0"
    grep -q '^\.Sh EXIT STATUS' "$folder/toktape-$command.mdoc" || echo "$command: nothing is said of exit codes"
done
"$TOKTAPE" manual trace | cmp - pages/toktape-trace.5
# A section that the generator does not know would be left out.
for prose in "$folder"/*.mdoc; do
    name=${prose##*/}
    [ -e "pages/${name%.mdoc}.1" ] || [ -e "pages/${name%.mdoc}.5" ] || continue # a build without that command
    grep '^\.Sh ' "$prose" | while IFS= read -r section; do
        grep -q -x -F "$section" "pages/${name%.mdoc}".[15] || echo "$name: '$section' is not on the page"
    done
done

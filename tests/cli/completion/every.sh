#!/bin/sh
# Every command and every option of --help is in each script, and each --help is complete in its turn.
for shell in bash zsh fish; do
    "$TOKTAPE" completion $shell -o $shell
    "$TOKTAPE" completion $shell | cmp - $shell
done
for command in $("$TOKTAPE" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    grep -q "_commands='.*\<$command\>" bash || echo "bash: no $command"
    grep -q "^        '$command:" zsh || echo "zsh: no $command"
    grep -q -e "-n __toktape_is -a $command " fish || echo "fish: no $command"
    sed -n "/^_toktape_$command()/,/^}/p" zsh >zsh.command
    for option in $("$TOKTAPE" "$command" --help | sed -n '/^options:/,/^$/s/^  [ -].[ ,] --\([a-z-]*\).*/\1/p'); do
        grep -q "^    $command) echo '.*--${option}[ ']" bash || echo "bash: no $command --$option"
        grep -q -e "--$option\>" zsh.command || echo "zsh: no $command --$option"
        grep -q "__toktape_is $command'.* -l $option " fish || echo "fish: no $command --$option"
    done
done
# The charts that --chart completes are those that there are.
"$TOKTAPE" plot --list | awk '{ print $1 }' | tr '\n' ' ' | sed 's/ $/)/' >charts
grep -F -q -- "--chart=[only this chart]:NAME:($(cat charts)" zsh || echo "plots/cmd_plot.c: --chart completes other charts than --list lists"
try() {
    "$TOKTAPE" completion "$@" 2>&1
    echo "exit $?"
}
try
try tcsh
try bash zsh

#!/bin/sh
# The script for fish in a fish: what it makes of beginnings of command lines.
# shellcheck disable=SC1091,SC2154 # "common" sets $lines
. "$TESTS/cli/completion/common"
command -v fish >/dev/null || { echo "there is no fish here" >&2; exit 77; }
"$TOKTAPE" completion fish >script
mkdir home
cat >ask.fish <<'END'
source script
cd here
while read -l line
    echo $line
    for found in (complete -C $line | string replace -r '\t.*' '' | sort -u)
        echo "  $found"
    end
end
END
echo "$lines" | HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home fish --no-config ask.fish

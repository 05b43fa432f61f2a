#!/bin/sh
# Where there is no more room the recording stops, says how much is safe, and that can be read.
# shellcheck disable=SC1091,SC2154 # "common" sets $url
. "$TESTS/cli/record/common"
figures() { # without numbers that differ
    sed -e '/marked synthetic$/d' -e '/^\[/d' -e 's/[0-9][0-9]* bytes/N bytes/' -e 's/byte [0-9]*/byte N/' \
        -e 's/: File too large/: no room/'
}
start quick.json
(
    trap '' XFSZ
    ulimit -f 16
    record --runs 100 -o full.toktape 2>said
    echo "exit $?"
)
figures <said
for file in full.*; do echo "$file"; done
"$TOKTAPE" info full.toktape.part 2>message
echo "exit $?"
figures <message
"$TOKTAPE" info --allow-incomplete full.toktape.part >info.txt
echo "exit $?"
grep closed info.txt
"$TOKTAPE" report --view runs --json --allow-incomplete full.toktape.part | jq '[.runs[].valid] | any'
[ "$(wc -c <full.toktape.part)" -ge "$(sed -n 's/.*; \([0-9]*\) bytes are safe.*/\1/p' said)" ] && echo "as much as it said"

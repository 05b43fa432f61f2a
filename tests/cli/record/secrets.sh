#!/bin/sh
# What is secret stays out: of the trace, as bytes and unpacked, and of everything that is printed.
# shellcheck disable=SC1091,SC2088,SC2154 # "common" sets $url; the tilde is what is looked for
. "$TESTS/cli/record/common"
leaks() { # leaks WORD FILE...: which of them have it
    word=$1
    shift
    grep -a -l -i -F -e "$word" "$@"
}
KEY=sk-Zu7kLq93xTqpWm41vNc8
HOME=$PWD/houseboat
export KEY HOME
mkdir houseboat
cp quick.json houseboat/quick.json
cat >said.json <<'END'
{"name": "said", "phases": [
 {"name": "fine", "max_tokens": 3, "messages": [{"role": "user", "content": "a word that is kept: marzipan"}]}]}
END
start "$HOME/quick.json"
record --workload said.json --api-key-env KEY --header 'X-Tenant: quincunx-77' --header 'Cookie: session=bergamot' \
    -o trace.toktape >table 2>message
echo "exit $?"
zstd -dcq trace.toktape >unpacked
"$TOKTAPE" info trace.toktape >info.txt
"$TOKTAPE" info --json trace.toktape >info.json
"$TOKTAPE" export --format jsonl trace.toktape >exported
for word in "$KEY" Zu7kLq93 quincunx bergamot houseboat; do
    leaks "$word" trace.toktape unpacked table message info.txt info.json exported
done
echo "--- the search finds what is there"
leaks marzipan unpacked
case $(uname -s) in
Linux) leaks '~/quick.json' unpacked ;; # the engine's arguments, without saying whose home that is
*) echo unpacked ;;
esac
echo "--- a failed recording, and one into a pipe"
end_engine
start --fault cut quick.json
record --workload said.json --api-key-env KEY -q -o cut.toktape 2>message
record --workload said.json --api-key-env KEY -q -o - 2>>message >piped
zstd -dcq cut.toktape >unpacked
zstd -dcq <piped >>unpacked
leaks "$KEY" unpacked message
leaks chat.completion.chunk unpacked
echo "--- a key that cannot be sent is not printed either"
KEY="$(printf 'sk-broken\nX-Other: 1')"
record --workload said.json --api-key-env KEY -q -o bad.toktape 2>message
echo "exit $?"
sed '/marked synthetic$/d' message

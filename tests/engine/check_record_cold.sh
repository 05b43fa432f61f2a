# Phases that must be cold are, unless they are told to keep the cache; then they are named.
# shellcheck shell=sh
jq -n --rawfile a "$ENGINE/../../formats/texts/system_a.txt" '
    def phase($name; $user): {name: $name, max_tokens: 5, cold: true, messages: [
        {role: "system", content: $a[:3000]}, {role: "user", content: $user}]};
    {name: "twice", phases: [phase("first"; "What now?"), phase("again"; "And then?")]}' >twice.json
record() { # record METHOD: its cached tokens, in "cached"
    "$TOKTAPE" record --url "$URL" --workload twice.json --pause 0 --cold "$1" -q -o "$1.toktape" 2>"$1.err"
    "$TOKTAPE" report --view runs --json "$1.toktape" | jq -c '[.runs[].cached_tokens]' >cached
    "$TOKTAPE" info --json "$1.toktape" | jq -c .cold >cold
}
record auto
jq -e '. == [0, 0]' cached
jq -e '. == {method: "request", verified: true}' cold
[ ! -s auto.err ]

record keep
jq -e '.[1] > 500' cached
jq -e '. == {method: "keep", verified: false}' cold
grep "'again' of repeat 1 was to be cold (keep), but [0-9]* of [0-9]* prompt tokens came from the cache" keep.err
"$TOKTAPE" report keep.toktape | grep "'again' of repeat 1 was not cold (keep)"

record nonce
jq -e 'all(. <= 64)' cached
jq -e '. == {method: "nonce", verified: true}' cold

# A command that restarts nothing is found out.
"$TOKTAPE" record --url "$URL" --workload twice.json --pause 0 --restart-cmd 'echo once >>restarts' -q -o r.toktape \
    2>restart.err
[ "$(wc -l <restarts)" = 2 ]
grep "'again' of repeat 1 was to be cold (restart)" restart.err

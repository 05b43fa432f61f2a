#!/bin/sh
# What the server does not answer, and how it says so.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/serve/common"
show() {
    curl --write-out ' %{http_code}\n' "$@"
}
echo '{"context": 32}' >profile.json
start --allow-host engine.lan profile.json
port=${url##*:}
echo "--- names"
for host in evil.example "evil.example:$port" 127.0.0.1.evil.example localhost.evil.example '' \
    localhost "LOCALHOST:$port" 127.0.0.1 127.1.2.3:80 '[::1]' "[::1]:$port" engine.lan; do
    printf '%s: ' "$host"
    show -H "Host: $host" "$url/health"
done | sed "s/:$port/:PORT/"
echo "--- paths"
show "$url/"
show "$url/v1/chat/completions"
show -X DELETE "$url/health"
echo "--- bodies"
show -d 'hello' "$url/v1/chat/completions"
show -d '{"messages":[]' "$url/v1/chat/completions"
show -d '{"messages":"hi"}' "$url/v1/chat/completions"
show -d '{"messages":[{"role":"user","content":"one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"}]}' "$url/v1/chat/completions"
echo "--- too large, in one piece and chunked"
head -c 67108865 /dev/zero >large
show --data-binary @large "$url/v1/chat/completions"
show --data-binary @large -H 'Transfer-Encoding: chunked' "$url/v1/chat/completions"
rm large
echo "--- still there"
show "$url/health"
stop TERM
start --allow-host '*' profile.json
show -H 'Host: any.example' "$url/health"
stop TERM

#!/bin/sh
# What doctor finds of an engine: here, behind a forwarder, another user's, elsewhere, with too small a context, beside
# another one, and missing.
# shellcheck disable=SC1091,SC2034,SC2154
. "$TESTS/cli/doctor/common"
of_engine() { # what it says of the engine, which comes last
    sed -n -e '/^[^ ]*  *\(gnuplot\)/,$p' | sed -e 1,2d
}
start quick.json
port=${url##*:}
echo "--- here, with a child"
machine
process 4711 1 llama-server "llama-server --port $port"
process 4712 4711 llama-server "llama-server --port 1"
listens 4711 "$port" 100
doctor --url "$url" | of_engine
echo "--- with another one"
process 5000 1 ollama "ollama serve"
listens 5000 11434 200
doctor --url "$url" --json | grep -v '^exit' >report.json
jq -c '.ok, (.items[] | select(.name | test("engine")))' report.json
for forwarder in docker-proxy ssh; do
    echo "--- behind $forwarder"
    machine
    process 4713 1 $forwarder $forwarder
    listens 4713 "$port" 100 00000000
    doctor --url "$url" | of_engine
done
echo "--- on a socket of IPv6 that takes IPv4, too"
machine
process 4711 1 llama-server "llama-server --port $port"
listens 4711 "$port" 100 00000000000000000000000000000000
mv "$root/proc/net/tcp" "$root/proc/net/tcp6"
doctor --url "$url" | grep 'engine memory'
echo "--- another user's"
rm -r "$root/proc/4711/fd"
doctor --url "$url" | of_engine
end_engine
echo "--- too small a context"
echo '{"model": "tiny", "version": "b1-test", "context": 4096, "ttft_ms": 1}' >small.json
start small.json
doctor --url "$url" | of_engine
end_engine
echo "--- missing"
machine
doctor --url "$url" | of_engine
echo "--- no URL of an engine"

doctor --url ftp://127.0.0.1 2>&1

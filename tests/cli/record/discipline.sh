#!/bin/sh
# Discipline: what is refused, accepted, only warned of, and said below every table; the machine is described by files.
# shellcheck disable=SC1091,SC2034,SC2154
. "$TESTS/cli/doctor/common"
cat >engine.py <<'END'
import http.server, sys
class Engine(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args): pass
    def answer(self, kind, text):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self):
        if self.path != "/props": return self.send_error(404)
        self.answer("application/json", '{"build_info": "b1-test", "model_alias": "tiny", "total_slots": 1,'
                    ' "default_generation_settings": {"n_ctx": 4096}, "model_path": "/opt/tiny.gguf"}')
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/chat/completions": return self.send_error(404)
        open("asked", "w")
        say = 'data: {"choices": [{"index": 0, "finish_reason": %s, "delta": {%s}}]}\n\n'
        self.answer("text/event-stream", say % ("null", '"content": " hi"') * 3 + say % ('"stop"', "") + "data: [DONE]\n\n")
server = http.server.HTTPServer(("127.0.0.1", 0), Engine)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
END
python3 engine.py >url &
engine=$!
await test -s url
url=$(cat url)
for name in agentic-8 mine; do
    printf '{"name": "%s", "phases": [{"name": "a", "max_tokens": 5000, "messages": [{"role": "user", "content": "hi"}]}]}' \
        "$name" >"$name.json"
done
machine
process 4711 1 llama-server "llama-server --port ${url##*:}"
listens 4711 "${url##*:}" 100
try() { # try WORKLOAD OPTIONS...
    rm -f t.toktape
    workload=$1
    shift
    TOKTAPE_ROOT=$root "$TOKTAPE" record --url "$url" --workload "$workload.json" --pause 0 --power none --no-poll \
        -o t.toktape "$@" 2>said >said.out
    echo "exit $?"
    grep -h -E 'context|resident|swap|power mode|throttled [0-9]+ times during' said said.out | sed 's/^ *//'
}
count() { # count NAME: how often a table names what was found
    echo "$1: $(grep -c 'context of 4096' table) $(grep -c 'another engine was resident' table)" \
        "$(grep -c 'swap in use grew' table)"
}
shown() { # below every table, and in the trace
    python3 "$TESTS/reader.py" --rows t.toktape | sed -n 's/^meta x//p' |
        python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.readline()))' |
        jq -c '.discipline | [.strict, .accepted, [.findings[].check]]'
    for view in tiers grid phases runs cache depth itl turns load; do
        for format in text md json csv; do
            [ "$view $format" = "depth csv" ] && continue # answers too short for a line
            "$TOKTAPE" report --view $view --format $format t.toktape >table
            count "$view $format"
        done
    done
    "$TOKTAPE" info t.toktape >table
    count info
    "$TOKTAPE" info --json t.toktape | jq -r '.discipline | (.findings + (.after // []))[].text' >table
    count "info json"
}
echo "--- refused for its context"
try agentic-8
for file in t.toktape asked; do [ -e $file ] || echo "no $file"; done
echo "--- another engine"
process 5000 1 ollama "ollama serve"
listens 5000 11434 200
try agentic-8 --accept context
echo "--- accepted, and swap grows meanwhile"
(await test -e asked && memory 6000000) &
try agentic-8 --accept context,resident --idle 0.5
shown
echo "--- other workloads are only warned"
memory 7000000
try mine
shown
echo "--- a machine that saves power"
put low-power sys/firmware/acpi/platform_profile
try agentic-8 --accept context,resident
try agentic-8 --accept all
echo "--- the processor throttles meanwhile"
machine
process 4711 1 llama-server "llama-server --port ${url##*:}"
listens 4711 "${url##*:}" 100
throttled() { # throttled CORE PACKAGE: events since boot, on a package of two cores
    for cpu in 0 1; do
        put 0 sys/devices/system/cpu/cpu$cpu/topology/physical_package_id
        put "$1" sys/devices/system/cpu/cpu$cpu/thermal_throttle/core_throttle_count
        put "$2" sys/devices/system/cpu/cpu$cpu/thermal_throttle/package_throttle_count
    done
}
throttled 7 30
rm asked
try agentic-8 --accept context
rm asked
(await test -e asked && throttled 10 34) &
try agentic-8 --accept context,thermal --idle 0.5
TOKTAPE_ROOT=$root PATH=/nowhere "$TOKTAPE" doctor | grep thermal
echo "--- behind a forwarder: nothing of this machine's state is said of the engine"
rm "$root/proc/4711/exe"
ln -s /usr/bin/docker-proxy "$root/proc/4711/exe"
try agentic-8 --accept context
shown | head -n 1
echo "--- words"
try mine --accept nonsense
grep accept said

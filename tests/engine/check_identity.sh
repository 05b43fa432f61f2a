# A server that record starts itself: who it is, its memory against VmHWM, restarts as generations, its own numbers.
# shellcheck shell=sh
# With LLAMA_SERVER (a llama-server binary) and MODEL (a GGUF file) in the environment; SERVER_ARGS are added.
[ -n "${LLAMA_SERVER:-}" ] && [ -n "${MODEL:-}" ] || exit 0
port=$((20000 + $$ % 10000))
here=http://127.0.0.1:$port
cat >talk.json <<'END'
{"name": "talk", "phases": [
 {"name": "cold", "cold": true, "max_tokens": 100, "messages": [{"role": "user", "content": "What do rivers carry?"}]},
 {"name": "warm", "max_tokens": 100, "messages": [{"role": "user", "content": "What do rivers carry?"}]}]}
END
"$TOKTAPE" record --url "$here" --workload talk.json --runs 2 --pause 3 -q -o it.toktape --reset-peaks --hash-model \
    --cold restart --engine-cmd "'$LLAMA_SERVER' -m '$MODEL' --port $port -c 16384 -np 1 -t 1 -tb 1 --jinja --metrics \
    --slots --no-warmup --offline ${SERVER_ARGS:-}"
"$TOKTAPE" info --json it.toktape >info.json
jq -e '.engine | .name == "llamacpp" and (.version | startswith("b")) and .context == 16384 and .slots == 1' info.json
jq -e --arg model "$(sha256sum "$MODEL" | cut -d' ' -f1)" '.model.sha256 == $model' info.json
python3 "$ENGINE/../reader.py" --rows it.toktape >rows.txt

# Two restarts: the first engine and two after it are generations of their own. No sample of a generation is above the
# peak that the kernel tracked in a run of it by more than what happened between the runs.
rows() { # rows TABLE: as JSON objects
    sed -n "s/^$1 //p" rows.txt |
        jq -Rc '[splits(" ") | split("=") | {key: .[0], value: (.[1] | tonumber? // .)}] | from_entries'
}
rows process | jq -se '[.[].generation] | unique | length >= 2'
rows peak | jq -se 'length == 4 and all(.rss > 10000000 and .processes >= 1)'
rows series | jq -se 'map(select(.kind == 12)) | length >= 4' # its own numbers, of /metrics and /slots
rows series | jq -s 'map(select(.kind == 1).series)' >rss.json
rows sample | jq -s --slurpfile rss rss.json 'map(select(.series as $s | $rss[0] | index($s)).value) | max' >sampled.json
rows peak | jq -se --slurpfile sampled sampled.json '(map(.rss) | max) / $sampled[0] - 1 | fabs < 0.05'

"$TOKTAPE" report --view runs --json it.toktape | jq -e '[.runs[].peak_rss_bytes] | length == 4 and all(. > 10e6)'
"$TOKTAPE" report it.toktape | grep 'tracked by the kernel in 4 of 4 runs'

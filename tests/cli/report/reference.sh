#!/bin/sh
# TTFT, decode rate and, to the last digit, the percentiles of inter-token latency are those of another analysis in
# another language: one token a read, bursts of a known mixture, and a recording of a real engine.
command -v python3 >/dev/null && command -v zstd >/dev/null || exit 77
cat >workload.json <<'W'
{"name": "two", "phases": [{"name": "cold", "max_tokens": 700, "messages": [{"role": "user", "content": "go"}]},
 {"name": "warm", "max_tokens": 300, "messages": [{"role": "user", "content": "go"}]}]}
W
profile() { # NAME MEMBERS: an engine with jitter
    echo "{\"name\": \"llama.cpp\", \"version\": \"b1\", \"model\": \"Tiny\", \"decode_tok_s\": 80, \"jitter\": 0.3, $2}" >"$1.json"
    "$TOKTAPE" synth "$1.json" --workload workload.json --runs 3 -q -o "$1.toktape"
}
profile single '"prefill_tok_s": 900'
profile bursts '"prefill_tok_s": 900, "tokens_per_burst": [3, 2, 1, 1]'
cp "$TESTS/golden/demo.toktape" .
for trace in single bursts demo; do
    python3 -B "$TESTS/bench/reference_analysis.py" "$trace.toktape" >reference
    "$TOKTAPE" report -q --view runs --json "$trace.toktape" | python3 -c '
import json, sys
for number, run in enumerate(json.load(sys.stdin)["runs"]):
    print(run["trace"], number, *("%.6g" % run[k] for k in ("ttft_ms", "decode_tok_s", "completion_tokens")),
          *(repr(float(run["itl_p%d_ms" % p])) for p in (50, 90, 95, 99)))' >ours
    diff ours reference >differences && echo "$trace: $(wc -l <ours) runs are the same" || head -4 differences
done
cut -d' ' -f1-5,7 reference | tail -n 2

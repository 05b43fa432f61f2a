#!/bin/sh
# CSV: runs as 'report' writes them, frames and samples line for line as JSONL has them.
command -v python3 >/dev/null || { echo "python3 is not installed" >&2; exit 77; }
set -- captures.toktape agentic.toktape cut.toktape
for trace in captures agentic; do cp "$TESTS/golden/$trace.toktape" .; done
head -c 12000 captures.toktape >cut.toktape
for trace in "$@"; do "$TOKTAPE" export --allow-incomplete "$trace"; done >lines
for format in csv csv-frames csv-samples; do
    "$TOKTAPE" export --allow-incomplete --format "$format" -o "$format" "$@"
    echo "$format: exit $?"
    "$TOKTAPE" export --allow-incomplete --format "$format" "$@" | cmp - "$format"
    head -n 1 "$format"
done
"$TOKTAPE" report --allow-incomplete --view runs --format csv "$@" >report.csv
cat >compare.py <<'P'
import csv, json
lines = [json.loads(line) for line in open("lines")]
table = lambda name: list(csv.DictReader(open(name, newline="")))
reported = table("report.csv")
runs = table("csv")
key = lambda run: (run["trace"], int(run["repeat"]), run["phase"])
ours = {key(run): run for run in runs if run["last_attempt"] == "true"}
assert len(ours) == len(reported)
for run in reported:
    for name in run:
        assert run[name] == ours[key(run)][name], (name, run[name], ours[key(run)][name])
print("runs are the report's:", len(reported))
plain = lambda text: "".join(" " if c.isspace() else c for c in text)
frames = [line for line in lines if line["type"] == "frame"]
rows = table("csv-frames")
assert len(frames) == len(rows)
formulas = 0
for frame, row in zip(frames, rows):
    for name in "trace_id", "run", "repeat", "attempt", "t_ns", "clock_ns", "kind", "tokens", "chunk", "offset":
        assert str(frame[name]) == row[name], (name, frame, row)
    text = plain(frame["text"])
    formula = text.lstrip()[:1] in ("=", "+", "-", "@") and text.strip() != ""
    formulas += formula
    assert row["text"] == ("'" if formula else "") + text, (frame["text"], row["text"])
print("frames are the lines':", len(rows), "of which no formula any more:", formulas)
samples = [line for line in lines if line["type"] == "sample"]
rows = table("csv-samples")
assert [(s["clock_ns"], s["name"], s["value"]) for s in samples] == [(r["clock_ns"], r["name"], r["value"]) for r in rows]
print("samples are the lines':", len(rows))
P
python3 -B compare.py

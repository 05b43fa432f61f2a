#!/bin/sh
# A database of several traces is sound, and says of every run what 'report --view runs' says.
python3 -c 'import sqlite3' 2>/dev/null || { echo "there is no python3 with sqlite3" >&2; exit 77; }
set -- captures.toktape agentic.toktape tools.toktape
for trace in "$@"; do cp "$TESTS/golden/$trace" .; done
"$TOKTAPE" export --format sqlite -o archive.sqlite "$@" "$1"
echo "exit $?"
"$TOKTAPE" report --view runs --json "$@" >report.json
"$TOKTAPE" report --view phases --json "$@" >phases.json
for trace in "$@"; do "$TOKTAPE" export "$trace"; done >lines
cat >compare.py <<'P'
import json, os, sqlite3
db = sqlite3.connect("file:archive.sqlite?mode=ro", uri=True)
db.row_factory = sqlite3.Row
print(*[row[0] for row in db.execute("PRAGMA integrity_check")], *db.execute("PRAGMA foreign_key_check"))
print("version", db.execute("PRAGMA user_version").fetchone()[0])
for table in "traces", "runs", "frames", "chunks", "series", "samples", "notes":
    print(table, db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
lines = [json.loads(line) for line in open("lines")]
kinds = [line["type"] for line in lines]
print("lines", *(f"{kind}={kinds.count(kind)}" for kind in ("run", "frame", "chunk", "sample")))

# runs
skipped = {"invalid_causes", "invalid_evidence", "findings", "not_judged"}
runs = {(r["trace"], r["repeat"], r["phase"]): r for r in db.execute("SELECT * FROM runs WHERE last_attempt")}
reported = json.load(open("report.json"))["runs"]
for run in reported:
    row = runs[run["trace"], run["repeat"], run["phase"]]
    for name in run.keys() - skipped:
        assert row[name] == run[name], (name, row[name], run[name])
    assert (row["invalid_causes"] or "").split() == run["invalid_causes"]
assert len(reported) == len(runs)
print("figures are the report's:", len(reported), "runs")

# frames, in the order of the lines
frames = [tuple(row) for row in db.execute("SELECT t_ns, clock_ns, kind, tokens, text, chunk, offset FROM frames"
                                           " ORDER BY rowid")]
assert frames == [(int(f["t_ns"]), int(f["clock_ns"]), f["kind"], f["tokens"], f["text"], f["chunk"], f["offset"])
                  for f in lines if f["type"] == "frame"]

# views
medians = {(r["label"], r["phase"], r["figure"]): r["median"] for r in db.execute("SELECT * FROM phase_medians")}
compared = 0
for cell in json.load(open("phases.json"))["cells"]:
    for phase in cell["phases"]:
        for figure in "ttft_ms", "decode_tok_s":
            if phase["runs_valid"] == phase["early_stop"] or phase[figure] is None:
                continue
            got = medians[cell["label"], phase["phase"], figure]
            assert abs(got - phase[figure]) <= 1e-9 * got, (cell["label"], phase["phase"], figure, got, phase[figure])
            compared += 1
print("medians are the report's:", compared)
arrivals, tokens = db.execute("SELECT count(*), sum(tokens) FROM arrivals").fetchone()
assert tokens == db.execute("SELECT sum(tokens) FROM frames").fetchone()[0]
print("arrivals", arrivals, "of", tokens, "tokens")
print("gaps below zero:", db.execute("SELECT count(*) FROM arrivals WHERE gap_ns < 0").fetchone()[0])
page = open(os.environ["TESTS"] + "/../docs/export.md", encoding="utf-8").read()
gaps = db.execute(page.split("```sql sqlite\n")[1].split("```")[0]).fetchall()
assert len(gaps) == 10 and all(a["gap_ms"] >= b["gap_ms"] > 0 for a, b in zip(gaps, gaps[1:]))
print("sensors", *[r[0] for r in db.execute("SELECT DISTINCT name FROM sensor_values ORDER BY name")])
P
python3 -B compare.py
# whole or not at all
"$TOKTAPE" export --format sqlite "$1"
echo "exit $?"
"$TOKTAPE" export --format sqlite -o archive.sqlite "$1"
echo "exit $?"
head -c 4000 "$1" >cut.toktape
"$TOKTAPE" export --format sqlite -o broken.sqlite "$2" cut.toktape
echo "exit $?"
(
    trap '' XFSZ
    ulimit -f 100
    "$TOKTAPE" export --format sqlite -o full.sqlite "$1" 2>message
    echo "exit $?"
    sed 's/: [a-zA-Z/ ]*$/: .../' message
)
ls ./*sqlite*

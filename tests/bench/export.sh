#!/bin/sh
# export.sh BUILD [TRACES]: rows a second that `export` puts into an SQLite database.
#
# The archive: TRACES (default 1 000) synthetic traces of 14 000 tokens, each with a seed of its own. Beside it stands
# Python's sqlite3 with the rows of some of them ready in memory: one executemany for each table, one transaction, the
# same indices, no journal. Ratios are of medians of 5 interleaved pairs, by the clock and by CPU; the whole archive is exported once.
# The database has to be sound and to hold every token before its time counts.
set -eu
build=$1
traces=${2:-1000}
toktape=$(cd "$build" && pwd)/toktape
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
tokens=14000
pairs=5
cores=$(getconf _NPROCESSORS_ONLN)

cat >profile.json <<'P'
{"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "quant": "Q4_K_M", "decode_tok_s": 100, "jitter": 0.02,
 "prefill_tok_s": 5000, "ttft_ms": 20}
P
printf '{"name":"bench","phases":[{"name":"warm","max_tokens":%s,"messages":[{"role":"user","content":"go"}]}]}' \
    $((tokens / 8)) >workload.json
mkdir archive
seq "$traces" | xargs -P "$cores" -I '{}' "$toktape" synth profile.json --workload workload.json --runs 8 --seed '{}' \
    -q -o 'archive/{}.toktape'

cat >reference.py <<'P'
import os, sqlite3, time
source = sqlite3.connect("few.sqlite")
tables = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in ("frames", "chunks")}
schema = [sql for (sql,) in source.execute("SELECT sql FROM sqlite_schema WHERE sql LIKE 'CREATE %' AND tbl_name"
                                           " IN ('frames', 'chunks') AND type IN ('table', 'index') ORDER BY type DESC")]
if os.path.exists("reference.sqlite"):
    os.remove("reference.sqlite")
begin, cpu = time.perf_counter(), time.process_time()
db = sqlite3.connect("reference.sqlite", isolation_level=None)
db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
for sql in schema:
    if sql.startswith("CREATE TABLE"):
        db.execute(sql)
for name, rows in tables.items():
    db.executemany(f"INSERT INTO {name} VALUES({','.join('?' * len(rows[0]))})", rows)
for sql in schema:
    if sql.startswith("CREATE INDEX"):
        db.execute(sql)
db.execute("COMMIT")
db.close()
rows = sum(map(len, tables.values()))
print(rows / (time.perf_counter() - begin), rows / (time.process_time() - cpu))
P
cat >rate.py <<'P'
import resource, sqlite3, subprocess, sys, time
path, toktape, traces = sys.argv[1], sys.argv[2], sys.argv[3:]
begin = time.perf_counter()
subprocess.run([toktape, "export", "--format", "sqlite", "-o", path, *traces], check=True)
took = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_CHILDREN)
db = sqlite3.connect(path)
count = lambda table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
assert db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
assert db.execute("SELECT sum(tokens) FROM frames").fetchone()[0] == 14000 * len(traces), "tokens are missing"
rows = sum(map(count, ("traces", "runs", "frames", "chunks", "series", "samples", "notes")))
print(rows / took, rows / (used.ru_utime + used.ru_stime))
P
median() { # median COLUMN FILE
    awk -v column="$1" '{print $column}' "$2" | sort -n | awk '{a[NR]=$1} END{print (NR % 2) ? a[(NR+1)/2] : (a[NR/2]+a[NR/2+1])/2}'
}

few=$((traces < 40 ? traces : 40))
seq "$few" | sed 's,.*,archive/&.toktape,' >few.list
: >ours
: >reference
for _ in $(seq $pairs); do
    rm -f few.sqlite
    xargs python3 rate.py few.sqlite "$toktape" <few.list >>ours
    python3 reference.py >>reference
done
rm -f few.sqlite reference.sqlite
whole=$(seq "$traces" | sed 's,.*,archive/&.toktape,' | xargs -x -s 1000000 python3 rate.py whole.sqlite "$toktape")
echo "$traces $whole $few $(median 1 ours) $(median 2 ours) $(median 1 reference) $(median 2 reference)" | awk '{
    printf "into SQLite, M rows a second and a second of CPU\n"
    printf "  %5d traces                %6.2f %6.2f   (budget: at least 0.5)\n", $1, $2 / 1e6, $3 / 1e6
    printf "  %5d traces                %6.2f %6.2f\n", $4, $5 / 1e6, $6 / 1e6
    printf "  Python, rows in memory      %6.2f %6.2f   ratio %.2f %.2f\n", $7 / 1e6, $8 / 1e6, $5 / $7, $6 / $8
}'

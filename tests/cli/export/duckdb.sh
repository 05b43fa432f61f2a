#!/bin/sh
# The real DuckDB reads a partitioned archive, and the queries of docs/export.md give report's figures. It is installed
# below this test's own folder, where npm can.
skip() {
    echo "$1" >&2
    exit 77
}
[ "$(uname -sm)" = 'Linux x86_64' ] || [ "$(uname -s)" = Darwin ] || skip 'DuckDB is not fetched for this system'
command -v npm >/dev/null || skip 'npm is not installed'
mkdir packages
npm install --prefix packages --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
    --fetch-retries=0 --fetch-timeout=60000 \
    @duckdb/node-api@1.5.6-r.1 >npm.log 2>&1 || skip "npm cannot install DuckDB: $(head -n 1 npm.log)"
set -- captures.toktape agentic.toktape demo.toktape engine.toktape tools.toktape
for trace in "$@"; do cp "$TESTS/golden/$trace" .; done
"$TOKTAPE" export --format jsonl-parts --part-mb 1 -o archive "$@" || exit
"$TOKTAPE" report --view runs --json "$@" >runs.json
"$TOKTAPE" report --view phases --json "$@" >phases.json
node "$TESTS/duckdb.mjs" "$PWD/packages" "$TESTS/../docs/export.md" runs.json phases.json

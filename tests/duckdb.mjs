// SPDX-License-Identifier: MIT
// Runs the DuckDB queries of docs/export.md over a folder 'archive' and compares them with report's figures.
//
// usage: node duckdb.mjs PACKAGES export.md RUNS.json PHASES.json
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [packages, page, runsFile, phasesFile] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(`${packages}/`)('@duckdb/node-api');
const runs = JSON.parse(readFileSync(runsFile, 'utf8')).runs;
const cells = JSON.parse(readFileSync(phasesFile, 'utf8')).cells;

// The fenced blocks marked '```sql duckdb NAME', by name; the one without a name prepares.
const queries = {};
for (const [, name, sql] of readFileSync(page, 'utf8').matchAll(/^```sql duckdb ?(\w*)\n([^]*?)^```/gm))
    queries[name || 'views'] = sql;

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const ask = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
const near = (got, want, what) =>
    assert(got === want || Math.abs(got - want) <= 1e-9 * Math.abs(want), `${what}: ${got}, report has ${want}`);

await connection.run(queries.views);

const phases = new Map((await ask(queries.phases)).map((row) => [`${row.cell}\n${row.phase}`, row]));
let compared = 0;
for (const cell of cells) {
    for (const phase of cell.phases) {
        if (phase.runs_valid === phase.early_stop) continue;
        const row = phases.get(`${cell.cell}\n${phase.phase}`);
        assert.equal(Number(row.runs), phase.runs_valid - phase.early_stop);
        for (const figure of ['ttft_ms', 'decode_tok_s']) near(row[figure], phase[figure], `${phase.phase} ${figure}`);
        compared += 1;
    }
}
assert.equal(compared, phases.size);
console.log(`medians of ${compared} phases are the report's`);

const files = await ask('SELECT trace_id, path FROM traces');
const ids = new Map(files.map(({ trace_id: id, path }) => [path, id]));
const numbers = new Map((await ask('SELECT trace_id, run, repeat, phase FROM runs WHERE last_attempt'))
    .map((row) => [`${row.trace_id}\n${row.repeat}\n${row.phase}`, row.run]));
const again = new Map((await ask(queries.again)).map((row) => [`${row.trace_id}\n${row.run}`, row]));
compared = 0;
for (const run of runs) {
    const id = ids.get(run.trace);
    const row = again.get(`${id}\n${numbers.get(`${id}\n${run.repeat}\n${run.phase}`)}`);
    assert.equal(Number(row?.tokens ?? 0), run.completion_tokens ?? 0);
    if (run.decode_tok_s === null) continue;
    for (const figure of ['ttft_ms', 'decode_tok_s']) near(row[figure], run[figure], `${run.trace} ${run.phase} ${figure}`);
    compared += 1;
}
console.log(`tokens, TTFT and decode rate of ${compared} runs follow from their frames`);

const gaps = await ask(queries.gaps);
assert(gaps.length > 0 && gaps.every((row) => Number(row.gaps) > 0 && row.p99_us >= row.p50_us));
const samples = await ask("SELECT count(*) AS n FROM read_json('archive/samples/**/*.jsonl.zst', hive_partitioning = true)");
console.log(`gaps of ${gaps.length} models; ${samples[0].n} samples`);

/* SPDX-License-Identifier: MIT */
#include "analyze/sqlite_schema.h"

#include "analyze/run_fields.h"

/* Of runs, before the figures. */
static const char *const run_columns[] = {"key INTEGER PRIMARY KEY",
                                          "trace_key INTEGER NOT NULL REFERENCES traces", "run INTEGER",
                                          "last_attempt INTEGER", "clock_ns INTEGER"};
#define RUN_COLUMNS (sizeof run_columns / sizeof run_columns[0])

static const char tables[] =
    "CREATE TABLE traces(key INTEGER PRIMARY KEY, trace_id TEXT, trace TEXT, content_id TEXT, path TEXT,"
    " closed TEXT, cell TEXT, label TEXT, machine TEXT, chip TEXT, ram_bytes INTEGER, power_mode TEXT,"
    " engine TEXT, engine_version TEXT, model TEXT, model_file TEXT, quant TEXT, speculative TEXT,"
    " workload TEXT, synthetic INTEGER, masked INTEGER, clock_ns INTEGER, realtime_ns INTEGER, idle_w REAL,"
    " findings TEXT, meta TEXT);"
    "CREATE TABLE frames(run_key INTEGER NOT NULL REFERENCES runs, t_ns INTEGER, clock_ns INTEGER,"
    " kind TEXT, tokens INTEGER, text TEXT, finish_reason TEXT, chunk INTEGER, offset INTEGER);"
    "CREATE TABLE chunks(run_key INTEGER NOT NULL REFERENCES runs, t_ns INTEGER, clock_ns INTEGER,"
    " bytes INTEGER);"
    "CREATE TABLE series(key INTEGER PRIMARY KEY, trace_key INTEGER NOT NULL REFERENCES traces,"
    " source TEXT, name TEXT, unit TEXT, kind INTEGER, scope INTEGER, generation INTEGER,"
    " is_counter INTEGER, rail INTEGER);"
    "CREATE TABLE samples(series_key INTEGER NOT NULL REFERENCES series, clock_ns INTEGER,"
    " duration_ns INTEGER, source_t INTEGER, value INTEGER);"
    "CREATE TABLE notes(trace_key INTEGER NOT NULL REFERENCES traces, text TEXT, author TEXT, time TEXT);";

/* A figure has no declared type: numbers are INTEGER or REAL, texts TEXT, and what was not measured NULL. */
int sqlite_schema_tables(struct buf *out)
{
    buf_puts(out, tables);
    buf_puts(out, "CREATE TABLE runs(");
    for (size_t i = 0; i < RUN_COLUMNS; i++)
        buf_printf(out, "%s%s", i ? ", " : "", run_columns[i]);
    for (size_t i = 0; i < run_field_count(); i++)
        buf_printf(out, ", \"%s\"", run_field_name(i));
    return buf_puts(out, ");");
}

int sqlite_schema_insert_run(struct buf *out)
{
    buf_puts(out, "INSERT INTO runs VALUES(?");
    for (size_t i = 1; i < RUN_COLUMNS + run_field_count(); i++)
        buf_puts(out, ",?");
    return buf_puts(out, ")");
}

#define MEDIAN(figure)                                                                                       \
    "SELECT cell, label, phase, '" #figure "' AS figure, max(n) AS runs, avg(value) AS median FROM ("        \
    "SELECT cell, label, phase, " #figure " AS value,"                                                       \
    " row_number() OVER (PARTITION BY cell, phase ORDER BY " #figure ") AS place,"                           \
    " count(*) OVER (PARTITION BY cell, phase) AS n FROM base_runs WHERE " #figure " IS NOT NULL)"           \
    " WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY cell, phase"

const char *const sqlite_schema_after =
    "CREATE INDEX runs_of_trace ON runs(trace_key);"
    "CREATE INDEX frames_of_run ON frames(run_key);"
    "CREATE INDEX chunks_of_run ON chunks(run_key);"
    "CREATE INDEX samples_of_series ON samples(series_key);"
    /* what figures are made of: the last attempts, valid, not stopped early */
    "CREATE VIEW base_runs AS SELECT t.trace_id, t.cell, t.label, t.machine, t.engine, t.engine_version,"
    " t.model, t.quant, t.synthetic, r.* FROM runs r JOIN traces t ON t.key = r.trace_key"
    " WHERE r.last_attempt AND r.valid AND NOT r.early_stop;"
    /* medians of each cell's phases, as reports give them */
    "CREATE VIEW phase_medians AS " MEDIAN(ttft_ms) " UNION ALL " MEDIAN(decode_tok_s) " UNION ALL " MEDIAN(
        prefill_ms) " UNION ALL " MEDIAN(soc_w) " UNION ALL " MEDIAN(peak_rss_bytes) ";"
                                                                                     /* the arrivals of
                                                                                        tokens: reads that
                                                                                        brought some, and how
                                                                                        long each came after
                                                                                        the one before */
                                                                                     "CREATE VIEW arrivals "
                                                                                     "AS SELECT run_key, "
                                                                                     "chunk, t_ns, clock_ns, "
                                                                                     "sum(tokens) AS tokens,"
                                                                                     " t_ns - lag(t_ns) OVER "
                                                                                     "(PARTITION BY run_key "
                                                                                     "ORDER BY chunk) AS "
                                                                                     "gap_ns"
                                                                                     " FROM frames WHERE "
                                                                                     "tokens > 0 GROUP BY "
                                                                                     "run_key, chunk;"
                                                                                     "CREATE VIEW "
                                                                                     "sensor_values AS "
                                                                                     "SELECT s.key AS "
                                                                                     "series_key, "
                                                                                     "t.trace_id, t.label, "
                                                                                     "s.source, s.name, "
                                                                                     "s.unit,"
                                                                                     " v.clock_ns, "
                                                                                     "v.clock_ns - "
                                                                                     "t.clock_ns AS t_ns, "
                                                                                     "v.value"
                                                                                     " FROM samples v JOIN "
                                                                                     "series s ON s.key = "
                                                                                     "v.series_key JOIN "
                                                                                     "traces t ON t.key = "
                                                                                     "s.trace_key;";

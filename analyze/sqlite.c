/* SPDX-License-Identifier: MIT */
/* The only user of SQLite: a new database of everything, in one transaction. It is written under a name for
 * the time being and counts only when it is complete, so it keeps no journal of its own. */
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "analyze/evidence.h"
#include "analyze/exporter.h"
#include "analyze/frame_text.h"
#include "analyze/run_fields.h"
#include "analyze/sqlite_schema.h"
#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/textsafe.h"
#include "formats/utf8.h"

enum insert {
    INSERT_TRACE,
    INSERT_RUN,
    INSERT_FRAME,
    INSERT_CHUNK,
    INSERT_SERIES,
    INSERT_SAMPLE,
    INSERT_NOTE,
    INSERT_COUNT
};

/* Keys count up from 1 over all traces: those of a trace's runs and series follow each other. */
struct database {
    const struct export_target *to;
    sqlite3 *db;
    sqlite3_stmt *inserts[INSERT_COUNT];
    int64_t trace_key, first_run, first_series; /* of the trace under way */
    int64_t next_run, next_series;
};

static int fail(const struct database *d, int code, struct error *e)
{
    if ((code & 0xff) == SQLITE_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory for the database");
    return error_set(e, TT_IO, "cannot write the database '%s': %s", d->to->path,
                     d->db ? sqlite3_errmsg(d->db) : sqlite3_errstr(code));
}

static int execute(struct database *d, const char *sql, struct error *e)
{
    int code = sqlite3_exec(d->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? TT_OK : fail(d, code, e);
}

/* ---- one row: values from left to right; texts are borrowed until row_insert ---- */

struct row {
    struct database *database;
    sqlite3_stmt *insert;
    int column, code;
};

static struct row row_begin(struct database *d, enum insert which)
{
    return (struct row){d, d->inserts[which], 0, SQLITE_OK};
}

static void bound(struct row *row, int code)
{
    if (code != SQLITE_OK)
        row->code = code;
}

static void put_null(struct row *row)
{
    bound(row, sqlite3_bind_null(row->insert, ++row->column));
}

static void put_integer(struct row *row, int64_t value)
{
    bound(row, sqlite3_bind_int64(row->insert, ++row->column, value));
}

static void put_real(struct row *row, double value)
{
    bound(row, sqlite3_bind_double(row->insert, ++row->column, value)); /* NAN becomes NULL */
}

/* SQLite's integers have a sign: a count beyond them is no count, but near enough as a number. */
static void put_count(struct row *row, uint64_t count)
{
    if (count == ABSENT)
        put_null(row);
    else if (count > INT64_MAX)
        put_real(row, (double)count);
    else
        put_integer(row, (int64_t)count);
}

static void put_bytes(struct row *row, struct bytes text)
{
    const char *data = text.len ? (const char *)text.data : "";
    bound(row, sqlite3_bind_text64(row->insert, ++row->column, data, text.len, SQLITE_STATIC, SQLITE_UTF8));
}

/* Names that a trace holds may be no UTF-8, which readers of a database take for damage. */
static void put_made_plain(struct row *row, const char *text)
{
    struct buf plain = BUF_INIT;
    int code = SQLITE_NOMEM;
    if (text_plain(&plain, text) == TT_OK)
        code = sqlite3_bind_text64(row->insert, ++row->column, buf_text(&plain), plain.len, SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    bound(row, code);
    buf_release(&plain);
}

static void put_text(struct row *row, const char *text)
{
    struct bytes bytes = {(const unsigned char *)text, text ? strlen(text) : 0};
    if (!bytes.len)
        put_null(row);
    else if (utf8_is_valid(bytes.data, bytes.len))
        put_bytes(row, bytes);
    else
        put_made_plain(row, text);
}

static int row_insert(struct row *row, struct error *e)
{
    int code = row->code;
    if (code == SQLITE_OK)
        code = sqlite3_step(row->insert);
    int reset = sqlite3_reset(row->insert);
    if (code == SQLITE_DONE)
        code = reset;
    return code == SQLITE_OK ? TT_OK : fail(row->database, code, e);
}

/* ---- from an empty file to a closed database ---- */

static void sqlite_close(void *state)
{
    struct database *d = state;
    for (int i = 0; i < INSERT_COUNT; i++)
        sqlite3_finalize(d->inserts[i]);
    sqlite3_close(d->db);
    mem_free(d);
}

static int prepare(struct database *d, struct error *e)
{
    static const char *const inserts[] = {
        [INSERT_TRACE] = "INSERT INTO traces VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [INSERT_FRAME] = "INSERT INTO frames VALUES(?,?,?,?,?,?,?,?,?)",
        [INSERT_CHUNK] = "INSERT INTO chunks VALUES(?,?,?,?)",
        [INSERT_SERIES] = "INSERT INTO series VALUES(?,?,?,?,?,?,?,?,?,?)",
        [INSERT_SAMPLE] = "INSERT INTO samples VALUES(?,?,?,?,?)",
        [INSERT_NOTE] = "INSERT INTO notes VALUES(?,?,?,?)",
    };
    struct buf run = BUF_INIT;
    int code = sqlite_schema_insert_run(&run) ? SQLITE_NOMEM : SQLITE_OK;
    for (int i = 0; i < INSERT_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v2(d->db, i == INSERT_RUN ? buf_text(&run) : inserts[i], -1, &d->inserts[i],
                                  NULL);
    buf_release(&run);
    return code == SQLITE_OK ? TT_OK : fail(d, code, e);
}

static int make_tables(struct database *d, struct error *e)
{
    struct buf sql = BUF_INIT;
    buf_printf(&sql,
               "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
               "PRAGMA user_version = %d; BEGIN;",
               SQLITE_SCHEMA_VERSION);
    int status =
        sqlite_schema_tables(&sql) ? error_set(e, TT_NOMEM, "out of memory") : execute(d, buf_text(&sql), e);
    buf_release(&sql);
    return status;
}

static void *sqlite_open(const struct export_target *to, struct error *e)
{
    struct database *d = mem_zalloc(1, sizeof *d);
    if (!d) {
        error_set(e, TT_NOMEM, "out of memory");
        return NULL;
    }
    d->to = to;
    d->next_run = d->next_series = 1;
    int code = sqlite3_open_v2(to->path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int status = code == SQLITE_OK ? make_tables(d, e) : fail(d, code, e);
    if (!status)
        status = prepare(d, e);
    if (!status)
        return d;
    sqlite_close(d);
    return NULL;
}

static int finish(void *state, struct error *e)
{
    struct database *d = state;
    int status = execute(d, sqlite_schema_after, e);
    return status ? status : execute(d, "COMMIT", e);
}

/* ---- traces and their series ---- */

static void put_identity(struct row *row, const struct identity *id)
{
    put_text(row, id->cell);
    put_text(row, id->label);
    put_text(row, id->machine);
    put_text(row, id->chip);
    put_count(row, id->ram_bytes);
    put_text(row, id->power_mode);
    put_text(row, id->engine);
    put_text(row, id->engine_version);
    put_text(row, id->model);
    put_text(row, id->model_file);
    put_text(row, id->quant);
    put_text(row, id->speculative);
}

static int insert_trace(struct database *d, const struct export_trace *trace, const char *findings,
                        const char *meta, struct error *e)
{
    const struct tape *tape = trace->tape;
    struct row row = row_begin(d, INSERT_TRACE);
    put_integer(&row, d->trace_key);
    put_text(&row, trace->id);
    put_text(&row, tape_text(tape, "trace"));
    put_text(&row, tape->content_id);
    put_text(&row, tape->path);
    put_text(&row, tape->closed);
    put_identity(&row, &trace->cell->id);
    put_text(&row, trace->cell->traces[0].workload);
    put_integer(&row, cell_is_synthetic(trace->cell));
    put_integer(&row, tape->is_masked);
    put_count(&row, tape->t_origin == ABSENT ? ABSENT : tape_clock_ns(tape, tape->t_origin));
    put_count(&row, tape->realtime_origin_ns);
    put_real(&row, tape->idle_w);
    put_text(&row, findings);
    put_text(&row, meta);
    return row_insert(&row, e);
}

static int put_trace(struct database *d, const struct export_trace *trace, struct error *e)
{
    const struct text_list *findings = &trace->cell->traces[0].findings;
    struct buf text = BUF_INIT;
    char *meta = cJSON_PrintUnformatted(trace->tape->meta);
    for (size_t i = 0; i < findings->count; i++)
        buf_printf(&text, "%s%s", i ? "; " : "", findings->items[i]);
    int status = meta && !text.failed ? insert_trace(d, trace, buf_text(&text), meta, e)
                                      : error_set(e, TT_NOMEM, "out of memory");
    mem_free(meta);
    buf_release(&text);
    return status;
}

static int put_series(struct database *d, const struct tape_series *series, struct error *e)
{
    struct row row = row_begin(d, INSERT_SERIES);
    put_integer(&row, d->next_series++);
    put_integer(&row, d->trace_key);
    put_text(&row, series->source);
    put_text(&row, series->name);
    put_text(&row, series->unit);
    put_count(&row, series->row.kind);
    put_count(&row, series->row.scope);
    put_count(&row, series->row.generation);
    put_count(&row, series->row.is_counter);
    put_count(&row, series->row.rail);
    return row_insert(&row, e);
}

static int begin(void *state, const struct export_trace *trace, struct error *e)
{
    struct database *d = state;
    d->trace_key++;
    d->first_run = d->next_run;
    d->first_series = d->next_series;
    for (size_t i = 0; i < trace->tape->run_count; i++) {
        int64_t behind = d->first_run + (int64_t)tape_run_at(trace->tape, i)->run + 1;
        d->next_run = behind > d->next_run ? behind : d->next_run;
    }
    int status = put_trace(d, trace, e);
    for (size_t i = 0; i < trace->tape->series_count && !status; i++)
        status = put_series(d, &trace->tape->series[i], e);
    return status;
}

/* ---- rows ---- */

static int64_t run_key(const struct database *d, const struct export_run *run)
{
    return d->first_run + (int64_t)run->run->figures->run;
}

/* Causes and evidence need texts of their own, which live in `text` until the row is in. */
static void put_field(struct row *row, const struct field_value *value, struct buf *text)
{
    switch (value->kind) {
    case FIELD_NULL:
        put_null(row);
        break;
    case FIELD_TRUTH:
        put_integer(row, value->truth);
        break;
    case FIELD_COUNT:
        put_count(row, value->count);
        break;
    case FIELD_REAL:
        put_real(row, value->real);
        break;
    case FIELD_TEXT:
        put_text(row, value->text);
        break;
    case FIELD_CAUSES:
        for (unsigned bit = 1; bit && bit <= value->causes; bit <<= 1) {
            if (value->causes & bit)
                buf_printf(text, "%s%s", text->len ? " " : "", invalid_cause_name(bit));
        }
        put_text(row, buf_text(text));
        break;
    case FIELD_EVIDENCE:
        evidence_text(value->run, text);
        put_text(row, buf_text(text));
        break;
    }
}

static int put_run(void *state, const struct export_run *run, const struct run_row *begun, struct error *e)
{
    struct database *d = state;
    const struct run_figures *f = run->run->figures;
    struct buf texts[2] = {BUF_INIT, BUF_INIT}; /* of the causes, and of their evidence */
    struct row row = row_begin(d, INSERT_RUN);
    (void)begun;
    put_integer(&row, run_key(d, run));
    put_integer(&row, d->trace_key);
    put_count(&row, f->run);
    put_integer(&row, f->is_last_attempt);
    put_count(&row, f->t_zero == ABSENT ? ABSENT : tape_clock_ns(run->trace->tape, f->t_zero));
    for (size_t i = 0; i < run_field_count(); i++) {
        struct field_value value = run_field(run->trace->cell, run->run, i);
        put_field(&row, &value, &texts[value.kind == FIELD_EVIDENCE]);
    }
    int failed = texts[0].failed || texts[1].failed;
    int status = failed ? error_set(e, TT_NOMEM, "out of memory") : row_insert(&row, e);
    buf_release(&texts[0]);
    buf_release(&texts[1]);
    return status;
}

static void put_time(struct row *row, const struct export_time *time)
{
    if (time->has_zero)
        put_integer(row, time->t_ns);
    else
        put_null(row);
    put_count(row, time->clock_ns);
}

static int put_frame(void *state, const struct export_frame *frame, struct error *e)
{
    struct database *d = state;
    const struct chat_frame *chat = frame->frame->chat;
    struct row row = row_begin(d, INSERT_FRAME);
    put_integer(&row, run_key(d, frame->run));
    put_time(&row, &frame->time);
    put_text(&row, frame_kind_name(chat->kind));
    put_count(&row, frame->tokens);
    put_bytes(&row, frame_text(chat));
    if (chat->finish_reason.len)
        put_bytes(&row, chat->finish_reason);
    else
        put_null(&row);
    put_count(&row, frame->frame->read);
    put_count(&row, frame->frame->offset);
    return row_insert(&row, e);
}

static int put_chunk(void *state, const struct export_chunk *chunk, struct error *e)
{
    struct database *d = state;
    struct row row = row_begin(d, INSERT_CHUNK);
    put_integer(&row, run_key(d, chunk->run));
    put_time(&row, &chunk->time);
    put_count(&row, chunk->nbytes);
    return row_insert(&row, e);
}

static int put_sample(void *state, const struct export_sample *sample, struct error *e)
{
    struct database *d = state;
    struct row row = row_begin(d, INSERT_SAMPLE);
    put_integer(&row, d->first_series + (int64_t)sample->series->row.series);
    put_count(&row, sample->clock_ns);
    put_count(&row, sample->duration_ns);
    put_count(&row, sample->row->source_t);
    if (sample->row->value == ABSENT)
        put_null(&row);
    else
        put_integer(&row, (int64_t)sample->row->value);
    return row_insert(&row, e);
}

static int put_note(void *state, const struct export_trace *trace, const cJSON *note, struct error *e)
{
    struct database *d = state;
    struct row row = row_begin(d, INSERT_NOTE);
    (void)trace;
    put_integer(&row, d->trace_key);
    put_text(&row, json_string(note, "text"));
    put_text(&row, json_string(note, "author"));
    put_text(&row, json_string(note, "time"));
    return row_insert(&row, e);
}

extern const struct exporter export_sqlite;
const struct exporter export_sqlite = {
    .name = "sqlite",
    .what = "a database with tables of traces, runs, frames, chunks, series, samples and notes, and views of "
            "them; wants -o",
    .to = EXPORT_TO_FILE,
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = begin,
    .run = put_run,
    .chunk = put_chunk,
    .frame = put_frame,
    .sample = put_sample,
    .note = put_note,
    .finish = finish,
};

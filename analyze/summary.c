/* SPDX-License-Identifier: MIT */
#include "analyze/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/report.h"
#include "analyze/views.h"
#include "formats/textsafe.h"

#define MIB        1048576.0
#define GIB        1073741824.0
#define SEPARATOR  " \xC2\xB7 "
#define NAME_WIDTH 14 /* names in the facts under the table */

static const struct decimals whole = {DECIMAL_FIXED, 0}, one = {DECIMAL_FIXED, 1};

/* One part of the head line; a new line begins where it would not fit. */
static void put_part(struct buf *out, size_t *column, int width, const char *text)
{
    size_t own = text_width(text);
    if (!own)
        return;
    if (*column && *column + 3 + own > (size_t)(width > 0 ? width : 0)) {
        buf_putc(out, '\n');
        *column = 0;
    } else if (*column) {
        buf_puts(out, SEPARATOR);
        *column += 3;
    }
    text_wrap(out, text, *column, width > 0 ? (size_t)width : 1, 0);
    *column +=
        own; /* of a name that took several lines: more than fits, so that the next part begins another */
}

/* "llamacpp b9430 · Qwen3-8B · Q4_K_M · context 65536" */
static void put_head(const struct tape *tape, const struct identity *id, int width, struct buf *out)
{
    size_t column = 0;
    struct buf engine = BUF_INIT, context = BUF_INIT, speculative = BUF_INIT;
    uint64_t tokens = meta_count(tape, "engine.context");
    buf_printf(&engine, "%s%s%s", id->engine, *id->engine_version ? " " : "", id->engine_version);
    if (tokens != ABSENT)
        buf_printf(&context, "context %llu", (unsigned long long)tokens);
    if (strcmp(id->speculative, "none") != 0)
        buf_printf(&speculative, "speculative decoding (%s)", id->speculative);
    if (!out->failed)
        out->failed = engine.failed ? engine.failed : context.failed ? context.failed : speculative.failed;
    put_part(out, &column, width, buf_text(&engine));
    put_part(out, &column, width, id->model);
    put_part(out, &column, width, id->quant);
    put_part(out, &column, width, buf_text(&context));
    put_part(out, &column, width, buf_text(&speculative));
    buf_puts(out, "\n\n");
    buf_release(&engine);
    buf_release(&context);
    buf_release(&speculative);
}

/* One column of the table; the higher the rank, the earlier it goes when the terminal is narrow. */
struct summary_column {
    const char *key, *header;
    size_t width;
    int rank;
};

enum { SHOWS_OK, SHOWS_TTFT, SHOWS_DECODE, SHOWS_PREFILL, SHOWS_CACHED, SHOWS_PROMPT, SHOWS_ANSWER, COLUMNS };

static const struct summary_column columns[COLUMNS] = {
    [SHOWS_OK] = {"valid", "ok", 6, 0},
    [SHOWS_TTFT] = {"ttft_ms", "TTFT ms", 7, 0},
    [SHOWS_DECODE] = {"decode_tok_s", "decode tok/s", 12, 0},
    [SHOWS_PREFILL] = {"prefill_tok_s", "prefill tok/s", 13, 1},
    [SHOWS_CACHED] = {"cached", "cached", 6, 2},
    [SHOWS_PROMPT] = {"prompt_tokens", "prompt", 6, 4},
    [SHOWS_ANSWER] = {"completion_tokens", "answer", 6, 3},
};

/* The highest rank whose columns still fit beside the phase names. */
static int rank_that_fits(const struct cell *cell, int width)
{
    size_t names = 5;
    for (size_t i = 0; i < cell->phases.count; i++) {
        size_t own = text_width(cell->phases.items[i]);
        names = own > names ? own : names;
    }
    for (int rank = 4; rank > 0; rank--) {
        size_t sum = names;
        for (int i = 0; i < COLUMNS; i++)
            sum += columns[i].rank <= rank ? columns[i].width + 2 : 0;
        if (sum <= (size_t)(width > 0 ? width : 0))
            return rank;
    }
    return 0;
}

static void add_percent(struct table *table, double share)
{
    struct buf text = BUF_INIT;
    if (isnan(share)) {
        table_absent(table);
        return;
    }
    decimal_put(&text, 100 * share, whole);
    buf_puts(&text, " %");
    table_built(table, &text, STYLE_NONE);
}

static void add_phase(struct table *table, const struct phase_figures *phase, int rank)
{
    const struct {
        double value;
        struct decimals decimals;
    } numbers[COLUMNS] = {
        [SHOWS_TTFT] = {phase->ttft.value, whole},       [SHOWS_DECODE] = {phase->decode.value, one},
        [SHOWS_PREFILL] = {phase->prefill.value, whole}, [SHOWS_PROMPT] = {phase->prompt.value, whole},
        [SHOWS_ANSWER] = {phase->answer.value, whole},
    };
    table_row(table);
    table_text(table, phase->name, STYLE_NONE);
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].rank > rank)
            continue;
        if (i == SHOWS_OK)
            view_phase_share(phase, table);
        else if (i == SHOWS_CACHED)
            add_percent(table, phase->reuse.value);
        else
            table_number(table, numbers[i].value, 1, numbers[i].decimals, STYLE_NONE);
    }
}

static int put_phases(const struct cell *cell, int rank, int colour, int *only_early, struct buf *out)
{
    struct table table = TABLE_INIT;
    int status = TT_OK;
    table_column(&table, "phase", "phase", ALIGN_NONE);
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].rank <= rank)
            table_column(&table, columns[i].key, columns[i].header, ALIGN_RIGHT);
    }
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct phase_figures phase;
        status = cell_phase(cell, i, &phase);
        if (!status)
            add_phase(&table, &phase, rank);
        *only_early |= !status && phase.only_early;
    }
    if (!status)
        status = table_terminal(&table, 0, colour, out);
    table_release(&table);
    return status;
}

/* "name          text", the text wrapped beside its name and safe for the terminal. Empties `text`. */
static void put_fact(struct buf *out, const char *name, struct buf *text, int width)
{
    size_t indent = strlen(name) < NAME_WIDTH && name[0] != '-' ? NAME_WIDTH : strlen(name);
    buf_printf(out, "%-*s", (int)indent, name);
    text_wrap(out, buf_text(text), indent, width > 2 * NAME_WIDTH ? (size_t)width : 2 * NAME_WIDTH, indent);
    buf_putc(out, '\n');
    if (!out->failed)
        out->failed = text->failed;
    buf_clear(text);
}

static void put_figure(struct buf *out, const char *name, double value, struct decimals decimals,
                       const char *words, int width)
{
    struct buf text = BUF_INIT;
    if (!isnan(value)) {
        decimal_put(&text, value, decimals);
        buf_puts(&text, words);
        put_fact(out, name, &text, width);
    }
    buf_release(&text);
}

static void put_cold(const struct report_row *row, int width, struct buf *out)
{
    struct buf text = BUF_INIT;
    if (row->cold_method) {
        int kept = strcmp(row->cold_method, "keep") == 0;
        buf_printf(&text, "%s%s%s", kept ? "left to the engine" : "by ", kept ? "" : row->cold_method,
                   row->cold_verified > 0    ? "; the engine confirms that nothing was cached"
                   : row->cold_verified == 0 ? "; but they were not all cold"
                                             : "; not confirmed by the engine");
        put_fact(out, "cold runs", &text, width);
    }
    buf_release(&text);
}

static void put_verdict(const struct gates *gates, const struct report_row *row, int width, struct buf *out)
{
    struct buf text = BUF_INIT;
    /* A lone row has nobody to win against. */
    buf_printf(&text, "%s ", gates->marks[row->mark == MARK_WINNER ? MARK_VIABLE : row->mark]);
    gates_verdict(row, &text);
    put_fact(out, "verdict", &text, width);
    for (size_t i = 0; i < row->notes.count; i++) {
        buf_puts(&text, row->notes.items[i]);
        put_fact(out, "- ", &text, width);
    }
    buf_release(&text);
}

/* An engine of few megabytes would be one of 0.0 GB. */
static void put_peak(double bytes, int width, struct buf *out)
{
    if (bytes < GIB / 10)
        put_figure(out, "peak memory", bytes / MIB, whole, " MB resident", width);
    else
        put_figure(out, "peak memory", bytes / GIB, one, " GB resident", width);
}

static void put_foot(const struct gates *gates, const struct report_row *row, int width, struct buf *out)
{
    char of_runs[48];
    snprintf(of_runs, sizeof of_runs, " %% of %llu runs", (unsigned long long)row->runs_total);
    buf_putc(out, '\n');
    put_figure(out, "valid", row->figures[METRIC_VALID].value, (struct decimals){DECIMAL_UNLESS_WHOLE, 1},
               of_runs, width);
    put_figure(out, "prefix reuse", row->figures[METRIC_REUSE].value, (struct decimals){DECIMAL_TRIMMED, 2},
               " of the prompt came from the cache in the prefix tests", width);
    put_peak(row->figures[METRIC_PEAK_RSS].value, width, out);
    put_cold(row, width, out);
    put_verdict(gates, row, width, out);
}

/* What the columns mean, for who sees them for the first time. */
static void put_legend(int width, int rank, struct buf *out)
{
    static const struct {
        int column;
        const char *name, *meaning;
    } legend[] = {
        {SHOWS_OK, "ok", "valid runs of all attempted; the figures are medians over them"},
        {SHOWS_TTFT, "TTFT", "time from sending the request to the first token"},
        {SHOWS_DECODE, "decode", "speed of the answer after its first token"},
        {SHOWS_PREFILL, "prefill", "speed of reading the part of the prompt that was not cached"},
        {SHOWS_CACHED, "cached", "share of the prompt that the engine still had from before"},
    };
    struct buf text = BUF_INIT;
    buf_putc(out, '\n');
    for (size_t i = 0; i < sizeof legend / sizeof legend[0]; i++) {
        if (columns[legend[i].column].rank > rank)
            continue;
        buf_puts(&text, legend[i].meaning);
        put_fact(out, legend[i].name, &text, width);
    }
    buf_release(&text);
}

static int put_summary(const struct tape *tape, const struct report *report, const struct gates *gates,
                       int width, int colour, struct buf *out)
{
    const struct cell *cell = &report->cells[0];
    int rank = rank_that_fits(cell, width), only_early = 0;
    put_head(tape, &cell->id, width, out);
    int status = put_phases(cell, rank, colour, &only_early, out);
    if (only_early) {
        text_wrap(out, ONLY_EARLY_NOTE, 0, width > 20 ? (size_t)width : 20, 2);
        buf_putc(out, '\n');
    }
    put_foot(gates, &report->blocks[0].rows[0], width, out);
    put_legend(width, rank, out);
    return status ? status : out->failed;
}

int summary_text(const struct tape *tape, int width, int colour, struct buf *out, struct error *e)
{
    struct report report;
    struct gates gates;
    report_init(&report);
    int status = gates_open(&gates, GATES_DEFAULT, e);
    if (!status)
        status = report_add(&report, tape, e);
    if (!status)
        status = report_finish(&report, &gates, e);
    if (!status) {
        status = put_summary(tape, &report, &gates, width, colour, out);
        if (status)
            error_set(e, (enum tt_err)status, "out of memory");
    }
    report_release(&report);
    gates_release(&gates);
    return status;
}

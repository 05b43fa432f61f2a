/* SPDX-License-Identifier: MIT */
/* The views for people. */
#include "analyze/views.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analyze/evidence.h"

#define GIB 1073741824.0

static const struct decimals whole = {DECIMAL_FIXED, 0}, one = {DECIMAL_FIXED, 1}, two = {DECIMAL_FIXED, 2},
                             three = {DECIMAL_FIXED, 3}, fraction = {DECIMAL_TRIMMED, 2},
                             percent = {DECIMAL_UNLESS_WHOLE, 1};

static unsigned mark_style(enum row_mark mark)
{
    if (mark == MARK_RESERVE)
        return STYLE_WARN;
    return mark == MARK_ELIMINATED ? STYLE_BAD : STYLE_GOOD;
}

static void add_tier_cell(const struct gates *gates, const struct gates_column *column,
                          const struct report_row *row, struct table *table)
{
    unsigned style = column->strike && row->level == LEVEL_ELIMINATED ? STYLE_STRIKE : STYLE_NONE;
    if (column->kind == COLUMN_MARK)
        table_text(table, gates->marks[row->mark], style | mark_style(row->mark));
    else if (column->kind == COLUMN_LABEL)
        table_text(table, row->label, style);
    else if (row->suppressed >> column->metric & 1)
        table_absent(table);
    else
        table_number(table, row->figures[column->metric].value, column->divisor, column->decimals, style);
}

int view_tiers(const struct gates *gates, const struct report_row *rows, size_t count, int short_titles,
               struct table *table)
{
    for (size_t i = 0; i < gates->column_count; i++) {
        const struct gates_column *column = &gates->columns[i];
        table_column(table, column->name, column->header, column->align);
    }
    for (size_t i = 0; i < count; i++) {
        const struct report_row *row = &rows[i];
        if (i == 0 || rows[i - 1].tier != row->tier)
            table_heading(table, short_titles ? gates->tiers[row->tier - 1].short_title
                                              : gates->tiers[row->tier - 1].long_title);
        table_row(table);
        for (size_t k = 0; k < gates->column_count; k++)
            add_tier_cell(gates, &gates->columns[k], row, table);
    }
    return table_status(table);
}

int view_grid(const struct report_row *rows, size_t count, struct table *table)
{
    static const struct {
        enum metric metric;
        const char *header;
        double divisor;
        const struct decimals *decimals;
    } columns[] = {
        {METRIC_DECODE, "dec t/s", 1, &one},           {METRIC_PEAK, "peak", 1, &one},
        {METRIC_DECODE_50K, "50K", 1, &one},           {METRIC_TTFT, "TTFT ms", 1, &whole},
        {METRIC_TTFT_COLD, "cold ms", 1, &whole},      {METRIC_TTFT_PREFIX, "prefix ms", 1, &whole},
        {METRIC_TTFT_LONG, "long ms", 1, &whole},      {METRIC_TURN, "turn ms", 1, &whole},
        {METRIC_PREFILL, "prefill t/s", 1, &whole},    {METRIC_REUSE, "reuse", 1, &fraction},
        {METRIC_TOKENS_PER_STEP, "tok/step", 1, &two}, {METRIC_ACCEPTANCE, "accepted", 1, &two},
        {METRIC_TOK_S_PER_W, "t/s/W", 1, &three},      {METRIC_STEADY_RSS, "RAM GB", GIB, &one},
        {METRIC_PEAK_RSS, "RAMpk GB", GIB, &one},      {METRIC_VALID, "valid%", 1, &percent},
    };
    const size_t column_count = sizeof columns / sizeof columns[0];
    table_column(table, "label", "model \xC2\xB7 engine \xC2\xB7 MTP", ALIGN_NONE);
    for (size_t i = 0; i < column_count; i++)
        table_column(table, metric_name(columns[i].metric), columns[i].header, ALIGN_RIGHT);
    table_column(table, "spread", "\xC2\xB1 %", ALIGN_RIGHT);
    table_column(table, "repeats", "repeats", ALIGN_RIGHT);
    for (size_t i = 0; i < count; i++) {
        table_row(table);
        table_text(table, rows[i].label, STYLE_NONE);
        for (size_t k = 0; k < column_count; k++)
            table_number(table, rows[i].figures[columns[k].metric].value, columns[k].divisor,
                         *columns[k].decimals, STYLE_NONE);
        table_number(table, rows[i].figures[METRIC_DECODE].spread, 1, one, STYLE_NONE);
        table_number(table, (double)rows[i].repeats, 1, whole, STYLE_NONE);
    }
    return table_status(table);
}

static void add_phase_cells(struct table *table, const struct phase_figures *phase)
{
    const struct {
        double value, divisor;
        struct decimals decimals;
    } cells[] = {
        {phase->ttft.value, 1, whole},          {phase->ttft.spread, 1, one},
        {phase->decode.value, 1, one},          {phase->decode.spread, 1, one},
        {phase->prefill.value, 1, whole},       {phase->prompt.value, 1, whole},
        {100 * phase->reuse.value, 1, one},     {phase->answer.value, 1, whole},
        {phase->tokens_per_step.value, 1, two}, {phase->step.value, 1, two},
        {phase->acceptance.value, 1, two},      {phase->rss.value, GIB, one},
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        table_number(table, cells[i].value, cells[i].divisor, cells[i].decimals, STYLE_NONE);
}

/* "5/5"; a star when all that is valid stopped early. */
void view_phase_share(const struct phase_figures *phase, struct table *table)
{
    struct buf text = BUF_INIT;
    unsigned style = phase->valid == phase->total && !phase->only_early ? STYLE_GOOD
                     : phase->valid                                     ? STYLE_WARN
                                                                        : STYLE_BAD;
    buf_printf(&text, "%llu/%llu%s", (unsigned long long)phase->valid, (unsigned long long)phase->total,
               phase->only_early ? "*" : "");
    table_built(table, &text, style);
}

int view_phases(const struct cell *cell, struct table *table)
{
    int only_early = 0;
    static const char *const columns[][2] = {
        {"valid", "valid"},
        {"ttft_ms", "TTFT ms"},
        {"ttft_spread", "\xC2\xB1 %"},
        {"decode_tok_s", "dec t/s"},
        {"decode_spread", "\xC2\xB1 %"},
        {"prefill_tok_s", "prefill t/s"},
        {"prompt_tokens", "prompt"},
        {"cached_pct", "cached %"},
        {"completion_tokens", "answer"},
        {"tokens_per_step", "tok/step"},
        {"step_ms", "step ms"},
        {"acceptance", "accepted"},
        {"peak_rss_bytes", "RAM GB"},
    };
    int status = TT_OK;
    table_title(table, cell->id.label);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        table_column(table, columns[i][0], columns[i][1], ALIGN_RIGHT);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct phase_figures phase;
        status = cell_phase(cell, i, &phase);
        if (status)
            break;
        table_row(table);
        table_text(table, phase.name, STYLE_NONE);
        view_phase_share(&phase, table);
        only_early |= phase.only_early;
        add_phase_cells(table, &phase);
    }
    if (only_early)
        table_notef(table, ONLY_EARLY_NOTE);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    return status ? status : table_status(table);
}

static double count_or_nan(uint64_t count)
{
    return count == ABSENT ? NAN : (double)count;
}

/* "yes", "early", or why the run does not count. */
static void add_state(struct table *table, const struct run_figures *figures)
{
    struct buf text = BUF_INIT;
    for (unsigned bit = 1; bit && bit <= figures->invalid; bit <<= 1) {
        if (figures->invalid & bit)
            buf_printf(&text, "%s%s", text.len ? ", " : "", invalid_cause_name(bit));
    }
    if (!figures->invalid)
        buf_puts(&text, figures->early_stop ? "early stop" : "yes");
    table_built(table, &text, figures->invalid ? STYLE_BAD : figures->early_stop ? STYLE_WARN : STYLE_GOOD);
}

static void add_run(const struct cell *cell, const struct cell_run *run, struct table *table)
{
    const struct run_figures *f = run->figures;
    table_row(table);
    if (cell->trace_count > 1)
        table_number(table, (double)run->trace, 1, whole, STYLE_NONE);
    table_number(table, (double)f->repeat, 1, whole, STYLE_NONE);
    table_text(table, cell_phase_name(cell, run), STYLE_NONE);
    add_state(table, f);
    table_number(table, f->ttft_ms, 1, whole, STYLE_NONE);
    table_number(table, f->decode_tok_s, 1, one, STYLE_NONE);
    table_number(table, f->prefill_tok_s, 1, whole, STYLE_NONE);
    table_number(table, count_or_nan(f->prompt_tokens), 1, whole, STYLE_NONE);
    table_number(table, f->cached_state == CACHED_NUMBER ? count_or_nan(f->cached_tokens) : NAN, 1, whole,
                 STYLE_NONE);
    table_number(table, count_or_nan(f->completion_tokens), 1, whole, STYLE_NONE);
    table_text(table, f->finish_reason, STYLE_NONE);
    table_text(table, run_error(f), STYLE_NONE);
}

/* "repeat 0 warm: looping ratio=0.11 …" */
static void note_evidence(const struct cell *cell, const struct cell_run *run, struct table *table)
{
    struct buf text = BUF_INIT;
    if (!run->figures->invalid)
        return;
    if (cell->trace_count > 1)
        buf_printf(&text, "trace %" PRIu32 " ", run->trace);
    buf_printf(&text, "repeat %llu %s: ", (unsigned long long)run->figures->repeat,
               cell_phase_name(cell, run));
    evidence_text(run->figures, &text);
    table_note_built(table, &text);
}

int view_runs(const struct cell *cell, struct table *table)
{
    static const char *const numbers[][2] = {
        {"ttft_ms", "TTFT ms"},      {"decode_tok_s", "dec t/s"}, {"prefill_tok_s", "prefill t/s"},
        {"prompt_tokens", "prompt"}, {"cached_tokens", "cached"}, {"completion_tokens", "answer"},
    };
    table_title(table, cell->id.label);
    if (cell->trace_count > 1)
        table_column(table, "trace", "trace", ALIGN_RIGHT);
    table_column(table, "repeat", "repeat", ALIGN_RIGHT);
    table_column(table, "phase", "phase", ALIGN_NONE);
    table_column(table, "valid", "valid", ALIGN_NONE);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        table_column(table, numbers[i][0], numbers[i][1], ALIGN_RIGHT);
    table_column(table, "finish_reason", "finish", ALIGN_NONE);
    table_column(table, "error", "error", ALIGN_NONE);
    for (size_t i = 0; i < cell->run_count; i++)
        add_run(cell, cell_run_at(cell, i), table);
    for (size_t i = 0; i < cell->run_count; i++)
        note_evidence(cell, cell_run_at(cell, i), table);
    for (size_t i = 0; cell->trace_count > 1 && i < cell->trace_count; i++)
        table_notef(table, "trace %zu: %s", i, cell->traces[i].path);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    return table_status(table);
}

static size_t rows_with_note(const struct report_row *rows, size_t count, const char *note)
{
    size_t with = 0;
    for (size_t i = 0; i < count; i++)
        with += text_list_find(&rows[i].notes, note) >= 0;
    return with;
}

/* The sentence with the labels of the rows that it is about. */
static void add_note(const struct report_row *rows, size_t count, const char *note, struct table *table)
{
    struct buf text = BUF_INIT;
    size_t with = rows_with_note(rows, count, note);
    for (size_t i = 0; with < count && i < count; i++) {
        if (text_list_find(&rows[i].notes, note) >= 0)
            buf_printf(&text, "%s%s", text.len ? "; " : "", rows[i].label);
    }
    if (count > 1)
        buf_printf(&text, "%s: ", with == count ? "all rows" : "");
    buf_puts(&text, note);
    table_note_built(table, &text);
}

/* True when an earlier row has the same sentence. */
static int told_before(const struct report_row *rows, size_t index, const char *note)
{
    return rows_with_note(rows, index, note) > 0;
}

int view_notes(const struct report_row *rows, size_t count, struct table *table)
{
    for (size_t i = 0; i < count; i++) {
        struct buf text = BUF_INIT;
        if (rows[i].level <= LEVEL_PASS)
            continue;
        buf_printf(&text, "%s: ", rows[i].label);
        gates_verdict(&rows[i], &text);
        table_note_built(table, &text);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < rows[i].notes.count; k++) {
            if (!told_before(rows, i, rows[i].notes.items[k]))
                add_note(rows, count, rows[i].notes.items[k], table);
        }
    }
    return table_status(table);
}

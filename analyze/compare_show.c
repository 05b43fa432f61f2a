/* SPDX-License-Identifier: MIT */
#include "analyze/compare_show.h"

#include <math.h>
#include <string.h>

#include "analyze/load.h"
#include "analyze/table.h"
#include "formats/textsafe.h"

#define TEXT_COLUMNS 80
#define MINUS        "\xE2\x88\x92"
#define TO           "\xE2\x80\xA6"

const char *compare_scope(const struct compare_table *table)
{
    return table->settings.within_session ? "within-session" : "independent";
}

/* ---- figures ---- */

/* Three digits, as far as `decimals` allow. */
static void put_digits(struct buf *out, double value, int most_decimals)
{
    double rounded = compare_round(value);
    int place = rounded > 0 || rounded < 0 ? (int)floor(log10(fabs(rounded)) + 1e-9) : 0;
    int decimals = place > 2 ? 0 : 2 - place;
    decimal_fixed(out, rounded, decimals > most_decimals ? most_decimals : decimals);
}

void compare_put_percent(struct buf *out, double fraction)
{
    struct buf digits = BUF_INIT;
    if (!isfinite(fraction)) {
        buf_puts(out, EM_DASH);
        return;
    }
    put_digits(&digits, 100 * fabs(fraction), 2);
    int is_zero = strspn(buf_text(&digits), "0.") == digits.len;
    buf_printf(out, "%s%s", is_zero ? "" : fraction < 0 ? MINUS : "+", buf_text(&digits));
    if (digits.failed)
        out->failed = digits.failed;
    buf_release(&digits);
}

void compare_put_interval(struct buf *out, double low, double high)
{
    compare_put_percent(out, low);
    if (!isfinite(low))
        return;
    buf_puts(out, TO);
    compare_put_percent(out, high);
}

/* ---- one line after another ---- */

/* Where and how lines of plain words go. */
struct page {
    struct buf *out;
    int is_markdown;
};

/* An item of a list: made harmless, and broken to the width of a terminal. */
static void put_item(const struct page *p, struct buf *words)
{
    buf_puts(p->out, "- ");
    if (p->is_markdown)
        text_markdown(p->out, buf_text(words));
    else
        text_wrap(p->out, buf_text(words), 2, TEXT_COLUMNS, 2);
    buf_putc(p->out, '\n');
    if (words->failed)
        p->out->failed = words->failed;
    buf_release(words);
}

static void put_environment(const struct page *p, const struct compare_result *r)
{
    size_t differences = 0;
    for (size_t i = 0; i < COMPARE_FACTS; i++) {
        struct buf line = BUF_INIT;
        if (!compare_fact_differs(&r->sides[0], &r->sides[1], i))
            continue;
        differences++;
        buf_printf(&line, "%s: ", compare_fact_name(i));
        compare_fact_put(&r->sides[0], i, &line);
        buf_puts(&line, " \xE2\x86\x92 ");
        compare_fact_put(&r->sides[1], i, &line);
        put_item(p, &line);
    }
    if (!differences)
        buf_puts(p->out, "- no difference of the environment is known\n");
}

static void put_side(const struct page *p, const struct compare_side *side)
{
    const struct cell *cell = &side->cell;
    struct buf line = BUF_INIT;
    size_t failed = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        failed += (size_t)cell_run_is_failed(cell_run_at(cell, i));
    buf_printf(&line, "%s: %s; %zu trace%s, %llu repeat%s, %zu of %zu runs failed, valid ", side->name,
               cell->id.label, cell->trace_count, cell->trace_count == 1 ? "" : "s",
               (unsigned long long)cell_repeats(cell), cell_repeats(cell) == 1 ? "" : "s", failed,
               cell->run_count);
    put_digits(&line, compare_valid_pct(side), 1);
    buf_puts(&line, " %, peak ");
    put_digits(&line, compare_peak(side), 2);
    buf_puts(&line, " tok/s");
    put_item(p, &line);
}

/* ---- tables ---- */

static unsigned style_of(enum verdict verdict)
{
    return verdict == VERDICT_FASTER ? STYLE_GOOD : verdict == VERDICT_SLOWER ? STYLE_BAD : 0;
}

/* Holm asks for more than one test by itself would: then the number may be reached, and helps nobody. */
static int needs_more(const struct comparison *c)
{
    return c->more_repeats > c->effect.n[0] || c->more_repeats > c->effect.n[1];
}

static void put_verdict(const struct compare_result *r, const struct comparison *c, struct table *t)
{
    struct buf text = BUF_INIT;
    char room[80];
    const struct compare_settings *settings = &r->table->settings;
    const struct compare_metric *metric = compare_metric(c->id);
    const char *verdict = compare_verdict_text(c, settings, room);
    if (c->verdict == VERDICT_FASTER || c->verdict == VERDICT_SLOWER)
        buf_printf(&text, "%s%s", c->verdict == VERDICT_FASTER ? metric->better : metric->worse,
                   compare_is_one_session(c, settings) ? " (one session each)" : "");
    else if (c->verdict == VERDICT_TEXT_DIFFERS)
        buf_puts(&text, "text differs");
    else if (c->verdict == VERDICT_EQUIVALENT && c->significant)
        buf_puts(&text, "equivalent (real but small)");
    else if (needs_more(c))
        buf_printf(&text, "inconclusive (needs %zu)", c->more_repeats);
    else
        buf_puts(&text, verdict ? verdict : "");
    table_built(t, &text, style_of(c->verdict));
}

static void put_row(const struct compare_result *r, const struct comparison *c, const char *name,
                    struct table *t)
{
    table_row(t);
    table_text(t, name, 0);
    for (int side = 0; side < SIDES; side++) {
        struct buf text = BUF_INIT;
        put_digits(&text, c->median[side] / compare_metric(c->id)->divisor, 4);
        table_built(t, &text, 0);
    }
    struct buf shift = BUF_INIT, interval = BUF_INIT;
    compare_put_percent(&shift, c->shift);
    table_built(t, &shift, 0);
    compare_put_interval(&interval, c->low, c->high);
    table_built(t, &interval, 0);
    put_verdict(r, c, t);
}

static void begin_table(struct table *t, const char *first)
{
    table_column(t, "metric", first, ALIGN_LEFT);
    table_column(t, "base", "base", ALIGN_RIGHT);
    table_column(t, "new", "new", ALIGN_RIGHT);
    table_column(t, "shift", "shift %", ALIGN_RIGHT);
    table_column(t, "interval", "95 %", ALIGN_RIGHT);
    table_column(t, "verdict", "verdict", ALIGN_LEFT);
}

static int render(const struct page *p, const struct table *t, int colour)
{
    buf_putc(p->out, '\n');
    return p->is_markdown ? table_markdown(t, p->out) : table_terminal(t, TEXT_COLUMNS, colour, p->out);
}

static int put_headlines(const struct page *p, const struct compare_result *r, int colour)
{
    struct table t = TABLE_INIT;
    begin_table(&t, "");
    for (size_t i = 0; i < r->table->count; i++) {
        const struct comparison *c = &r->table->items[i];
        if (c->parent == COMPARE_HEADLINE)
            put_row(r, c, compare_metric(c->id)->label, &t);
    }
    int status = render(p, &t, colour);
    table_release(&t);
    return status;
}

static int put_causes(const struct page *p, const struct compare_result *r, int colour)
{
    struct table t = TABLE_INIT;
    begin_table(&t, p->is_markdown ? "phase or cause" : "");
    for (size_t i = 0; i < r->table->count; i++) {
        const struct comparison *c = &r->table->items[i];
        if (c->parent == COMPARE_HEADLINE)
            table_heading(&t, compare_metric(c->id)->label);
        else
            put_row(r, c, c->phase ? c->phase : compare_metric(c->id)->label, &t);
    }
    if (p->is_markdown)
        buf_puts(p->out, "\n<details><summary>phases and causes</summary>\n");
    int status = render(p, &t, colour);
    if (p->is_markdown)
        buf_puts(p->out, "\n</details>\n");
    table_release(&t);
    return status;
}

/* ---- notes ---- */

static void put_note(const struct page *p, const char *text)
{
    struct buf line = BUF_INIT;
    buf_puts(&line, text);
    put_item(p, &line);
}

static void note_comparison(const struct page *p, const struct comparison *c)
{
    const char *label = compare_metric(c->id)->label;
    if (c->phases_left_out) {
        struct buf line = BUF_INIT;
        buf_printf(&line, "%s: %zu phase%s without a valid run on one side left out", label,
                   c->phases_left_out, c->phases_left_out == 1 ? "" : "s");
        put_item(p, &line);
    }
    if (c->dropped[0] || c->dropped[1]) {
        struct buf line = BUF_INIT;
        buf_printf(&line, "%s: units with fewer than half of the phases are left out: base %zu, new %zu",
                   label, c->dropped[0], c->dropped[1]);
        put_item(p, &line);
    }
    if (c->verdict == VERDICT_TEXT_DIFFERS) {
        struct buf line = BUF_INIT;
        char room[80];
        buf_printf(&line, "%s: %s; with speculative decoding the verdict is on step time", label,
                   compare_verdict_text(c, &(struct compare_settings){0}, room));
        put_item(p, &line);
    }
}

static void note_repeats(const struct page *p, const struct compare_table *t)
{
    int needs = 0, few = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct comparison *c = &t->items[i];
        needs |= needs_more(c);
        few |= c->parent == COMPARE_HEADLINE && c->verdict == VERDICT_INCONCLUSIVE && isnan(c->p);
    }
    if (needs)
        put_note(p, "needs n: so many units a side would decide; record all of them anew, since a test "
                    "repeated after adding repeats raises false alarms");
    if (few)
        put_note(p, "fewer than 3 units on a side: no interval, no verdict");
}

static void note_scope(const struct page *p, const struct compare_result *r)
{
    const struct compare_table *t = r->table;
    struct buf line = BUF_INIT;
    double sd = t->count ? t->items[0].session_sd : NAN;
    buf_printf(&line, "unit: %s, %s", compare_unit_name(t), compare_scope(t));
    if (t->settings.within_session && isnan(sd))
        buf_puts(&line, "; how sessions of this engine differ is not known (--session-sd, --earlier)");
    else if (t->settings.within_session) {
        buf_printf(&line, "; the sessions' deviation is in the intervals, that of %s is ",
                   compare_metric(t->items[0].id)->label);
        put_digits(&line, 100 * sd, 2);
        buf_puts(&line, " %");
    }
    put_item(p, &line);
}

/* What conversations at once got together is shown, not tested. */
static void note_load(const struct page *p, const struct compare_side *side)
{
    struct load_figures load;
    struct buf line = BUF_INIT;
    if (!side->cell.burst_count || load_of(&side->cell, &load) || isnan(load.tok_s.value))
        return;
    buf_printf(&line, "%s: %llu conversations at once got ", side->name,
               (unsigned long long)load.concurrency);
    put_digits(&line, load.tok_s.value, 3);
    buf_printf(&line, " tok/s together (median of %llu bursts)", (unsigned long long)load.tok_s.n);
    put_item(p, &line);
}

static void note_clauses(const struct page *p, const struct compare_result *r)
{
    for (size_t i = 0; i < r->clause_count; i++) {
        const struct fail_clause *clause = &r->clauses[i];
        struct buf line = BUF_INIT;
        buf_printf(&line, "--fail-on '%.100s': ", clause->text);
        buf_puts(&line, !clause->is_tested ? "cannot be tested" : clause->has_fired ? "fired" : "passed");
        if (!isnan(clause->p)) {
            buf_puts(&line, ", p ");
            put_digits(&line, clause->p, 4);
        }
        put_item(p, &line);
    }
}

/* What a recording was made in spite of, and the like: a side says each once. */
static void note_remarks(const struct page *p, const struct compare_side *side)
{
    struct text_list said = {0};
    for (size_t i = 0; i < side->cell.trace_count; i++) {
        const struct text_list *remarks = &side->cell.traces[i].remarks;
        for (size_t k = 0; k < remarks->count; k++) {
            struct buf line = BUF_INIT;
            if (text_list_find(&said, remarks->items[k]) >= 0)
                continue;
            buf_printf(&line, "%s: %s", side->name, remarks->items[k]);
            put_item(p, &line);
            if (text_list_add(&said, remarks->items[k]))
                p->out->failed = TT_NOMEM;
        }
    }
    text_list_release(&said);
}

static void put_notes(const struct page *p, const struct compare_result *r)
{
    int speculates[SIDES];
    buf_putc(p->out, '\n');
    note_scope(p, r);
    for (size_t i = 0; i < SIDES; i++)
        note_load(p, &r->sides[i]);
    for (size_t i = 0; i < r->table->count; i++) {
        if (r->table->items[i].parent == COMPARE_HEADLINE)
            note_comparison(p, &r->table->items[i]);
    }
    for (int side = 0; side < SIDES; side++)
        speculates[side] = compare_side_speculates(&r->sides[side]);
    if (speculates[0] != speculates[1] && compare_table_find(r->table, COMPARE_STEP))
        put_note(p, "only one side speculates: its steps bring several tokens, the other's one; the shift of "
                    "decode holds for these answers");
    note_repeats(p, r->table);
    note_remarks(p, &r->sides[0]);
    note_remarks(p, &r->sides[1]);
    if (cell_is_synthetic(&r->sides[0].cell) || cell_is_synthetic(&r->sides[1].cell))
        put_note(p, SYNTHETIC_NOTE);
    if (compare_side_is_masked(&r->sides[0]) || compare_side_is_masked(&r->sides[1]))
        put_note(p, MASKED_NOTE);
    note_clauses(p, r);
}

static int show(const struct page *p, const struct compare_result *r, int colour)
{
    put_environment(p, r);
    put_side(p, &r->sides[0]);
    put_side(p, &r->sides[1]);
    int status = put_headlines(p, r, colour);
    if (!status)
        put_notes(p, r);
    if (!status)
        status = put_causes(p, r, colour);
    return status ? status : p->out->failed;
}

int compare_show_text(const struct compare_result *result, int colour, struct buf *out)
{
    struct page page = {out, 0};
    return show(&page, result, colour);
}

int compare_show_markdown(const struct compare_result *result, struct buf *out)
{
    struct page page = {out, 1};
    return show(&page, result, 0);
}

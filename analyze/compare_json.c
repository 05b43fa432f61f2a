/* SPDX-License-Identifier: MIT */
/* Comparisons for programs: JSON, and the same columns as CSV. */
#include <math.h>

#include "analyze/compare_show.h"
#include "analyze/statistics.h"
#include "analyze/table.h"

double compare_round(double value)
{
    if (!isfinite(value) || (value <= 0 && value >= 0))
        return value + 0.0; /* never -0 */
    return stats_round(value, 2 - (int)floor(log10(fabs(value))));
}

static double percent(double fraction)
{
    return compare_round(100 * fraction);
}

static void put_environment(const struct compare_result *r, struct jsonout *j)
{
    jsonout_key(j, "environment");
    jsonout_array(j);
    for (size_t i = 0; i < COMPARE_FACTS; i++) {
        if (!compare_fact_differs(&r->sides[0], &r->sides[1], i))
            continue;
        jsonout_object(j);
        jsonout_field_string(j, "name", compare_fact_name(i));
        for (int side = 0; side < SIDES; side++) {
            const struct text_list *values = &r->sides[side].facts[i];
            jsonout_key(j, side ? "new" : "base");
            jsonout_array(j);
            for (size_t k = 0; k < values->count; k++)
                jsonout_string(j, values->items[k]);
            jsonout_end(j, ']');
        }
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

static void put_side(const struct compare_side *side, const char *key, struct jsonout *j)
{
    const struct cell *cell = &side->cell;
    size_t failed = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        failed += (size_t)cell_run_is_failed(cell_run_at(cell, i));
    jsonout_key(j, key);
    jsonout_object(j);
    jsonout_field_u64(j, "traces", cell->trace_count);
    jsonout_field_u64(j, "repeats", cell_repeats(cell));
    jsonout_field_u64(j, "runs_total", cell->run_count);
    jsonout_field_u64(j, "runs_failed", failed);
    jsonout_field_number(j, "peak_tok_s", compare_round(compare_peak(side)));
    jsonout_field_number(j, "valid_pct", compare_round(compare_valid_pct(side)));
    jsonout_field_bool(j, "synthetic", cell_is_synthetic(cell));
    jsonout_key(j, "content_ids");
    jsonout_array(j);
    for (size_t i = 0; i < cell->trace_count; i++)
        jsonout_string(j, cell->traces[i].content_id);
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}

static void put_numbers(const struct compare_result *r, const struct comparison *c, struct jsonout *j)
{
    const struct compare_settings *settings = &r->table->settings;
    jsonout_field_u64(j, "n_base", c->effect.n[0]);
    jsonout_field_u64(j, "n_new", c->effect.n[1]);
    jsonout_field_number(j, "base_median", compare_round(c->median[0]));
    jsonout_field_number(j, "new_median", compare_round(c->median[1]));
    jsonout_field_number(j, "shift_pct", percent(c->shift));
    jsonout_field_number(j, "ci_low_pct", percent(c->low));
    jsonout_field_number(j, "ci_high_pct", percent(c->high));
    jsonout_field_number(j, "ci_level", COMPARE_LEVEL);
    jsonout_field_number(j, "p", compare_round(c->p));
    jsonout_field_number(j, "p_adjusted", compare_round(c->p_adjusted));
    jsonout_field_bool(j, "significant", c->significant);
    jsonout_field_bool(j, "equivalent", c->equivalent);
    jsonout_field_number(j, "margin_pct", percent(settings->margin));
}

static void put_comparison(const struct compare_result *r, const struct comparison *c, struct jsonout *j)
{
    char room[80];
    const struct compare_metric *metric = compare_metric(c->id);
    int has_session = r->table->settings.within_session && !isnan(c->session_sd);
    jsonout_object(j);
    jsonout_field_string(j, "metric", metric->name);
    jsonout_field_string(j, "phase", c->phase);
    jsonout_field_string(j, "below",
                         c->parent == COMPARE_HEADLINE ? NULL
                                                       : compare_metric(r->table->items[c->parent].id)->name);
    jsonout_field_string(j, "unit", compare_unit_name(r->table));
    put_numbers(r, c, j);
    jsonout_field_string(j, "direction", metric->more_is_better ? "more" : "less");
    jsonout_field_string(j, "verdict", compare_verdict_text(c, &r->table->settings, room));
    jsonout_field_u64(j, "more_repeats", c->more_repeats ? c->more_repeats : UINT64_MAX);
    jsonout_key(j, "texts_equal");
    if (c->texts_equal < 0 || c->parent != COMPARE_HEADLINE)
        jsonout_null(j);
    else
        jsonout_bool(j, c->texts_equal);
    jsonout_field_number(j, "session_sd_pct", has_session ? percent(c->session_sd) : NAN);
    jsonout_field_number(j, "trend_pct", percent(exp(c->effect.trend) - 1));
    jsonout_field_u64(j, "dropped_base", c->dropped[0]);
    jsonout_field_u64(j, "dropped_new", c->dropped[1]);
    jsonout_end(j, '}');
}

static void put_clauses(const struct compare_result *r, struct jsonout *j)
{
    jsonout_key(j, "fail_on");
    jsonout_array(j);
    for (size_t i = 0; i < r->clause_count; i++) {
        const struct fail_clause *clause = &r->clauses[i];
        jsonout_object(j);
        jsonout_field_string(j, "clause", clause->text);
        jsonout_field_bool(j, "tested", clause->is_tested);
        jsonout_field_number(j, "p", compare_round(clause->p));
        jsonout_field_number(j, "alpha", compare_round(clause->alpha));
        jsonout_field_bool(j, "fired", clause->has_fired);
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

/* That on the primary metric, or on what stands for it. */
static const char *overall(const struct compare_table *t, char room[80])
{
    const struct comparison *c = compare_table_find(t, t->primary);
    if (c && c->verdict == VERDICT_TEXT_DIFFERS)
        c = compare_table_find(t, c->id == COMPARE_DECODE ? COMPARE_STEP : COMPARE_STEP_50K);
    return c ? compare_verdict_text(c, &t->settings, room) : "inconclusive";
}

int compare_show_json(const struct compare_result *r, struct buf *out)
{
    char room[80];
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    put_environment(r, &j);
    jsonout_field_string(&j, "scope", compare_scope(r->table));
    jsonout_field_string(&j, "primary", compare_metric(r->table->primary)->name);
    put_side(&r->sides[0], "base", &j);
    put_side(&r->sides[1], "new", &j);
    jsonout_key(&j, "comparisons");
    jsonout_array(&j);
    for (size_t i = 0; i < r->table->count; i++)
        put_comparison(r, &r->table->items[i], &j);
    jsonout_end(&j, ']');
    put_clauses(r, &j);
    jsonout_field_string(&j, "verdict", overall(r->table, room));
    jsonout_end(&j, '}');
    buf_putc(out, '\n');
    return out->failed;
}

static void put_csv_row(const struct compare_result *r, const struct comparison *c, struct table *t)
{
    static const struct decimals all = {DECIMAL_FIXED, 15};
    char room[80];
    const char *verdict = compare_verdict_text(c, &r->table->settings, room);
    const double numbers[] = {(double)c->effect.n[0],
                              (double)c->effect.n[1],
                              compare_round(c->median[0]),
                              compare_round(c->median[1]),
                              percent(c->shift),
                              percent(c->low),
                              percent(c->high),
                              compare_round(c->p),
                              compare_round(c->p_adjusted)};
    table_row(t);
    table_text(t, compare_metric(c->id)->name, 0);
    table_text(t, c->phase ? c->phase : "", 0);
    table_text(t, c->parent == COMPARE_HEADLINE ? "" : compare_metric(r->table->items[c->parent].id)->name,
               0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        table_number(t, numbers[i], 1, all, 0);
    table_text(t, verdict ? verdict : "", 0);
    table_number(t, c->more_repeats ? (double)c->more_repeats : NAN, 1, all, 0);
}

int compare_show_csv(const struct compare_result *r, struct buf *out)
{
    static const char *const columns[] = {
        "metric",    "phase",      "below",       "n_base", "n_new",      "base_median", "new_median",
        "shift_pct", "ci_low_pct", "ci_high_pct", "p",      "p_adjusted", "verdict",     "more_repeats"};
    struct table t = TABLE_INIT;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        table_column(&t, columns[i], columns[i], ALIGN_LEFT);
    for (size_t i = 0; i < r->table->count; i++)
        put_csv_row(r, &r->table->items[i], &t);
    int status = table_csv(&t, out);
    table_release(&t);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "analyze/sentinel.h"

#include <math.h>
#include <string.h>

#include "analyze/decimal.h"
#include "analyze/statistics.h"
#include "analyze/student.h"
#include "formats/alloc.h"

static const enum compare_id ids[SENTINEL_METRICS] = {COMPARE_DECODE, COMPARE_PREFILL, COMPARE_TTFT};

/* ---- drift ---- */

struct half {
    double sum, squares;
    size_t n;
};

static struct half add_up(const double *values, size_t from, size_t to)
{
    struct half h = {0, 0, 0};
    for (size_t i = from; i < to; i++) {
        h.sum += isnan(values[i]) ? 0 : values[i];
        h.n += isnan(values[i]) ? 0 : 1;
    }
    for (size_t i = from; i < to && h.n; i++) {
        double off = values[i] - h.sum / (double)h.n;
        h.squares += isnan(off) ? 0 : off * off;
    }
    return h;
}

/* Two-sample t with one variance. One recording alone is no half: a single outlier is no drift. */
static double split_at(const double *values, size_t count, size_t at, double *shift)
{
    struct half a = add_up(values, 0, at), b = add_up(values, at, count);
    if (a.n < 2 || b.n < 2)
        return NAN;
    double df = (double)(a.n + b.n - 2), variance = (a.squares + b.squares) / df;
    double error = sqrt(variance * (1 / (double)a.n + 1 / (double)b.n));
    *shift = b.sum / (double)b.n - a.sum / (double)a.n;
    if (fabs(*shift) <= COMPARE_SAME)
        return 1;
    return error > 0 ? student_two_sided(*shift / error, df) : 0;
}

void sentinel_find_drift(struct sentinel_metric *m, size_t count, double margin)
{
    size_t splits = 0;
    double best = NAN;
    m->shift = m->p = NAN;
    m->from = 0;
    for (size_t at = 1; at < count; at++) {
        double shift = 0, p = split_at(m->values, count, at, &shift);
        if (isnan(p))
            continue;
        splits++;
        if (isnan(best) || p < best) {
            best = p;
            m->from = at;
            m->shift = exp(shift) - 1;
        }
    }
    m->p = fmin(1, best * (double)splits); /* the best of so many */
    m->drifts = splits > 0 && m->p < SENTINEL_ALPHA && fabs(m->shift) >= margin;
}

/* ---- values ---- */

/* Its place in time; those that begin together, or at an unknown time, in the order given. */
static size_t rank_of(const struct cell *cell, size_t trace)
{
    uint64_t begun = cell->traces[trace].begun_ns;
    size_t rank = 0;
    for (size_t i = 0; i < cell->trace_count; i++) {
        uint64_t other = cell->traces[i].begun_ns;
        rank += other < begun || (other == begun && i < trace) ? 1 : 0;
    }
    return rank;
}

static void number_runs(const struct cell *cell, size_t *unit_of)
{
    for (size_t i = 0; i < cell->run_count; i++) {
        int goes_on = i && cell_run_at(cell, i)->trace == cell_run_at(cell, i - 1)->trace;
        unit_of[i] = goes_on ? unit_of[i - 1] : rank_of(cell, cell_run_at(cell, i)->trace);
    }
}

static int measure(struct sentinel_metric *m, const struct cell *cell, const size_t *unit_of)
{
    size_t count = cell->trace_count, dropped[SIDES];
    struct compare_runs runs = {{cell, NULL}, {unit_of, NULL}, 1, count};
    struct compare_source source = {compare_value(m->id), 0, &cell->phases};
    m->values = mem_alloc((count + 1) * sizeof *m->values);
    if (!m->values)
        return TT_NOMEM;
    int status = compare_unit_values(&runs, &source, m->values, dropped);
    for (size_t i = 0; i < count; i++)
        m->n += isnan(m->values[i]) ? 0 : 1;
    m->sd = m->n >= SENTINEL_MIN ? stats_sd(m->values, count) : NAN;
    return status;
}

int sentinel_judge(struct sentinel *s, const struct cell *cell, double margin)
{
    memset(s, 0, sizeof *s);
    s->count = cell->trace_count;
    size_t *unit_of = mem_alloc((cell->run_count + 1) * sizeof *unit_of);
    int status = unit_of ? TT_OK : TT_NOMEM;
    if (!status)
        number_runs(cell, unit_of);
    for (size_t i = 0; !status && i < SENTINEL_METRICS; i++) {
        s->metrics[i].id = ids[i];
        status = measure(&s->metrics[i], cell, unit_of);
        if (!status)
            sentinel_find_drift(&s->metrics[i], s->count, margin);
    }
    mem_free(unit_of);
    return status;
}

void sentinel_release(struct sentinel *s)
{
    for (size_t i = 0; i < SENTINEL_METRICS; i++)
        mem_free(s->metrics[i].values);
    memset(s, 0, sizeof *s);
}

/* ---- showing ---- */

static double percent(double fraction)
{
    return stats_round(100 * fraction, 3);
}

static void put_drift(const struct sentinel_metric *m, struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_string(j, "metric", compare_metric(m->id)->name);
    jsonout_field_number(j, "shift_pct", percent(m->shift));
    jsonout_field_u64(j, "from", m->from);
    jsonout_field_number(j, "p", stats_round(m->p, 4));
    jsonout_end(j, '}');
}

void sentinel_put_json(const struct sentinel *s, struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_u64(j, "recordings", s->count);
    jsonout_key(j, "session_sd");
    jsonout_object(j);
    for (size_t i = 0; i < SENTINEL_METRICS; i++) {
        if (isnan(s->metrics[i].sd))
            continue;
        jsonout_key(j, compare_metric(s->metrics[i].id)->name);
        jsonout_object(j);
        jsonout_field_number(j, "sd_pct", percent(s->metrics[i].sd));
        jsonout_field_u64(j, "n", s->metrics[i].n);
        jsonout_end(j, '}');
    }
    jsonout_end(j, '}');
    jsonout_key(j, "drift");
    jsonout_array(j);
    for (size_t i = 0; i < SENTINEL_METRICS; i++) {
        if (s->metrics[i].drifts)
            put_drift(&s->metrics[i], j);
    }
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}

static void put_sentence(const struct sentinel_metric *m, struct buf *out)
{
    const struct compare_metric *metric = compare_metric(m->id);
    int is_better = (m->shift > 0) == metric->more_is_better;
    buf_printf(out, "sentinel: the machine drifted: %s is ", metric->short_name);
    decimal_fixed(out, fabs(100 * m->shift), 1);
    buf_printf(out, " %% %s from its recording %zu on\n", is_better ? metric->better : metric->worse,
               m->from + 1);
}

int sentinel_put_text(const struct sentinel *s, struct buf *out)
{
    size_t drifts = 0;
    for (size_t i = 0; i < SENTINEL_METRICS; i++) {
        const struct sentinel_metric *m = &s->metrics[i];
        if (m->drifts)
            put_sentence(m, out);
        drifts += m->drifts ? 1 : 0;
    }
    if (isnan(s->metrics[0].sd))
        return buf_printf(out, "sentinel: %zu recordings are too few to judge by\n", s->count);
    buf_printf(out, "sentinel: %zu recordings, %s; the session's standard deviation of decode is ", s->count,
               drifts ? "drift" : "no drift");
    decimal_fixed(out, 100 * s->metrics[0].sd, 2);
    return buf_puts(out, " %\n");
}

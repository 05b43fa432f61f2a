/* SPDX-License-Identifier: MIT */
#include "analyze/effect.h"

#include <math.h>
#include <string.h>

#include "analyze/student.h"

/* Means of a side's values and positions. */
struct centre {
    double value, position;
};

static void find_centres(const struct effect_unit *units, const double *values, size_t count, size_t n[2],
                         struct centre centres[2])
{
    memset(centres, 0, 2 * sizeof *centres);
    n[0] = n[1] = 0;
    for (size_t i = 0; i < count; i++) {
        int side = units[i].side;
        if (isnan(values[i]))
            continue;
        n[side]++;
        centres[side].value += values[i];
        centres[side].position += units[i].position;
    }
    for (int side = 0; side < 2; side++) {
        centres[side].value /= (double)n[side];
        centres[side].position /= (double)n[side];
    }
}

static void fit_trend(struct effect *f, const struct effect_unit *units, const double *values, size_t count,
                      const struct centre centres[2])
{
    double squares = 0, products = 0, residuals = 0;
    for (size_t i = 0; i < count; i++) {
        const struct centre *c = &centres[units[i].side];
        double x = units[i].position - c->position;
        if (isnan(values[i]))
            continue;
        squares += x * x;
        products += x * (values[i] - c->value);
    }
    if (!(squares > 0))
        return;
    f->trend = products / squares;
    for (size_t i = 0; i < count; i++) {
        const struct centre *c = &centres[units[i].side];
        double rest = values[i] - c->value - f->trend * (units[i].position - c->position);
        residuals += isnan(values[i]) ? 0 : rest * rest;
    }
    double apart = centres[1].position - centres[0].position;
    f->df = (double)(f->n[0] + f->n[1]) - 3;
    f->s = sqrt(residuals / f->df);
    f->d -= f->trend * apart;
    f->se = f->s * sqrt(1 / (double)f->n[0] + 1 / (double)f->n[1] + apart * apart / squares);
}

struct effect effect_fit(const struct effect_unit *units, const double *values, size_t count)
{
    struct effect f = {{0, 0}, NAN, NAN, NAN, NAN, NAN};
    struct centre centres[2];
    find_centres(units, values, count, f.n, centres);
    if (f.n[0] && f.n[1])
        f.d = centres[1].value - centres[0].value;
    if (f.n[0] >= EFFECT_UNITS_MIN && f.n[1] >= EFFECT_UNITS_MIN)
        fit_trend(&f, units, values, count, centres);
    return f;
}

void effect_add_session(struct effect *f, double sd, double sd_df)
{
    double within = f->se * f->se, between = 2 * sd * sd, all = within + between;
    if (!(between > 0) || isnan(all))
        return;
    double between_share = isinf(sd_df) ? 0 : between * between / sd_df;
    f->df = all * all / (within * within / f->df + between_share);
    f->se = sqrt(all);
}

double effect_half_width(const struct effect *f, double level)
{
    return student_quantile(0.5 + level / 2, f->df) * f->se;
}

double effect_p(const struct effect *f)
{
    return student_two_sided(f->d / f->se, f->df);
}

int effect_is_within(const struct effect *f, double margin)
{
    double half = effect_half_width(f, EFFECT_MARGIN_LEVEL);
    return exp(f->d - half) - 1 > -margin && exp(f->d + half) - 1 < margin;
}

static int would_decide(const struct effect *f, double aim, size_t n)
{
    double df = 2 * (double)n - 3;
    double reach = student_quantile(0.975, df) + student_quantile(0.80, df);
    return reach * f->s * sqrt(2 / (double)n) <= aim;
}

size_t effect_repeats_needed(const struct effect *f, double margin)
{
    if (isnan(f->s))
        return 0;
    double aim = fmax(fabs(f->d), margin - fabs(f->d));
    size_t low = 2, high = EFFECT_REPEATS_MAX; /* the more there are, the nearer the decision */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (would_decide(f, aim, middle))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The hypothesis with the least p ÷ weight that is not adjusted yet; `count` when there is none. */
static size_t next_hypothesis(const double *p, const double *weights, const double *adjusted, size_t count)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i]) && isnan(adjusted[i]) &&
            (best == count || p[i] / weights[i] < p[best] / weights[best]))
            best = i;
    }
    return best;
}

void holm_adjust(const double *p, const double *weights, double *adjusted, size_t count)
{
    double left = 0, floor_p = 0;
    for (size_t i = 0; i < count; i++) {
        adjusted[i] = NAN;
        left += isnan(p[i]) ? 0 : weights[i];
    }
    for (size_t i; (i = next_hypothesis(p, weights, adjusted, count)) < count;) {
        floor_p = fmax(floor_p, fmin(1, p[i] * left / weights[i]));
        adjusted[i] = floor_p;
        left -= weights[i];
    }
}

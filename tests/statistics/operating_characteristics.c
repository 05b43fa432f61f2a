/* SPDX-License-Identifier: MIT */
/* How often a comparison is right, over pairs of recordings that are made up with the project's own random
 * numbers: false alarms of the whole table, coverage of the intervals, power, equivalence.
 *
 * usage: operating_characteristics [--long]; prints the table of docs/diff.md, fails when a bar is missed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/compare.h"
#include "formats/prng.h"

#define PHASES_MAX 8
#define REPEATS    5
#define UNITS      (2 * REPEATS)

/* How many phases a headline metric is the mean of; memory has one value per unit. */
static const int phase_counts[COMPARE_HEADLINES] = {6, 2, 3, 3, 8, 1};

enum noise { NOISE_NORMAL, NOISE_T3, NOISE_OUTLIERS };
enum drift { DRIFT_NONE, DRIFT_LINEAR, DRIFT_SETTLING };

struct scenario {
    const char *name;
    double rho;     /* share of the variance that a repeat has in common */
    double session; /* standard deviation between sessions */
    int restarted;  /* a session for each repeat, else one for each side */
    int knows_session;
    enum noise noise;
    enum drift drift;
    int is_barred; /* its figures have bars; the others are only printed */
};

#define SPREAD       0.015
#define DRIFT_SIZE   0.03
#define SLOWDOWN     0.03
#define SETTLE_UNITS 2.0
#define T3_VARIANCE  3.0
#define OUTLIERS     0.05 /* share of draws that are so many times as wide */
#define OUTLIER_SIZE 4.0

static const struct scenario scenarios[] = {
    {"usual", 0.25, 0, 1, 0, NOISE_NORMAL, DRIFT_NONE, 1},
    {"rho 0", 0, 0, 1, 0, NOISE_NORMAL, DRIFT_NONE, 0},
    {"rho 0.5", 0.5, 0, 1, 0, NOISE_NORMAL, DRIFT_NONE, 0},
    {"rho 1", 1, 0, 1, 0, NOISE_NORMAL, DRIFT_NONE, 0},
    {"session 0.5 %, restarts", 0.25, 0.005, 1, 0, NOISE_NORMAL, DRIFT_NONE, 1},
    {"session 0.5 %, known", 0.25, 0.005, 0, 1, NOISE_NORMAL, DRIFT_NONE, 0},
    {"session 0.5 %, ignored", 0.25, 0.005, 0, 0, NOISE_NORMAL, DRIFT_NONE, 0},
    {"t3 tails", 0.25, 0, 1, 0, NOISE_T3, DRIFT_NONE, 1},
    {"5 % outliers", 0.25, 0, 1, 0, NOISE_OUTLIERS, DRIFT_NONE, 1},
    {"3 % linear drift", 0.25, 0, 1, 0, NOISE_NORMAL, DRIFT_LINEAR, 1},
    {"3 % settling drift", 0.25, 0, 1, 0, NOISE_NORMAL, DRIFT_SETTLING, 1},
};

/* Shares of all pairs. */
struct outcome {
    double alarms, power, equivalent;
    double covered[COMPARE_HEADLINES], found[COMPARE_HEADLINES];
};

/* ---- making values ---- */

/* Of variance 1, whatever its shape, so that the spread is what it is called. */
static double draw(struct prng *r, enum noise noise)
{
    double z = prng_normal(r), chi = 0;
    if (noise == NOISE_OUTLIERS)
        return z * (prng_unit(r) < OUTLIERS ? OUTLIER_SIZE : 1) /
               sqrt(1 + OUTLIERS * (OUTLIER_SIZE * OUTLIER_SIZE - 1));
    if (noise == NOISE_NORMAL)
        return z;
    for (int i = 0; i < 3; i++) {
        double x = prng_normal(r);
        chi += x * x;
    }
    return z / sqrt(chi / 3) / sqrt(T3_VARIANCE);
}

static double drift_at(enum drift drift, int place)
{
    if (drift == DRIFT_LINEAR)
        return DRIFT_SIZE * place / (UNITS - 1);
    return drift == DRIFT_SETTLING ? DRIFT_SIZE * exp(-place / SETTLE_UNITS) : 0;
}

/* A B B A A B B A A B: the sides take turns, and neither is always first. */
static void lay_out(struct effect_unit *units)
{
    for (int i = 0; i < UNITS; i++)
        units[i] = (struct effect_unit){(i + 1) / 2 % 2, i};
}

/* One metric's values: noise of the repeat, of each phase, of the session, drift, and the effect. */
static void make_values(struct prng *r, const struct scenario *s, int phases, const struct effect_unit *units,
                        double effect, double *values)
{
    double sessions[2] = {s->session * prng_normal(r), s->session * prng_normal(r)};
    for (int u = 0; u < UNITS; u++) {
        double common = sqrt(s->rho) * draw(r, s->noise), own = 0;
        for (int p = 0; p < phases; p++)
            own += sqrt(1 - s->rho) * draw(r, s->noise) / phases;
        double session = s->restarted ? s->session * prng_normal(r) : sessions[units[u].side];
        values[u] = SPREAD * (common + own) + session + drift_at(s->drift, u) + effect * units[u].side;
    }
}

/* ---- judging them ---- */

struct table {
    struct comparison items[COMPARE_HEADLINES];
    double values[COMPARE_HEADLINES][UNITS];
};

static int judge(struct prng *r, const struct scenario *s, const double *effects, struct table *t)
{
    struct effect_unit units[UNITS];
    const struct compare_settings settings = {COMPARE_MARGIN, !s->restarted};
    lay_out(units);
    for (int id = 0; id < COMPARE_HEADLINES; id++) {
        make_values(r, s, phase_counts[id], units, effects[id], t->values[id]);
        t->items[id] = (struct comparison){.id = (enum compare_id)id,
                                           .parent = COMPARE_HEADLINE,
                                           .weight = id == COMPARE_DECODE ? COMPARE_WEIGHT_PRIMARY
                                                                          : COMPARE_WEIGHT_OTHER,
                                           .values = t->values[id],
                                           .session_sd = s->knows_session ? s->session : NAN,
                                           .session_df = INFINITY,
                                           .texts_equal = 1};
    }
    return compare_judge(t->items, COMPARE_HEADLINES, units, UNITS, &settings);
}

static int is_claim(const struct comparison *c)
{
    return c->verdict == VERDICT_FASTER || c->verdict == VERDICT_SLOWER;
}

static int simulate(const struct scenario *s, int pairs, uint64_t seed, struct outcome *o)
{
    double none[COMPARE_HEADLINES] = {0}, slow[COMPARE_HEADLINES];
    struct table t;
    struct prng r;
    memset(o, 0, sizeof *o);
    prng_seed(&r, seed);
    for (int id = 0; id < COMPARE_HEADLINES; id++) /* slower is less, or more where less is better */
        slow[id] =
            compare_metric((enum compare_id)id)->more_is_better ? log(1 - SLOWDOWN) : log(1 + SLOWDOWN);
    for (int i = 0; i < pairs; i++) {
        int alarm = 0;
        if (judge(&r, s, none, &t))
            return 1;
        for (int id = 0; id < COMPARE_HEADLINES; id++) {
            alarm |= is_claim(&t.items[id]);
            o->covered[id] += (t.items[id].low <= 0 && t.items[id].high >= 0) / (double)pairs;
        }
        o->alarms += alarm / (double)pairs;
        o->equivalent += (t.items[COMPARE_DECODE].verdict == VERDICT_EQUIVALENT) / (double)pairs;
    }
    for (int id = 0; id < COMPARE_HEADLINES; id++) { /* one metric changes at a time */
        double only[COMPARE_HEADLINES] = {0};
        only[id] = slow[id];
        for (int i = 0; i < pairs / 4; i++) {
            if (judge(&r, s, only, &t))
                return 1;
            o->found[id] += (t.items[id].verdict == VERDICT_SLOWER) / (double)(pairs / 4);
        }
    }
    o->power = o->found[COMPARE_DECODE];
    return 0;
}

/* ---- bars ---- */

static int missed(const char *scenario, const char *what, double got, double least, double most)
{
    if (got >= least && got <= most)
        return 0;
    fprintf(stderr, "%s: %s is %.2f %%, not within %.1f and %.1f %%\n", scenario, what, 100 * got,
            100 * least, 100 * most);
    return 1;
}

/* `slack` is what a share of fewer pairs may be off by. */
static int check(const struct scenario *s, const struct outcome *o, double alarms_most, double slack)
{
    int is_plain = s->noise == NOISE_NORMAL && s->drift == DRIFT_NONE;
    int wrong = missed(s->name, "alarms", o->alarms, 0, alarms_most);
    wrong += missed(s->name, "power", o->power, 0.90 - slack, 1);
    for (int id = 0; id < COMPARE_HEADLINES; id++)
        wrong += missed(s->name, compare_metric((enum compare_id)id)->name, o->covered[id], 0.93 - slack,
                        (is_plain ? 0.97 : 0.98) + slack);
    if (is_plain && s->session <= 0)
        wrong += missed(s->name, "equivalence", o->equivalent, 0.80 - slack, 1);
    return wrong;
}

static void print_row(const struct scenario *s, const struct outcome *o)
{
    double least = 1, most = 0;
    for (int id = 0; id < COMPARE_HEADLINES; id++) {
        least = fmin(least, o->covered[id]);
        most = fmax(most, o->covered[id]);
    }
    printf("| %s | %.2f | %.1f–%.1f | %.1f |", s->name, 100 * o->alarms, 100 * least, 100 * most,
           100 * o->equivalent);
    for (int id = 0; id < COMPARE_HEADLINES; id++)
        printf(" %.1f |", 100 * o->found[id]);
    printf("\n");
}

int main(int argc, char **argv)
{
    int is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    int pairs = is_long ? 20000 : 1000, wrong = 0;
    double alarms_most = is_long ? 0.05 : 0.064, slack = is_long ? 0 : 0.02;
    printf("%d pairs of equal sides for each line, %d for each power\n\n", pairs, pairs / 4);
    printf("| %% | alarms | cover | equivalent |");
    for (int id = 0; id < COMPARE_HEADLINES; id++)
        printf(" %s |", compare_metric((enum compare_id)id)->name);
    printf("\n|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        struct outcome o;
        if (simulate(&scenarios[i], pairs, 1 + i, &o))
            return 2;
        print_row(&scenarios[i], &o);
        if (scenarios[i].is_barred)
            wrong += check(&scenarios[i], &o, alarms_most, slack);
    }
    return wrong != 0;
}

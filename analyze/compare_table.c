/* SPDX-License-Identifier: MIT */
#include "analyze/compare_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/compare_units.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/json.h"

#define PEAK_TOKENS_MIN   64 /* as a row's peak */
#define WORKLOAD_TEXT_KEY 256

/* ---- phases ---- */

void compare_phases_release(struct compare_phases *phases)
{
    for (int i = 0; i < COMPARE_HEADLINES; i++)
        text_list_release(&phases->of[i]);
    memset(phases, 0, sizeof *phases);
}

static int read_names(struct text_list *list, const cJSON *names, const char *metric, struct error *e)
{
    const cJSON *name;
    if (!cJSON_IsArray(names))
        return error_set(e, TT_USAGE, "'%s' wants a list of phases", metric);
    cJSON_ArrayForEach(name, names)
    {
        if (!cJSON_IsString(name))
            return error_set(e, TT_USAGE, "a phase of '%s' is no text", metric);
        if (text_list_add(list, name->valuestring))
            return error_set(e, TT_NOMEM, "out of memory");
    }
    return TT_OK;
}

int compare_phases_load(struct compare_phases *phases, const char *path, struct error *e)
{
    cJSON *document = json_read_file(path, JSON_DOCUMENT_MAX, e);
    const char *known[COMPARE_HEADLINES + 1] = {NULL};
    if (!document)
        return e && e->code ? (int)e->code : TT_NOMEM;
    for (int i = 0; i < COMPARE_HEADLINES; i++)
        known[i] = compare_metric((enum compare_id)i)->name;
    int status = json_only_known(document, known, "the profile", e);
    for (int i = 0; !status && i < COMPARE_HEADLINES; i++) {
        const cJSON *names = json_member(document, known[i]);
        phases->is_given[i] = names != NULL;
        if (names)
            status = read_names(&phases->of[i], names, known[i], e);
    }
    cJSON_Delete(document);
    if (status && e)
        error_prefix(e, "'%s'", path);
    return status;
}

static int is_one_of(const char *const *names, const char *phase)
{
    while (*names && strcmp(*names, phase) != 0)
        names++;
    return *names != NULL;
}

/* The phases of agentic-8, whose META of old or imported traces may lack the flags. */
static int belongs_in_agentic(enum compare_id id, const char *phase)
{
    static const char *const deep[] = {"long-context", "long-prefix", NULL},
                             *const uncached[] = {"cold", "cold-prefix", "long-context", NULL},
                             *const cached[] = {"warm", "prefix-test-2", "long-prefix", NULL};
    switch (id) {
    case COMPARE_DECODE:
        return !is_one_of(deep, phase);
    case COMPARE_DECODE_50K:
        return is_one_of(deep, phase);
    case COMPARE_PREFILL:
        return is_one_of(uncached, phase);
    case COMPARE_TTFT:
        return is_one_of(cached, phase);
    default:
        return 1;
    }
}

/* By what a workload says of its phases. */
static int belongs(const struct compare_side *side, enum compare_id id, const char *phase)
{
    if (strcmp(side->workload_name, "agentic-8") == 0)
        return belongs_in_agentic(id, phase);
    switch (id) {
    case COMPARE_DECODE:
        return !compare_side_flag(side, phase, "long");
    case COMPARE_DECODE_50K:
        return compare_side_flag(side, phase, "long");
    case COMPARE_PREFILL:
        return compare_side_flag(side, phase, "cold");
    case COMPARE_TTFT:
        return !compare_side_flag(side, phase, "cold");
    default:
        return 1;
    }
}

/* Of the phases that both sides recorded, in the order of the base's. */
static int choose_phases(const struct compare_side sides[SIDES], const struct compare_phases *given,
                         struct text_list chosen[COMPARE_HEADLINES])
{
    const struct text_list *names = &sides[0].cell.phases;
    int status = TT_OK;
    for (int id = 0; id < COMPARE_HEADLINES; id++) {
        for (size_t i = 0; !status && i < names->count; i++) {
            const char *name = names->items[i];
            int wanted = given && given->is_given[id] ? text_list_find(&given->of[id], name) >= 0
                                                      : belongs(&sides[0], (enum compare_id)id, name);
            if (wanted && text_list_find(&sides[1].cell.phases, name) >= 0)
                status = text_list_add(&chosen[id], name);
        }
    }
    return status;
}

/* ---- building ---- */

struct builder {
    struct compare_table *table;
    const struct compare_side *sides, *earlier;
    const struct compare_options *options;
    struct text_list phases[COMPARE_HEADLINES];
    struct compare_runs runs, earlier_runs;
    size_t *earlier_unit_of;
};

/* The standard deviation of earlier recordings' means: no less than a session's own. */
static int learn_session(const struct builder *b, const struct compare_source *source, struct comparison *c)
{
    size_t n = b->earlier_runs.unit_count, dropped[SIDES];
    if (n < COMPARE_EARLIER_MIN || !source)
        return TT_OK;
    double *values = mem_alloc((n + 1) * sizeof *values);
    int status = values ? compare_unit_values(&b->earlier_runs, source, values, dropped) : TT_NOMEM;
    if (!status && n - dropped[0] >= COMPARE_EARLIER_MIN) {
        c->session_sd = stats_sd(values, n);
        c->session_df = (double)(n - dropped[0]) - 1;
    }
    mem_free(values);
    return status;
}

/* A comparison without values yet, the last of the table; NULL when memory is out. */
static struct comparison *new_item(struct builder *b, enum compare_id id, const char *phase, size_t parent)
{
    struct compare_table *t = b->table;
    if (mem_grow(&t->items, &t->capacity, t->count + 1, sizeof *t->items))
        return NULL;
    struct comparison *c = &t->items[t->count];
    *c = (struct comparison){.id = id, .phase = phase, .parent = parent, .weight = 1, .texts_equal = 1};
    c->session_sd = b->options->session.sd[id];
    c->session_df = b->options->session.df[id];
    c->values = mem_alloc((t->unit_count + 1) * sizeof *c->values);
    if (!c->values)
        return NULL;
    t->count++;
    return c;
}

/* What was measured on no side is no comparison. */
static void drop_empty(struct compare_table *t)
{
    struct comparison *c = &t->items[t->count - 1];
    if (isnan(c->median[0]) && isnan(c->median[1])) {
        mem_free(c->values);
        t->count--;
    }
}

/* A phase that only one side has values of would make its median, and says nothing of a difference. */
static int fill_item(struct builder *b, const struct compare_source *whole, struct comparison *c)
{
    struct text_list usable = {0};
    int status = compare_usable_phases(&b->runs, whole, &usable);
    struct compare_source source = *whole;
    if (usable.count)
        source.phases = &usable;
    c->phases_left_out = usable.count && !source.takes_largest ? whole->phases->count - usable.count : 0;
    if (!status)
        status = compare_unit_values(&b->runs, &source, c->values, c->dropped);
    if (!status)
        status = compare_run_values(&b->runs, &source, c);
    if (!status && isnan(c->session_sd))
        status = learn_session(b, &source, c);
    text_list_release(&usable);
    return status;
}

static int add_item(struct builder *b, enum compare_id id, const char *phase, size_t parent,
                    const struct text_list *phases)
{
    struct comparison *c = new_item(b, id, phase, parent);
    int is_memory = id == COMPARE_PEAK_RSS && !phase;
    struct compare_source source = {compare_value(id), is_memory, phases};
    int status = c ? fill_item(b, &source, c) : TT_NOMEM;
    if (!status)
        drop_empty(b->table);
    return status;
}

/* How much of the short phases' decode is left in the long ones: the difference of two logarithms. */
static int add_depth(struct builder *b, size_t parent)
{
    struct compare_source source = {compare_value(COMPARE_DECODE), 0, &b->phases[COMPARE_DECODE]};
    struct compare_source deep = {source.value, 0, &b->phases[COMPARE_DECODE_50K]};
    struct comparison *c = new_item(b, COMPARE_DEPTH, NULL, parent), medians = {0};
    double *below = mem_alloc((b->table->unit_count + 1) * sizeof *below);
    int status = c && below ? compare_unit_values(&b->runs, &source, below, c->dropped) : TT_NOMEM;
    if (!status) {
        medians.values = below;
        status = compare_run_values(&b->runs, &source, &medians);
    }
    if (!status)
        status = compare_unit_values(&b->runs, &deep, c->values, c->dropped);
    for (size_t u = 0; !status && u < b->table->unit_count; u++)
        c->values[u] -= below[u];
    if (!status)
        status = compare_run_values(&b->runs, &deep, c);
    for (int side = 0; !status && side < SIDES; side++)
        c->median[side] /= medians.median[side];
    mem_free(below);
    if (!status)
        drop_empty(b->table);
    return status;
}

/* ---- texts ---- */

static int gather_texts(const struct cell *cell, const struct text_list *phases, struct text_list *texts)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        char name[WORKLOAD_TEXT_KEY];
        snprintf(name, sizeof name, "%s %s", run->figures->text_sha256, cell_phase_name(cell, run));
        if (cell_run_is_valid(run) && compare_in_phases(cell, run, phases))
            status = text_list_intern(texts, name, NULL);
    }
    return status;
}

static void count_texts(const struct cell *cell, const struct text_list *phases,
                        const struct text_list *texts, struct comparison *c)
{
    c->texts_compared = c->texts_differing = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        char name[WORKLOAD_TEXT_KEY];
        snprintf(name, sizeof name, "%s %s", run->figures->text_sha256, cell_phase_name(cell, run));
        if (!cell_run_is_valid(run) || !compare_in_phases(cell, run, phases))
            continue;
        c->texts_compared++;
        c->texts_differing += text_list_find(texts, name) < 0;
    }
}

/* Runs of the new side whose text the base never gave in that phase. Digests of masked texts have keys. */
static int compare_texts(const struct builder *b, const struct text_list *phases, struct comparison *c)
{
    struct text_list texts = {0};
    int status = gather_texts(&b->sides[0].cell, phases, &texts);
    if (!status)
        count_texts(&b->sides[1].cell, phases, &texts, c);
    c->texts_equal = c->texts_differing == 0;
    if (compare_side_is_masked(&b->sides[0]) || compare_side_is_masked(&b->sides[1]))
        c->texts_equal = -1;
    if (c->texts_equal < 0)
        c->texts_differing = 0;
    text_list_release(&texts);
    return status;
}

/* ---- headlines and what explains them ---- */

static int add_phases(struct builder *b, enum compare_id id, size_t parent, const struct text_list *phases)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < phases->count; i++) {
        const struct text_list one = {&phases->items[i], 1, 1};
        long place = text_list_find(&b->sides[0].cell.phases, phases->items[i]);
        status = add_item(b, id, b->sides[0].cell.phases.items[place], parent, &one);
    }
    return status;
}

static int add_causes(struct builder *b, enum compare_id id, size_t parent, const struct text_list *phases)
{
    static const enum compare_id none = COMPARE_COUNT;
    static const enum compare_id causes[COMPARE_HEADLINES][5] = {
        [COMPARE_DECODE] = {COMPARE_STEP, COMPARE_TOKENS_PER_STEP, COMPARE_ACCEPTANCE, COMPARE_SOC_W,
                            COMPARE_COUNT},
        [COMPARE_DECODE_50K] = {COMPARE_DEPTH, COMPARE_STEP_50K, COMPARE_TOKENS_PER_STEP, COMPARE_ACCEPTANCE,
                                COMPARE_COUNT},
        [COMPARE_PREFILL] = {COMPARE_REUSE, COMPARE_COUNT},
        [COMPARE_TTFT] = {COMPARE_REUSE, COMPARE_PREFILL, COMPARE_COUNT},
        [COMPARE_J_PER_TOKEN] = {COMPARE_SOC_W, COMPARE_COUNT},
        [COMPARE_PEAK_RSS] = {COMPARE_COUNT},
    };
    int status = TT_OK;
    for (const enum compare_id *cause = causes[id]; !status && *cause != none; cause++) {
        if (*cause == b->table->items[parent].id)
            continue;
        status = *cause == COMPARE_DEPTH ? add_depth(b, parent) : add_item(b, *cause, NULL, parent, phases);
    }
    return status;
}

/* What the verdict is on, and what explains it. `shown` is what is measured there: decode, or its steps. */
static int add_judged(struct builder *b, enum compare_id headline, enum compare_id shown, double weight)
{
    const struct text_list *phases = &b->phases[headline];
    size_t place = b->table->count;
    int status = add_item(b, shown, NULL, COMPARE_HEADLINE, phases);
    if (status || b->table->count == place)
        return status;
    b->table->items[place].weight = weight;
    status = compare_texts(b, phases, &b->table->items[place]);
    if (!status)
        status = add_phases(b, shown, place, phases);
    return status ? status : add_causes(b, headline, place, phases);
}

/* Speculative decoding depends on the text: with other answers only its steps can be compared. */
static int add_headline(struct builder *b, enum compare_id id)
{
    int is_decode = id == COMPARE_DECODE || id == COMPARE_DECODE_50K;
    double weight = id == b->options->primary ? COMPARE_WEIGHT_PRIMARY : COMPARE_WEIGHT_OTHER;
    struct comparison texts = {.texts_equal = 1};
    int status = compare_texts(b, &b->phases[id], &texts);
    int speculates = compare_side_speculates(&b->sides[0]) || compare_side_speculates(&b->sides[1]);
    if (status || !is_decode || !speculates || texts.texts_equal == 1)
        return status ? status : add_judged(b, id, id, weight);
    size_t place = b->table->count;
    status = add_item(b, id, NULL, COMPARE_HEADLINE, &b->phases[id]);
    if (status || b->table->count == place)
        return status;
    struct comparison *c = &b->table->items[place];
    c->weight = 0;
    c->texts_equal = texts.texts_equal;
    c->texts_compared = texts.texts_compared;
    c->texts_differing = texts.texts_differing;
    return add_judged(b, id, id == COMPARE_DECODE ? COMPARE_STEP : COMPARE_STEP_50K, weight);
}

static int build(struct builder *b)
{
    const struct cell *earlier = &b->earlier->cell;
    size_t runs = b->earlier->has_cell ? earlier->run_count : 0;
    b->earlier_unit_of = mem_zalloc(runs + 1, sizeof *b->earlier_unit_of);
    int status = b->earlier_unit_of ? TT_OK : TT_NOMEM;
    for (size_t i = 0; !status && i < runs; i++)
        b->earlier_unit_of[i] = cell_run_at(earlier, i)->trace;
    b->runs = (struct compare_runs){{&b->sides[0].cell, &b->sides[1].cell},
                                    {b->table->unit_of[0], b->table->unit_of[1]},
                                    SIDES,
                                    b->table->unit_count};
    b->earlier_runs = (struct compare_runs){
        {earlier, NULL}, {b->earlier_unit_of, NULL}, 1, runs ? earlier->trace_count : 0};
    if (!status)
        status = choose_phases(b->sides, b->options->phases, b->phases);
    for (int id = 0; !status && id < COMPARE_HEADLINES; id++)
        status = add_headline(b, (enum compare_id)id);
    return status;
}

int compare_table_make(struct compare_table *t, const struct compare_side sides[SIDES],
                       const struct compare_side *earlier, const struct compare_options *options,
                       struct error *e)
{
    struct builder b = {.table = t, .sides = sides, .earlier = earlier, .options = options};
    memset(t, 0, sizeof *t);
    t->settings.margin = options->margin;
    t->primary = options->primary;
    int status = compare_units_make(t, sides);
    if (!status)
        status = build(&b);
    if (!status)
        status = compare_judge(t->items, t->count, t->units, t->unit_count, &t->settings);
    for (int i = 0; i < COMPARE_HEADLINES; i++)
        text_list_release(&b.phases[i]);
    mem_free(b.earlier_unit_of);
    if (!status && !t->count)
        return error_set(e, TT_USAGE, "no valid run on either side has a figure to compare");
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

void compare_table_release(struct compare_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        mem_free(t->items[i].values);
    mem_free(t->items);
    mem_free(t->units);
    for (int side = 0; side < SIDES; side++)
        mem_free(t->unit_of[side]);
    memset(t, 0, sizeof *t);
}

const struct comparison *compare_table_find(const struct compare_table *t, enum compare_id id)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->items[i].id == id && !t->items[i].phase && t->items[i].parent == COMPARE_HEADLINE)
            return &t->items[i];
    }
    return NULL;
}

double compare_peak(const struct compare_side *side)
{
    double peak = NAN;
    for (size_t i = 0; i < side->cell.run_count; i++) {
        const struct cell_run *run = cell_run_at(&side->cell, i);
        if (cell_run_is_base(run) && run->figures->decode_tokens >= PEAK_TOKENS_MIN &&
            !(peak >= run_decode(run)))
            peak = run_decode(run);
    }
    return peak;
}

double compare_valid_pct(const struct compare_side *side)
{
    size_t valid = 0;
    for (size_t i = 0; i < side->cell.run_count; i++)
        valid += (size_t)cell_run_is_valid(cell_run_at(&side->cell, i));
    return side->cell.run_count ? 100 * (double)valid / (double)side->cell.run_count : NAN;
}

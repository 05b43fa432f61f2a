/* SPDX-License-Identifier: MIT */
/* From the pooled runs of a cell to the figures of its row. */
#include <math.h>
#include <string.h>

#include "analyze/cell_cache.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"

#define PEAK_TOKENS_MIN 64

static enum grade grade_decode(const struct cell_run *run)
{
    return run->figures->decode_grade;
}

static enum grade grade_prefill(const struct cell_run *run)
{
    return run->figures->prefill_grade;
}

static enum grade grade_turn(const struct cell_run *run)
{
    return run->figures->decode_grade > GRADE_B ? run->figures->decode_grade : GRADE_B;
}

static enum grade grade_energy(const struct cell_run *run)
{
    return run->figures->energy.grade;
}

static enum grade grade_counted(const struct cell_run *run)
{
    (void)run;
    return GRADE_A;
}

static enum grade grade_derived(const struct cell_run *run)
{
    (void)run;
    return GRADE_B;
}

static int in_headline(const struct cell *cell, const struct cell_run *run, const void *context)
{
    (void)context;
    return cell_run_is_base(run) && cell_run_is_headline(cell, run);
}

static int is_base(const struct cell *cell, const struct cell_run *run, const void *context)
{
    (void)cell;
    (void)context;
    return cell_run_is_base(run);
}

/* `context` is a NULL-ended list of phase names; one that ends with '*' stands for all that begin so. */
static int in_phases(const struct cell *cell, const struct cell_run *run, const void *context)
{
    const char *phase = cell_phase_name(cell, run);
    for (const char *const *name = context; *name && cell_run_is_base(run); name++) {
        size_t len = strlen(*name);
        int is_prefix = (*name)[len - 1] == '*';
        if (is_prefix ? strncmp(phase, *name, len - 1) == 0 : strcmp(phase, *name) == 0)
            return 1;
    }
    return 0;
}

static const char *const cold_phase[] = {"cold", NULL}, *const prefix_phases[] = {"prefix-test-*", NULL},
                         *const long_phase[] = {"long-context", NULL},
                         *const uncached_phases[] = {"cold", "cold-prefix", "long-context", NULL};

/* The figures that are medians of single runs: over which runs, of what. */
static const struct {
    enum metric metric;
    cell_filter *filter;
    const char *const *phases;
    cell_value *value;
    cell_grade *grade;
} medians[] = {
    {METRIC_DECODE, in_headline, NULL, run_decode, grade_decode},
    {METRIC_DECODE_50K, in_phases, long_phase, run_decode, grade_decode},
    {METRIC_TTFT, in_headline, NULL, run_ttft, grade_derived},
    {METRIC_TTFT_COLD, in_phases, cold_phase, run_ttft, grade_derived},
    {METRIC_TTFT_PREFIX, in_phases, prefix_phases, run_ttft, grade_derived},
    {METRIC_TTFT_LONG, in_phases, long_phase, run_ttft, grade_derived},
    {METRIC_TURN, in_phases, prefix_phases, run_turn, grade_turn},
    {METRIC_PREFILL, in_phases, uncached_phases, run_prefill, grade_prefill},
    {METRIC_TOKENS_PER_STEP, in_headline, NULL, run_tokens_per_step, grade_derived},
    {METRIC_STEP, in_headline, NULL, run_step, grade_derived},
    {METRIC_TOK_S_PER_W, in_headline, NULL, run_tok_s_per_w, grade_energy},
    {METRIC_J_PER_TOKEN, in_headline, NULL, run_j_per_token, grade_energy},
    {METRIC_SOC_W, in_headline, NULL, run_soc_w, grade_energy},
    {METRIC_SOC_W_NET, in_headline, NULL, run_soc_w_net, grade_energy},
    {METRIC_STEADY_RSS, in_headline, NULL, run_rss, grade_counted},
};

#define MEDIANS (sizeof medians / sizeof medians[0])

static void fill_medians(const struct cell *cell, struct report_row *row, double *scratch)
{
    for (size_t i = 0; i < MEDIANS; i++)
        row->figures[medians[i].metric] = cell_median(cell, medians[i].filter, medians[i].phases,
                                                      medians[i].value, medians[i].grade, scratch);
}

size_t cell_trace_medians(const struct cell *cell, enum metric metric, double *out, double *scratch)
{
    size_t which = 0, traces = 0;
    while (which < MEDIANS && medians[which].metric != metric)
        which++;
    for (size_t t = 0; which < MEDIANS && t < cell->trace_count; t++) {
        size_t count = 0;
        for (size_t i = 0; i < cell->run_count; i++) {
            const struct cell_run *run = cell_run_at(cell, i);
            if (run->trace == t && medians[which].filter(cell, run, medians[which].phases) &&
                !isnan(medians[which].value(run)))
                scratch[count++] = medians[which].value(run);
        }
        if (count)
            out[traces++] = stats_median(scratch, count);
    }
    return traces;
}

/* The best run of enough tokens; n and spread are of all such runs. */
static void fill_peak(const struct cell *cell, struct report_row *row, double *scratch)
{
    size_t count = 0;
    struct figure peak = FIGURE_ABSENT;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        double decode = run_decode(run);
        if (!cell_run_is_base(run) || isnan(decode) || run->figures->decode_tokens == ABSENT ||
            run->figures->decode_tokens < PEAK_TOKENS_MIN)
            continue;
        scratch[count++] = decode;
        if (!(peak.value >= decode)) {
            peak.value = decode;
            peak.grade = run->figures->decode_grade;
        }
    }
    peak.n = count;
    row->figures[METRIC_PEAK] = peak;
}

/* One ratio over all base runs; its spread is that of the runs' own ratios. */
static void fill_acceptance(const struct cell *cell, struct report_row *row, double *scratch)
{
    double drafted = 0, accepted = 0;
    struct figure figure = cell_median(cell, is_base, NULL, run_acceptance, grade_counted, scratch);
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (!cell_run_is_base(run) || isnan(run_acceptance(run)))
            continue;
        drafted += (double)run->figures->draft_tokens;
        accepted += (double)run->figures->draft_accepted;
    }
    if (drafted > 0)
        figure.value = accepted / drafted;
    row->figures[METRIC_ACCEPTANCE] = figure;
}

static void fill_counts(const struct cell *cell, struct report_row *row)
{
    uint64_t valid = 0;
    row->runs_total = cell->run_count;
    row->repeats = cell_repeats(cell);
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        valid += (uint64_t)cell_run_is_valid(run);
        row->runs_failed += (uint64_t)cell_run_is_failed(run);
        row->early_stop += (uint64_t)(cell_run_is_valid(run) && run->figures->early_stop);
        if (run->figures->thinking_not_honoured)
            row->thinking_honoured = 0;
        else if (row->thinking_honoured < 0 && cell_run_is_valid(run))
            row->thinking_honoured = 1;
    }
    row->runs_ok = row->runs_total - row->runs_failed;
    if (row->runs_total)
        row->figures[METRIC_VALID] = (struct figure){100 * (double)valid / (double)row->runs_total,
                                                     row->runs_total, NAN, NAN, GRADE_A};
}

/* A trace without runs has nothing to be idle from. */
static void fill_idle(const struct cell *cell, struct report_row *row, double *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        if (i == 0 || cell_run_at(cell, i)->trace != cell_run_at(cell, i - 1)->trace)
            scratch[count++] = cell->traces[cell_run_at(cell, i)->trace].idle_w;
    }
    row->figures[METRIC_IDLE_W] = figure_of(scratch, count, GRADE_B);
}

/* The uncertainty of a median of windows is that of a typical one; t/s/W and watts have its relative size. */
static void fill_energy(const struct cell *cell, struct report_row *row, double *scratch)
{
    static const enum metric metrics[] = {METRIC_TOK_S_PER_W, METRIC_J_PER_TOKEN, METRIC_SOC_W};
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct energy_figures *energy = &cell_run_at(cell, i)->figures->energy;
        if (in_headline(cell, cell_run_at(cell, i), NULL) && !isnan(energy->decode_j))
            scratch[count++] = energy->decode_u_j / energy->decode_j;
    }
    double relative = stats_median(scratch, count);
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        row->figures[metrics[i]].uncertainty = relative * row->figures[metrics[i]].value;
    row->figures[METRIC_SOC_W_NET].uncertainty = row->figures[METRIC_SOC_W].uncertainty;
}

static void fill_memory(const struct cell *cell, struct report_row *row)
{
    if (cell->peak_rss != ABSENT)
        row->figures[METRIC_PEAK_RSS] =
            (struct figure){(double)cell->peak_rss, cell->trace_count, NAN, NAN, cell->peak_rss_grade};
    if (cell->peak_footprint != ABSENT)
        row->figures[METRIC_PEAK_FOOTPRINT] =
            (struct figure){(double)cell->peak_footprint, cell->trace_count, NAN, NAN, GRADE_B};
}

/* How the server told about its cache, over the valid runs. */
static void fill_cached_state(const struct cell *cell, struct report_row *row)
{
    static const char *const names[] = {
        [CACHED_ABSENT] = "absent", [CACHED_NULL] = "null", [CACHED_NUMBER] = "number"};
    for (size_t i = 0; i < cell->run_count; i++) {
        const char *own = names[cell_run_at(cell, i)->figures->cached_state];
        if (!cell_run_is_valid(cell_run_at(cell, i)))
            continue;
        row->cached_state = !row->cached_state || row->cached_state == own ? own : "mixed";
    }
}

/* Which ways of making a phase cold were used, and whether the server confirms that nothing was cached. */
static int fill_cold(const struct cell *cell, struct report_row *row)
{
    struct text_list methods = {0};
    struct buf joined = BUF_INIT;
    int status = TT_OK, told = 0, warm = 0;
    for (size_t i = 0; !status && i < cell->run_count; i++) {
        const struct run_figures *figures = cell_run_at(cell, i)->figures;
        if (figures->cold == COLD_NOT_ASKED || figures->cold == ABSENT)
            continue;
        status = text_list_intern(&methods, cold_method_name(figures->cold), NULL);
        if (figures->cached_state == CACHED_NUMBER) {
            told = 1;
            warm |= figures->cached_tokens > COLD_CACHED_MAX;
        }
    }
    text_list_sort(&methods);
    for (size_t i = 0; i < methods.count; i++)
        buf_printf(&joined, "%s%s", i ? "+" : "", methods.items[i]);
    if (methods.count)
        status = joined.failed ? joined.failed : row_set_text(&row->cold_method, buf_text(&joined));
    row->cold_verified = told ? !warm : -1;
    buf_release(&joined);
    text_list_release(&methods);
    return status;
}

/* The least clean end, and the content ids, each once. */
static int fill_provenance(const struct cell *cell, struct report_row *row)
{
    static const char *const ends[] = {"clean", "interrupted", "repaired", "incomplete"};
    int status = TT_OK, worst = 0;
    for (size_t i = 0; !status && i < cell->trace_count; i++) {
        const struct cell_trace *trace = &cell->traces[i];
        for (int k = worst; k < 4; k++)
            worst = strcmp(trace->closed, ends[k]) == 0 ? k : worst;
        if (trace->content_id[0])
            status = text_list_intern(&row->content_ids, trace->content_id, NULL);
    }
    text_list_sort(&row->content_ids);
    for (size_t i = 0; !status && i < cell->power_rails.count; i++)
        status = text_list_add(&row->power_rails, cell->power_rails.items[i]);
    row->closed = ends[worst];
    row->synthetic = cell_is_synthetic(cell);
    return status;
}

static int fill_names(const struct identity *id, struct report_row *row)
{
    const struct {
        char **slot;
        const char *text;
    } names[] = {
        {&row->cell, id->cell},     {&row->label, id->label},
        {&row->model, id->model},   {&row->model_file, id->model_file},
        {&row->engine, id->engine}, {&row->engine_version, id->engine_version},
        {&row->quant, id->quant},   {&row->speculative, id->speculative},
    };
    int status = TT_OK;
    for (size_t i = 0; !status && i < sizeof names / sizeof names[0]; i++)
        status = row_set_text(names[i].slot, names[i].text);
    return status;
}

int cell_row(const struct cell *cell, struct report_row *row)
{
    double *scratch = mem_alloc((cell->run_count + 1) * sizeof *scratch);
    if (!scratch)
        return TT_NOMEM;
    fill_medians(cell, row, scratch);
    fill_peak(cell, row, scratch);
    cell_fill_cache(cell, row, scratch);
    int status = cell_cache_notes(cell, &row->notes, scratch);
    fill_acceptance(cell, row, scratch);
    fill_energy(cell, row, scratch);
    fill_idle(cell, row, scratch);
    mem_free(scratch);
    fill_counts(cell, row);
    fill_memory(cell, row);
    fill_cached_state(cell, row);
    if (row->early_stop >= ROW_EARLY_STOPS_MAX)
        row->figures[METRIC_PEAK] = FIGURE_ABSENT;
    if (!status)
        status = fill_names(&cell->id, row);
    if (!status)
        status = fill_cold(cell, row);
    if (!status)
        status = fill_provenance(cell, row);
    return status ? status : cell_notes(cell, row);
}

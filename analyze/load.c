/* SPDX-License-Identifier: MIT */
#include "analyze/load.h"

#include <string.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"

static const double shares[LOAD_PERCENTILES] = {0.50, 0.95, 0.99};

static int is_of(const struct cell_run *run, size_t phase)
{
    return phase == LOAD_ALL_PHASES || run->phase == phase;
}

static void percentiles(const struct cell *cell, size_t phase, int whole, double *values,
                        double results[LOAD_PERCENTILES])
{
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (is_of(run, phase) && cell_run_is_valid(run))
            values[count++] = whole ? run->figures->due_total_ms : run->figures->due_ttft_ms;
    }
    stats_percentiles(values, count, shares, results, LOAD_PERCENTILES);
}

int load_line_of(const struct cell *cell, size_t phase, struct load_line *line)
{
    double *values = mem_alloc((cell->run_count + 1) * sizeof *values);
    memset(line, 0, sizeof *line);
    if (!values)
        return TT_NOMEM;
    for (size_t i = 0; i < cell->run_count; i++) {
        if (!is_of(cell_run_at(cell, i), phase))
            continue;
        line->runs++;
        line->valid += cell_run_is_valid(cell_run_at(cell, i)) != 0;
    }
    percentiles(cell, phase, 0, values, line->ttft_ms);
    percentiles(cell, phase, 1, values, line->latency_ms);
    mem_free(values);
    return TT_OK;
}

static double rate_of(const struct tape_burst *burst)
{
    return burst->tokens ? (double)burst->tokens / burst->seconds : NAN;
}

static double energy_of(const struct tape_burst *burst)
{
    return burst->tokens ? burst->joules / (double)burst->tokens : NAN;
}

static struct figure over_bursts(const struct cell *cell, double (*value)(const struct tape_burst *),
                                 enum grade worst, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < cell->burst_count; i++) {
        double one = value(&cell->bursts[i].burst);
        if (!isnan(one))
            values[count++] = one;
    }
    return figure_of(values, count, count ? worst : GRADE_NONE);
}

static enum grade worst_energy_grade(const struct cell *cell)
{
    enum grade worst = GRADE_A;
    for (size_t i = 0; i < cell->burst_count; i++)
        worst = cell->bursts[i].burst.grade > worst ? cell->bursts[i].burst.grade : worst;
    return worst;
}

int load_of(const struct cell *cell, struct load_figures *load)
{
    double *values = mem_alloc((cell->burst_count + 1) * sizeof *values);
    *load = (struct load_figures){.concurrency = cell->id.concurrency,
                                  .bursts = cell->burst_count,
                                  .least_tok_s = NAN,
                                  .most_tok_s = NAN};
    if (!values)
        return TT_NOMEM;
    load->tok_s = over_bursts(cell, rate_of, GRADE_A, values);
    if (load->tok_s.n) {
        load->least_tok_s = values[0]; /* figure_of sorts */
        load->most_tok_s = values[load->tok_s.n - 1];
    }
    load->j_per_token = over_bursts(cell, energy_of, worst_energy_grade(cell), values);
    mem_free(values);
    return TT_OK;
}

int load_note(const struct cell *cell, struct text_list *notes)
{
    struct load_figures load;
    struct load_line line;
    if (!cell->burst_count)
        return TT_OK;
    int status = load_of(cell, &load);
    if (!status)
        status = load_line_of(cell, LOAD_ALL_PHASES, &line);
    if (status || isnan(load.tok_s.value))
        return status;
    return text_list_addf(
        notes,
        "%llu conversations at once: %.1f tok/s together; from the intended start, TTFT p50 "
        "%.0f, p95 %.0f, p99 %.0f ms, whole answer p50 %.0f, p95 %.0f, p99 %.0f ms",
        (unsigned long long)load.concurrency, load.tok_s.value, line.ttft_ms[0], line.ttft_ms[1],
        line.ttft_ms[2], line.latency_ms[0], line.latency_ms[1], line.latency_ms[2]);
}

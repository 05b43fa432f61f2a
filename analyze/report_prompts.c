/* SPDX-License-Identifier: MIT */
#include "analyze/report_prompts.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/order.h"

/* One run's prompt, as its engine counted it. */
struct counted {
    const struct cell *cell;
    const struct run_figures *run;
    uint64_t key, tokens; /* of its prompt */
};

/* Two counts of the same bytes. */
struct pair {
    struct counted fewer, more;
    double ratio;
};

static int compare(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    int order = strcmp(x->cell->id.model, y->cell->id.model);
    if (!order)
        order = order_u64(x->key, y->key);
    if (!order)
        order = order_u64(x->tokens, y->tokens);
    return order ? order : (x->cell > y->cell) - (x->cell < y->cell);
}

static size_t collect(const struct report *report, struct counted *counts)
{
    size_t n = 0;
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->run_count; k++) {
            const struct run_figures *run = cell_run_at(cell, k)->figures;
            if (*cell->id.model && run->prompt_key != ABSENT && run->prompt_tokens != ABSENT &&
                run->prompt_tokens)
                counts[n++] = (struct counted){cell, run, run->prompt_key, run->prompt_tokens};
        }
    }
    return n;
}

static const char *phase_of(const struct counted *c)
{
    for (size_t i = 0; i < c->cell->run_count; i++) {
        if (cell_run_at(c->cell, i)->figures == c->run)
            return cell_phase_name(c->cell, cell_run_at(c->cell, i));
    }
    return "";
}

static struct report_row *row_of(struct report *report, const struct cell *cell)
{
    for (size_t i = 0; i < report->block_count; i++) {
        struct report_block *block = &report->blocks[i];
        for (size_t k = 0; k < block->row_count; k++) {
            if (&report->cells[block->rows[k].source] == cell)
                return &block->rows[k];
        }
    }
    return NULL;
}

static int tell(struct report *report, const struct pair *pair)
{
    const struct counted *ends[] = {&pair->fewer, &pair->more};
    struct buf text = BUF_INIT;
    int status = TT_OK;
    if (!(pair->ratio > 1 + PROMPT_COUNTS_WITHIN))
        return TT_OK;
    buf_printf(
        &text,
        "the same prompt ('%s') is %llu tokens to '%s' and %llu to '%s': their tokens per second, reuse "
        "and prefill are not of the same tokens",
        phase_of(&pair->fewer), (unsigned long long)pair->fewer.tokens, pair->fewer.cell->id.label,
        (unsigned long long)pair->more.tokens, pair->more.cell->id.label);
    if (text.failed)
        status = text.failed;
    if (!status)
        status = text_list_add(&report->warnings, buf_text(&text));
    for (size_t i = 0; i < 2 && !status; i++) {
        struct report_row *row = row_of(report, ends[i]->cell);
        status = row ? text_list_add(&row->notes, buf_text(&text)) : TT_OK;
    }
    buf_release(&text);
    return status;
}

/* The least and the most of one prompt, when they are of two cells. */
static void look_at_prompt(const struct counted *first, const struct counted *last, struct pair *worst)
{
    double ratio = (double)last->tokens / (double)first->tokens;
    if (first->cell != last->cell && ratio > worst->ratio)
        *worst = (struct pair){*first, *last, ratio};
}

static int compare_sorted(struct report *report, const struct counted *counts, size_t n)
{
    struct pair worst = {.ratio = 0};
    int status = TT_OK;
    for (size_t i = 0, end; i < n && !status; i = end) {
        end = i + 1;
        while (end < n && counts[end].key == counts[i].key &&
               strcmp(counts[end].cell->id.model, counts[i].cell->id.model) == 0)
            end++;
        look_at_prompt(&counts[i], &counts[end - 1], &worst);
        if (end == n || strcmp(counts[end].cell->id.model, counts[i].cell->id.model) != 0) {
            status = tell(report, &worst);
            worst.ratio = 0;
        }
    }
    return status;
}

int report_compare_prompts(struct report *report)
{
    size_t runs = 0;
    for (size_t i = 0; i < report->cell_count; i++)
        runs += report->cells[i].run_count;
    struct counted *counts = mem_alloc((runs + 1) * sizeof *counts);
    if (!counts)
        return TT_NOMEM;
    size_t n = collect(report, counts);
    if (n)
        qsort(counts, n, sizeof *counts, compare);
    int status = compare_sorted(report, counts, n);
    mem_free(counts);
    return status;
}

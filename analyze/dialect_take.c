/* SPDX-License-Identifier: MIT */
#include "analyze/dialect_take.h"

#include "formats/alloc.h"
#include "formats/error.h"

/* --- the samples of a cell --- */

static void release_all(struct samples *samples, size_t count)
{
    for (size_t i = 0; samples && i < count; i++)
        samples_release(&samples[i]);
    mem_free(samples);
}

void dialect_cell_release(struct dialect_cell *cell, const struct dialect *d)
{
    release_all(cell->theirs, d->measure_count);
    release_all(cell->ours, d->measure_count);
    *cell = (struct dialect_cell){NULL, NULL};
}

int dialect_cell_make_room(struct dialect_cell *cell, const struct dialect *d)
{
    if (!cell->theirs)
        cell->theirs = mem_zalloc(d->measure_count, sizeof *cell->theirs);
    if (!cell->ours)
        cell->ours = mem_zalloc(d->measure_count, sizeof *cell->ours);
    return cell->theirs && cell->ours ? TT_OK : TT_NOMEM;
}

int dialect_cell_join(struct dialect_cell *cell, const struct dialect *d, struct dialect_cell *from)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < d->measure_count; i++) {
        status = samples_join(&cell->theirs[i], &from->theirs[i]);
        if (!status)
            status = samples_join(&cell->ours[i], &from->ours[i]);
    }
    return status;
}

/* --- taking them --- */

static const struct survey *survey_of(const struct dialect *d, size_t measure)
{
    return d->measures[measure].theirs.survey;
}

int dialect_taker_init(struct dialect_taker *t, const struct dialect *d)
{
    *t = (struct dialect_taker){.dialect = d};
    t->states = mem_zalloc(d->measure_count, sizeof *t->states);
    if (!t->states)
        return TT_NOMEM;
    for (size_t i = 0; i < d->measure_count; i++) {
        const struct survey *survey = survey_of(d, i);
        if (survey && !(t->states[i] = mem_zalloc(1, survey->state_size)))
            return TT_NOMEM;
    }
    return dialect_cell_make_room(&t->cell, d);
}

static void release_states(struct dialect_taker *t)
{
    for (size_t i = 0; t->states && i < t->dialect->measure_count; i++) {
        const struct survey *survey = survey_of(t->dialect, i);
        if (t->states[i] && survey->release)
            survey->release(t->states[i]);
        mem_free(t->states[i]);
    }
    mem_free(t->states);
    t->states = NULL;
}

void dialect_taker_release(struct dialect_taker *t)
{
    release_states(t);
    dialect_cell_release(&t->cell, t->dialect);
}

static int collect(const struct dialect *d, const struct heard_trace *heard, const struct collector *from,
                   const struct heard *answer, struct samples *out)
{
    if (from->many)
        return from->many(d, heard, answer, out);
    return from->value ? samples_add(out, from->value(d, answer), 1) : TT_OK;
}

static int take_theirs(struct dialect_taker *t, size_t measure, const struct heard_trace *heard,
                       const struct heard *answer)
{
    const struct collector *from = &t->dialect->measures[measure].theirs;
    if (from->survey)
        return from->survey->add(t->dialect, heard, answer, t->states[measure]);
    return collect(t->dialect, heard, from, answer, &t->cell.theirs[measure]);
}

int dialect_take(struct dialect_taker *t, const struct heard_trace *heard, const struct heard *answer)
{
    const struct dialect *d = t->dialect;
    int is_theirs = dialect_counts(d, answer), is_ours = heard_is_valid(answer), status = TT_OK;
    for (size_t i = 0; !status && i < d->measure_count; i++) {
        if (is_theirs)
            status = take_theirs(t, i, heard, answer);
        if (!status && is_ours)
            status = collect(d, heard, &d->measures[i].ours, answer, &t->cell.ours[i]);
    }
    return status;
}

int dialect_take_surveys(struct dialect_taker *t, const struct heard_trace *heard)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < t->dialect->measure_count; i++) {
        const struct survey *survey = survey_of(t->dialect, i);
        if (survey)
            status = survey->finish(heard, t->states[i], &t->cell.theirs[i]);
    }
    return status;
}

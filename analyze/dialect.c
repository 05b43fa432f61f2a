/* SPDX-License-Identifier: MIT */
#include "analyze/dialect.h"

#include <math.h>
#include <string.h>

#include "analyze/dialect_list.h"

#define DECLARED(name, symbol) extern const struct dialect symbol;
DIALECTS(DECLARED)

const enum statistic only_sum[] = {STAT_SUM, STAT_END}, only_mean[] = {STAT_MEAN, STAT_END},
                     only_median[] = {STAT_MEDIAN, STAT_END}, only_max[] = {STAT_MAX, STAT_END};

#define LISTED(listed, symbol) {listed, &symbol},
static const struct {
    const char *name;
    const struct dialect *dialect;
} all[] = {DIALECTS(LISTED)};

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].dialect;
    }
    return NULL;
}

const char *dialect_name(const struct dialect *d)
{
    size_t i = 0;
    while (all[i].dialect != d)
        i++;
    return all[i].name;
}

#define NOT_ANSWERED                                                                                         \
    (INVALID_NO_ANSWER | INVALID_STATUS | INVALID_TRANSPORT_CUT | INVALID_TIMEOUT | INVALID_UNFINISHED |     \
     INVALID_LOST)

int dialect_counts(const struct dialect *d, const struct heard *answer)
{
    const struct run_figures *f = answer->figures;
    if (!f || answer->is_replaced || (f->invalid & NOT_ANSWERED) || heard_first(answer, d->fails_on))
        return 0;
    return !d->wants_chunk || heard_first(answer, d->accepts);
}

int heard_is_valid(const struct heard *answer)
{
    return answer->figures && !answer->is_replaced && !answer->figures->invalid;
}

static double ns_or_nan(int64_t ns)
{
    return ns == HEARD_NEVER ? NAN : (double)ns;
}

double dialect_start(const struct dialect *d, const struct heard *answer)
{
    switch (d->start) {
    case START_CONNECTING:
        return ns_or_nan(answer->start_ns);
    case START_DUE:
        return ns_or_nan(answer->due_ns == HEARD_NEVER ? answer->start_ns : answer->due_ns);
    case START_SENDING:
        break;
    }
    return 0;
}

double dialect_first(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *first = heard_first(answer, d->accepts);
    return first ? (double)first->ns : NAN;
}

double dialect_end(const struct dialect *d, const struct heard *answer)
{
    const struct heard_chunk *last = NULL;
    if (d->end == END_ACCEPTED)
        last = heard_last(answer, d->accepts);
    if (d->end == END_DONE)
        last = heard_first(answer, HEARD_DONE);
    if (last)
        return (double)last->ns;
    return d->end == END_ACCEPTED ? NAN : ns_or_nan(answer->last_read_ns);
}

static double carried(const struct heard *answer, unsigned bits)
{
    double tokens = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (answer->chunks[i].holds & bits)
            tokens += answer->chunks[i].tokens;
    }
    return tokens;
}

static double chunks_of(const struct heard *answer, unsigned bits)
{
    double count = 0;
    for (size_t i = 0; i < answer->count; i++)
        count += (answer->chunks[i].holds & bits) != 0;
    return count;
}

double dialect_tokens(const struct dialect *d, const struct heard *answer)
{
    switch (d->tokens) {
    case TOKENS_OF_USAGE:
        return answer->usage.completion_tokens != ABSENT ? (double)answer->usage.completion_tokens
                                                         : chunks_of(answer, d->accepts);
    case TOKENS_OF_USAGE_ALONE:
        return answer->usage_alone_tokens != ABSENT && answer->usage_alone_tokens
                   ? (double)answer->usage_alone_tokens
                   : carried(answer, HEARD_CONTENT);
    case TOKENS_OF_TEXT:
        break;
    }
    return carried(answer, d->accepts & HEARD_TEXT);
}

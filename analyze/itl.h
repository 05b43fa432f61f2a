/* SPDX-License-Identifier: MIT */
/* Inter-token latency: the gaps between an answer's token-bearing reads, and three ways to give them to
 * tokens when a read brought several. */
#ifndef TOKTAPE_ITL_H
#define TOKTAPE_ITL_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/statistics.h"

enum itl_policy {
    ITL_EVEN, /* the tokens of a read share the gap before it */
    ITL_ZERO, /* the first token of a read has all of it, the others came with it: 0 */
    ITL_STEP, /* the gap is one sample, however many tokens the read brought */
    ITL_POLICIES
};

#define ITL_PERCENTILES 4

extern const double itl_percentiles[ITL_PERCENTILES]; /* 0.5, 0.9, 0.95, 0.99 */

/* "even", "zero", "step", and back; ITL_POLICIES when there is none of that name. */
const char *itl_policy_name(enum itl_policy policy);
enum itl_policy itl_policy_find(const char *name);

struct token_time;

/* The token-bearing reads of one answer, and the clock of their stamps: nanoseconds = ticks × numer ÷ denom.
 * Everything is borrowed. */
struct itl_reads {
    const struct token_time *times;
    size_t count; /* without the silent tokens behind the last of them */
    uint64_t ticks_numer, ticks_denom;
};

/* Fills `samples`, which has room for reads->count, with milliseconds and how many tokens each is of; returns
 * how many there are. A read that the count gave no token waits, but for ITL_STEP, for the next that has
 * some. Stamps that run backwards give NAN. */
size_t itl_collect(enum itl_policy policy, const struct itl_reads *reads, struct counted_value *samples);

#endif

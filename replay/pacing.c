/* SPDX-License-Identifier: MIT */
#include "replay/pacing.h"

#include <stddef.h>

#define FINE_BITS 5 /* 2^5 buckets between one power of two and the next */
#define FINE      (1u << FINE_BITS)

static unsigned highest_bit(uint64_t v)
{
    unsigned bit = 0;
    while (v >>= 1)
        bit++;
    return bit;
}

/* Values below FINE have a bucket each; above, the FINE_BITS bits behind the highest one choose it. */
static size_t bucket_of(uint64_t ns)
{
    if (ns < FINE)
        return (size_t)ns;
    unsigned shift = highest_bit(ns) - FINE_BITS;
    size_t bucket = (size_t)shift * FINE + (size_t)(ns >> shift);
    return bucket < PACING_BUCKETS ? bucket : PACING_BUCKETS - 1;
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_top(size_t bucket)
{
    if (bucket < 2 * FINE)
        return bucket;
    unsigned shift = (unsigned)(bucket / FINE) - 1;
    uint64_t mantissa = bucket % FINE + FINE;
    return ((mantissa + 1) << shift) - 1;
}

void pacing_note(struct pacing *p, uint64_t late_ns)
{
    p->counts[bucket_of(late_ns)]++;
    p->total++;
    if (late_ns > p->worst_ns)
        p->worst_ns = late_ns;
}

void pacing_merge(struct pacing *into, const struct pacing *from)
{
    for (size_t i = 0; i < PACING_BUCKETS; i++)
        into->counts[i] += from->counts[i];
    into->total += from->total;
    if (from->worst_ns > into->worst_ns)
        into->worst_ns = from->worst_ns;
}

uint64_t pacing_quantile_ns(const struct pacing *p, double share)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < PACING_BUCKETS; i++) {
        seen += p->counts[i];
        if (seen > 0 && (double)seen >= share * (double)p->total)
            return bucket_top(i) < p->worst_ns ? bucket_top(i) : p->worst_ns;
    }
    return p->worst_ns;
}

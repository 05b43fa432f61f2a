/* SPDX-License-Identifier: MIT */
#include "analyze/packed_values.h"

#include <math.h>
#include <string.h>

#include "formats/error.h"
#include "formats/shelf.h"

/* --- a value as its whole grains, and the doubles between them ---
 *
 * Most are differences of whole nanoseconds, given in milliseconds: then the grain is the value, and
 * neighbours differ by a few grains. */

#define GRAINS_OF_ONE 1e6
#define GRAIN_MAX     (INT64_C(1) << 52)
#define GRAIN_BELOW   (-GRAIN_MAX - 1) /* of everything that is less */

struct place {
    int64_t grain;
    uint64_t rest; /* doubles from the grain's own value to this one */
};

/* Whole numbers in the order of the doubles. */
static uint64_t rank_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double of_rank(uint64_t rank)
{
    double value;
    uint64_t bits = rank >> 63 ? rank & ~(UINT64_C(1) << 63) : ~rank;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double of_grain(int64_t grain)
{
    return (double)grain / GRAINS_OF_ONE;
}

static uint64_t grain_rank(int64_t grain)
{
    return grain == GRAIN_BELOW ? 0 : rank_of(of_grain(grain));
}

/* The greatest grain that is not above the value; the product may be off by one in its last digit. */
static int64_t grain_of(double value)
{
    double product = floor(value * GRAINS_OF_ONE);
    int64_t grain = product < (double)-GRAIN_MAX  ? GRAIN_BELOW
                    : product > (double)GRAIN_MAX ? GRAIN_MAX
                                                  : (int64_t)product;
    while (grain > GRAIN_BELOW && of_grain(grain) > value)
        grain--;
    while (grain < GRAIN_MAX && of_grain(grain + 1) <= value)
        grain++;
    return grain;
}

/* The value's grain where it is one and not negative, which most are, without much ado; else GRAIN_BELOW. */
static int64_t same_grain(double value)
{
    if (!(value >= 0 && value < of_grain(GRAIN_MAX)))
        return GRAIN_BELOW;
    int64_t nearest = (int64_t)(value * GRAINS_OF_ONE + 0.5);
    return order_doubles(of_grain(nearest), value) == 0 ? nearest : GRAIN_BELOW;
}

static struct place place_of(double value)
{
    int64_t grain = same_grain(value);
    if (grain != GRAIN_BELOW)
        return (struct place){grain, 0};
    grain = grain_of(value);
    return (struct place){grain, rank_of(value) - grain_rank(grain)};
}

/* --- packed --- */

#define PACKED_BYTES 6 /* of most */

#define HAS_REST  1U
#define HAS_COUNT 2U
#define FLAG_BITS 2

void packed_values_init(struct packed_values *p, size_t limit, size_t expected)
{
    *p = (struct packed_values){.grain = GRAIN_BELOW};
    buf_init_shelved(&p->bytes, limit);
    if (!buf_reserve(&p->bytes, expected < limit ? expected : limit))
        buf_clear(&p->bytes); /* then it grows as it goes */
}

void packed_values_release(struct packed_values *p)
{
    buf_release(&p->bytes);
}

int packed_values_add(struct packed_values *p, const struct counted_value *value)
{
    struct place place = place_of(value->value);
    uint64_t head = (uint64_t)(place.grain - p->grain) << FLAG_BITS;
    head |= (place.rest ? HAS_REST : 0) | (value->count > 1 ? HAS_COUNT : 0);
    buf_uvarint(&p->bytes, head);
    if (place.rest)
        buf_uvarint(&p->bytes, place.rest);
    if (value->count > 1)
        buf_uvarint(&p->bytes, value->count);
    p->grain = place.grain;
    p->count++;
    shelf_walk(PACKED_BYTES);
    return p->bytes.failed;
}

struct packed_cursor packed_values_rising(const struct packed_values *p)
{
    return (struct packed_cursor){buf_bytes(&p->bytes), GRAIN_BELOW};
}

struct counted_value packed_values_next(struct packed_cursor *c)
{
    uint64_t head, rest = 0, count = 1;
    if (take_uvarint(&c->left, &head))
        return (struct counted_value){0, 0};
    if (head & HAS_REST)
        (void)take_uvarint(&c->left, &rest);
    if (head & HAS_COUNT)
        (void)take_uvarint(&c->left, &count);
    c->grain += (int64_t)(head >> FLAG_BITS);
    shelf_walk(PACKED_BYTES);
    double value = rest ? of_rank(grain_rank(c->grain) + rest) : of_grain(c->grain);
    return (struct counted_value){value, count};
}

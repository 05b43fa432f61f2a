/* SPDX-License-Identifier: MIT */
#include "analyze/samples.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/shelf.h"

#define FRESH_MIN        4096
#define PACKED_PER_FRESH 8 /* all of these are packed again for every fresh one */

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

static void pack(struct buf *packed, int64_t *last, const struct counted_value *value)
{
    struct place place = place_of(value->value);
    uint64_t head = (uint64_t)(place.grain - *last) << FLAG_BITS;
    head |= (place.rest ? HAS_REST : 0) | (value->count > 1 ? HAS_COUNT : 0);
    buf_uvarint(packed, head);
    if (place.rest)
        buf_uvarint(packed, place.rest);
    if (value->count > 1)
        buf_uvarint(packed, value->count);
    *last = place.grain;
}

static struct counted_value unpack(struct bytes *packed, int64_t *last)
{
    uint64_t head, rest = 0, count = 1;
    if (take_uvarint(packed, &head))
        return (struct counted_value){0, 0};
    if (head & HAS_REST)
        (void)take_uvarint(packed, &rest);
    if (head & HAS_COUNT)
        (void)take_uvarint(packed, &count);
    *last += (int64_t)(head >> FLAG_BITS);
    double value = rest ? of_rank(grain_rank(*last) + rest) : of_grain(*last);
    return (struct counted_value){value, count};
}

/* --- walking --- */

struct samples_cursor samples_rising(struct samples *s)
{
    if (!s->is_sorted)
        stats_sort_counted(s->fresh, s->fresh_count);
    s->is_sorted = 1;
    struct samples_cursor c = {.packed = buf_bytes(&s->packed), .grain = GRAIN_BELOW};
    c.fresh = s->fresh;
    c.fresh_end = s->fresh_count ? s->fresh + s->fresh_count : s->fresh;
    c.next_packed = unpack(&c.packed, &c.grain);
    return c;
}

static uint64_t sum_or_most(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

int samples_next(struct samples_cursor *c, struct counted_value *value)
{
    int has_packed = c->next_packed.count > 0, has_fresh = c->fresh < c->fresh_end;
    if (!has_packed && !has_fresh)
        return 0;
    if (has_packed && (!has_fresh || c->next_packed.value <= c->fresh->value)) {
        shelf_walk(PACKED_BYTES);
        *value = c->next_packed;
        c->next_packed = unpack(&c->packed, &c->grain);
    } else {
        *value = *c->fresh++;
    }
    for (; c->fresh < c->fresh_end && c->fresh->value <= value->value; c->fresh++)
        value->count = sum_or_most(value->count, c->fresh->count);
    return 1;
}

/* --- adding --- */

static int pack_fresh(struct samples *s)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value value;
    struct buf packed;
    int64_t last = GRAIN_BELOW;
    size_t count = 0;
    buf_init_shelved(&packed, s->packed.limit ? s->packed.limit : SAMPLES_BYTES_MAX);
    (void)buf_reserve(&packed, s->packed.len); /* it will not be shorter */
    for (; !packed.failed && samples_next(&cursor, &value); count++) {
        pack(&packed, &last, &value);
        shelf_walk(PACKED_BYTES);
    }
    int status = packed.failed;
    if (status) {
        buf_release(&packed);
        return status;
    }
    buf_release(&s->packed);
    s->packed = packed;
    s->packed_count = count;
    s->fresh_count = 0;
    return TT_OK;
}

int samples_add(struct samples *s, double value, uint64_t count)
{
    if (!isfinite(value) || !count)
        return TT_OK;
    int is_full = s->fresh_count >= FRESH_MIN && s->fresh_count >= s->packed_count / PACKED_PER_FRESH;
    int status = is_full ? pack_fresh(s) : TT_OK;
    if (!status)
        status = mem_grow(&s->fresh, &s->fresh_capacity, s->fresh_count + 1, sizeof *s->fresh);
    if (status)
        return status;
    s->fresh[s->fresh_count++] = (struct counted_value){value + 0.0, count}; /* -0 is 0 */
    s->is_sorted = 0;
    s->total = sum_or_most(s->total, count);
    return TT_OK;
}

int samples_join(struct samples *s, struct samples *from)
{
    struct samples_cursor cursor = samples_rising(from);
    struct counted_value value;
    int status = TT_OK;
    if (!s->total) {
        samples_release(s);
        *s = *from;
        *from = (struct samples){0};
        return TT_OK;
    }
    while (!status && samples_next(&cursor, &value))
        status = samples_add(s, value.value, value.count);
    samples_release(from);
    return status;
}

void samples_release(struct samples *s)
{
    mem_free(s->fresh);
    buf_release(&s->packed);
    *s = (struct samples){0};
}

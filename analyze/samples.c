/* SPDX-License-Identifier: MIT */
#include "analyze/samples.h"

#include <math.h>

#include "formats/alloc.h"
#include "formats/error.h"

#define FRESH_MAX 4096

/* --- walking --- */

static void drop_list(struct samples_cursor *c, size_t i)
{
    c->list_count--;
    c->lists[i] = c->lists[c->list_count];
    c->heads[i] = c->heads[c->list_count];
}

/* Of the fresh ones and of the lists from `first` on. */
static struct samples_cursor rising_from(struct samples *s, size_t first)
{
    struct samples_cursor c = {.list_count = s->list_count - first};
    if (!s->is_sorted)
        stats_sort_counted(s->fresh, s->fresh_count);
    s->is_sorted = 1;
    c.fresh = s->fresh;
    c.fresh_end = s->fresh_count ? s->fresh + s->fresh_count : s->fresh;
    for (size_t i = 0; i < c.list_count; i++) {
        c.lists[i] = packed_values_rising(&s->lists[first + i]);
        c.heads[i] = packed_values_next(&c.lists[i]);
    }
    return c;
}

struct samples_cursor samples_rising(struct samples *s)
{
    return rising_from(s, 0);
}

static uint64_t sum_or_most(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static const struct counted_value *least(const struct samples_cursor *c)
{
    const struct counted_value *found = c->fresh < c->fresh_end ? c->fresh : NULL;
    for (size_t i = 0; i < c->list_count; i++) {
        if (!found || c->heads[i].value < found->value)
            found = &c->heads[i];
    }
    return found;
}

int samples_next(struct samples_cursor *c, struct counted_value *value)
{
    const struct counted_value *found = least(c);
    if (!found)
        return 0;
    *value = (struct counted_value){found->value, 0};
    for (size_t i = c->list_count; i-- > 0;) {
        if (c->heads[i].value > value->value)
            continue;
        value->count = sum_or_most(value->count, c->heads[i].count);
        c->heads[i] = packed_values_next(&c->lists[i]);
        if (!c->heads[i].count)
            drop_list(c, i);
    }
    for (; c->fresh < c->fresh_end && c->fresh->value <= value->value; c->fresh++)
        value->count = sum_or_most(value->count, c->fresh->count);
    return 1;
}

/* --- adding --- */

/* The first of the lists that are merged with `count` newer values, so that those before are long enough. */
static size_t first_to_merge(const struct samples *s, size_t count)
{
    size_t first = s->list_count;
    for (; first > 0 && s->lists[first - 1].count <= 2 * count; first--)
        count += s->lists[first - 1].count;
    return first;
}

static size_t bytes_of(const struct packed_values *lists, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += lists[i].bytes.len;
    return bytes;
}

/* For one list more behind `count` others; never 0, which would mean a limit of the buffer's own. */
static size_t bytes_left(const struct samples *s, size_t count)
{
    size_t limit = s->limit ? s->limit : SAMPLES_BYTES_MAX, used = bytes_of(s->lists, count);
    return limit > used ? limit - used : 1;
}

/* Puts `list` where those from `first` on stand, which it has the values of. */
static void replace_lists(struct samples *s, size_t first, const struct packed_values *list)
{
    for (size_t i = first; i < s->list_count; i++)
        packed_values_release(&s->lists[i]);
    s->lists[first] = *list;
    s->list_count = first + 1;
    s->fresh_count = 0;
}

/* Packs the fresh ones and the lists from `first` on as one. */
static int merge_from(struct samples *s, size_t first)
{
    struct samples_cursor cursor = rising_from(s, first);
    struct counted_value value;
    struct packed_values list;
    int status = first < SAMPLES_LISTS_MAX ? TT_OK : TT_LIMIT;
    packed_values_init(&list, bytes_left(s, first), bytes_of(s->lists + first, s->list_count - first));
    while (!status && samples_next(&cursor, &value))
        status = packed_values_add(&list, &value);
    if (status)
        packed_values_release(&list);
    else
        replace_lists(s, first, &list);
    return status;
}

/* Values that several lists have are kept once where room is short. */
static int pack_fresh(struct samples *s)
{
    if (!s->lists && !(s->lists = mem_zalloc(SAMPLES_LISTS_MAX, sizeof *s->lists)))
        return TT_NOMEM;
    size_t first = first_to_merge(s, s->fresh_count);
    int status = merge_from(s, first);
    return status == TT_LIMIT && first ? merge_from(s, 0) : status;
}

int samples_add(struct samples *s, double value, uint64_t count)
{
    if (!isfinite(value) || !count)
        return TT_OK;
    int status = s->fresh_count == FRESH_MAX ? pack_fresh(s) : TT_OK;
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
    for (size_t i = 0; i < s->list_count; i++)
        packed_values_release(&s->lists[i]);
    mem_free(s->lists);
    *s = (struct samples){0};
}

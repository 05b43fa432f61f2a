/* SPDX-License-Identifier: MIT */
#include "analyze/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"

/* A prompt on its way through the sorting. */
struct sorted_text {
    struct bytes text;
    size_t index;
};

static size_t common_bytes(struct bytes a, struct bytes b)
{
    size_t shorter = a.len < b.len ? a.len : b.len, i = 0;
    while (i < shorter && a.data[i] == b.data[i])
        i++;
    return i;
}

/* An id ends with the byte that has no high bit; a half one at the end is no id. */
static uint32_t units_of(enum overlap_unit unit, struct bytes text, size_t len)
{
    uint32_t ids = 0;
    if (unit == OVERLAP_BYTES)
        return (uint32_t)len;
    for (size_t i = 0; i < len; i++)
        ids += text.data[i] < 0x80;
    return ids;
}

static int compare_texts(const void *a, const void *b)
{
    const struct sorted_text *x = a, *y = b;
    size_t shorter = x->text.len < y->text.len ? x->text.len : y->text.len;
    int order = shorter ? memcmp(x->text.data, y->text.data, shorter) : 0;
    if (!order)
        order = (x->text.len > y->text.len) - (x->text.len < y->text.len);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* In sorted order, what two texts have in common is the least that any neighbours between them have. */
static void fill_table(struct overlap *o, const struct sorted_text *sorted, const uint32_t *neighbours)
{
    for (size_t i = 0; i < o->count; i++) {
        size_t row = sorted[i].index;
        uint32_t least = units_of(o->unit, sorted[i].text, sorted[i].text.len);
        o->common[row * o->count + row] = least;
        for (size_t k = i + 1; k < o->count; k++) {
            size_t column = sorted[k].index;
            least = neighbours[k] < least ? neighbours[k] : least;
            o->common[row * o->count + column] = o->common[column * o->count + row] = least;
        }
    }
}

static void compare_all(struct overlap *o, const struct bytes *texts, struct sorted_text *sorted,
                        uint32_t *neighbours)
{
    for (size_t i = 0; i < o->count; i++)
        sorted[i] = (struct sorted_text){texts[i], i};
    if (o->count)
        qsort(sorted, o->count, sizeof *sorted, compare_texts);
    for (size_t i = 1; i < o->count; i++)
        neighbours[i] = units_of(o->unit, sorted[i].text, common_bytes(sorted[i - 1].text, sorted[i].text));
    fill_table(o, sorted, neighbours);
}

int overlap_init(struct overlap *o, enum overlap_unit unit, const struct bytes *texts, size_t count)
{
    memset(o, 0, sizeof *o);
    if (count > OVERLAP_PROMPTS_MAX)
        return TT_LIMIT;
    struct sorted_text *sorted = mem_alloc((count + 1) * sizeof *sorted);
    uint32_t *neighbours = mem_zalloc(count + 1, sizeof *neighbours);
    o->common = mem_zalloc(count * count + 1, sizeof *o->common);
    int status = sorted && neighbours && o->common ? TT_OK : TT_NOMEM;
    if (!status) {
        o->unit = unit;
        o->count = count;
        compare_all(o, texts, sorted, neighbours);
    }
    mem_free(sorted);
    mem_free(neighbours);
    return status;
}

void overlap_release(struct overlap *o)
{
    mem_free(o->common);
    memset(o, 0, sizeof *o);
}

uint32_t overlap_common(const struct overlap *o, uint64_t a, uint64_t b)
{
    return a < o->count && b < o->count ? o->common[a * o->count + b] : 0;
}

uint32_t overlap_length(const struct overlap *o, uint64_t prompt)
{
    return overlap_common(o, prompt, prompt);
}

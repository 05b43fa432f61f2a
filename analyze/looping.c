/* SPDX-License-Identifier: MIT */
#include "analyze/looping.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/utf8.h"

#define PROBES_MAX 64

static int is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

/* Code points with every run of white space as one blank; `folded` has room for `len` of them. */
static size_t fold(const unsigned char *text, size_t len, uint32_t *folded)
{
    size_t n = 0, size;
    for (size_t at = 0; at < len; at += size) {
        uint32_t c = utf8_decode(text + at, len - at, &size);
        if (!is_space(c))
            folded[n++] = c;
        else if (n && folded[n - 1] != ' ')
            folded[n++] = ' ';
    }
    return n;
}

/* Grams are told apart by 64 bits of a mixing hash: two of a few million collide with a chance of about 1 in
 * a million, which moves the share by as little. 0 marks a free slot of the table. */
static uint64_t gram_hash(const uint32_t *gram)
{
    uint64_t h = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < LOOPING_GRAM; i++) {
        h = (h ^ gram[i]) * 0xFF51AFD7ED558CCDu;
        h ^= h >> 32;
    }
    return h ? h : 1;
}

/* Puts h into the table; 1 when it was not there. A text made to collide ends after PROBES_MAX, unstored. */
static int is_new(uint64_t *table, size_t slots, uint64_t h)
{
    for (size_t i = 0; i < PROBES_MAX; i++) {
        uint64_t *slot = &table[(h + i) & (slots - 1)];
        if (*slot == h)
            return 0;
        if (!*slot) {
            *slot = h;
            return 1;
        }
    }
    return 1;
}

static size_t distinct_grams(const uint32_t *text, size_t grams, uint64_t *table, size_t slots)
{
    size_t distinct = 0;
    memset(table, 0, slots * sizeof *table);
    for (size_t i = 0; i < grams; i++)
        distinct += (size_t)is_new(table, slots, gram_hash(text + i));
    return distinct;
}

static double share_of_distinct(const uint32_t *text, size_t n, uint64_t *table, size_t slots)
{
    size_t grams = n - LOOPING_GRAM + 1;
    return n < LOOPING_MIN ? NAN : (double)distinct_grams(text, grams, table, slots) / (double)grams;
}

static size_t slots_for(size_t n)
{
    size_t slots = 512;
    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

int looping_ratio(const void *text, size_t len, double *ratio)
{
    *ratio = NAN;
    if (len < LOOPING_MIN)
        return TT_OK;
    uint64_t *table = NULL;
    uint32_t *folded = mem_alloc(len * sizeof *folded);
    size_t n = folded ? fold(text, len, folded) : 0, slots = slots_for(n);
    if (n >= LOOPING_MIN)
        table = mem_alloc(slots * sizeof *table);
    if (table) {
        double whole = share_of_distinct(folded, n, table, slots);
        double half = share_of_distinct(folded + n / 2, n - n / 2, table, slots);
        *ratio = half < whole ? half : whole;
    }
    int failed = !folded || (n >= LOOPING_MIN && !table);
    mem_free(table);
    mem_free(folded);
    return failed ? TT_NOMEM : TT_OK;
}

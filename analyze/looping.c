/* SPDX-License-Identifier: MIT */
#include "analyze/looping.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/utf8.h"

#define PROBES_MAX        64
#define LOOPING_SLOTS_MAX ((size_t)1 << 18)            /* 1 MiB */
#define MULTIPLIER        UINT64_C(0x9E3779B97F4A7C15) /* odd, with its bits well spread */

/* A place in the text that moves code point by code point, every run of white space being one blank, and none
 * in front. */
struct folder {
    const unsigned char *text;
    size_t len, at;
    int in_space;
};

static int is_space(uint32_t c)
{
    if (c > ' ' && c < 0x80)
        return 0;
    if (c <= ' ')
        return c == ' ' || (c >= 9 && c <= 13);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static int next_code_point(struct folder *f, uint32_t *c)
{
    while (f->at < f->len) {
        size_t size = 1;
        int was_in_space = f->in_space;
        *c = f->text[f->at];
        if (*c >= 0x80)
            *c = utf8_decode(f->text + f->at, f->len - f->at, &size);
        f->at += size;
        f->in_space = is_space(*c);
        if (!f->in_space)
            return 1;
        *c = ' ';
        if (!was_in_space)
            return 1;
    }
    return 0;
}

/* Steps over up to `count` code points; returns how many there were. */
static size_t pass_over(struct folder *f, size_t count)
{
    uint32_t c;
    size_t n = 0;
    while (n < count && next_code_point(f, &c))
        n++;
    return n;
}

/* Grams that were seen, by a hash of 32 bits and their place: two different ones are taken for one in about 1
 * of 2^30 cases. 0 is a free slot. A long text is passed over several times, each pass taking its share of
 * all possible grams, so that the set stays small however long the text is. */
struct gram_set {
    uint32_t *slots;
    size_t mask;
    uint64_t pass, passes;
    size_t distinct;
};

static int gram_set_init(struct gram_set *set, size_t grams)
{
    size_t slots = 512;
    while (slots < 2 * grams && slots < LOOPING_SLOTS_MAX)
        slots *= 2;
    set->slots = mem_alloc(slots * sizeof *set->slots);
    set->mask = slots - 1;
    set->passes = (2 * grams - 1) / slots + 1;
    return set->slots ? TT_OK : TT_NOMEM;
}

static void gram_set_begin(struct gram_set *set, uint64_t pass)
{
    memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    set->pass = pass;
    set->distinct = 0;
}

/* A text made to collide ends after PROBES_MAX, unstored. */
static void gram_set_add(struct gram_set *set, uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= MULTIPLIER;
    if (set->passes > 1 && (hash & UINT32_MAX) % set->passes != set->pass)
        return;
    uint32_t print = (uint32_t)(hash >> 32) | 1;
    for (size_t i = 0; i < PROBES_MAX; i++) {
        uint32_t *slot = &set->slots[((hash >> 20) + i) & set->mask];
        if (*slot == print)
            return;
        if (!*slot) {
            *slot = print;
            break;
        }
    }
    set->distinct++;
}

/* Adds the `grams` grams that begin from `f` on, their hashes rolling: each code point comes in, and goes out
 * LOOPING_GRAM later. */
static void add_grams(struct gram_set *set, struct folder f, size_t grams)
{
    uint32_t window[LOOPING_GRAM] = {0}, c;
    uint64_t hash = 0, leaving = 1;
    for (int i = 0; i < LOOPING_GRAM; i++)
        leaving *= MULTIPLIER;
    for (size_t i = 0; i < grams + LOOPING_GRAM - 1 && next_code_point(&f, &c); i++) {
        uint32_t *oldest = &window[i % LOOPING_GRAM];
        hash = hash * MULTIPLIER + c - leaving * *oldest;
        *oldest = c;
        if (i >= LOOPING_GRAM - 1)
            gram_set_add(set, hash);
    }
}

static double share(size_t distinct, size_t grams)
{
    return grams + LOOPING_GRAM - 1 < LOOPING_MIN ? NAN : (double)distinct / (double)grams;
}

/* The last half first: with the first half added, the same set holds the grams of the whole. */
int looping_ratio(const void *text, size_t len, double *ratio)
{
    struct folder start = {text, len, 0, 1}, middle = start, end = start;
    struct gram_set set;
    *ratio = NAN;
    size_t n = pass_over(&end, len);
    if (n < LOOPING_MIN)
        return TT_OK;
    if (gram_set_init(&set, n))
        return TT_NOMEM;
    size_t grams = n - LOOPING_GRAM + 1, skipped = pass_over(&middle, n / 2), in_half = 0, in_whole = 0;
    for (uint64_t pass = 0; pass < set.passes; pass++) {
        gram_set_begin(&set, pass);
        add_grams(&set, middle, grams - skipped);
        in_half += set.distinct;
        add_grams(&set, start, skipped);
        in_whole += set.distinct;
    }
    double half = share(in_half, grams - skipped), whole = share(in_whole, grams);
    *ratio = half < whole ? half : whole;
    mem_free(set.slots);
    return TT_OK;
}

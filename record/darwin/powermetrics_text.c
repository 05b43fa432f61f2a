/* SPDX-License-Identifier: MIT */
#include "record/darwin/powermetrics_text.h"

#include <string.h>

#include "formats/error.h"
#include "formats/schema.h"

#define UJ_MAX UINT64_C(1000000000000000) /* 1 GJ in an interval is no measurement */

/* The keys on the way to where we are: keys[d] is the last one at depth d. */
struct place {
    char keys[POWERMETRICS_DEPTH_MAX][POWERMETRICS_KEY_MAX];
    size_t depth;
    int is_over; /* the list was closed */
};

/* A tag without its brackets, and the text up to the next one. */
struct piece {
    const char *tag, *text;
    size_t tag_len, text_len;
};

/* Where the energies stand. The GPU's is among the processor's on some versions, apart on others. */
static const struct {
    const char *group, *key;
    enum powermetrics_energy energy;
} energies[] = {
    {"processor", "cpu_energy", POWERMETRICS_CPU},
    {"processor", "gpu_energy", POWERMETRICS_GPU},
    {"processor", "ane_energy", POWERMETRICS_ANE},
    {"gpu", "gpu_energy", POWERMETRICS_GPU},
};

static int is_tag(const struct piece *p, const char *name)
{
    return p->tag_len == strlen(name) && memcmp(p->tag, name, p->tag_len) == 0;
}

static int opens(const struct piece *p)
{
    return is_tag(p, "dict") || is_tag(p, "array");
}

static int closes(const struct piece *p)
{
    return is_tag(p, "/dict") || is_tag(p, "/array");
}

static void take_key(struct place *at, const struct piece *p)
{
    char *key = at->keys[at->depth];
    size_t len = p->text_len < POWERMETRICS_KEY_MAX ? p->text_len : 0;
    memcpy(key, p->text, len);
    key[len] = '\0';
}

/* A decimal number of millijoules as microjoules, rounded down; ABSENT for anything else, for a negative one
 * and a huge one. */
static uint64_t thousandfold(const char *text, size_t len)
{
    uint64_t number = 0;
    size_t i = 0, digits = 0, decimals = 0;
    for (; i < len && text[i] >= '0' && text[i] <= '9' && number < UJ_MAX; i++, digits++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    if (i < len && text[i] == '.')
        i++;
    for (; i < len && text[i] >= '0' && text[i] <= '9' && number < UJ_MAX; i++, decimals++)
        number = decimals < 3 ? number * 10 + (uint64_t)(text[i] - '0') : number;
    for (; decimals < 3; decimals++)
        number *= 10;
    return digits && i == len && number <= UJ_MAX ? number : ABSENT;
}

/* No key of the same name further down counts: clusters and cores have their own. */
static void take_number(const struct place *at, const struct piece *p, struct powermetrics_sample *sample)
{
    uint64_t number = thousandfold(p->text, p->text_len);
    for (size_t i = 0; at->depth == 2 && i < sizeof energies / sizeof energies[0]; i++) {
        if (strcmp(at->keys[1], energies[i].group) == 0 && strcmp(at->keys[2], energies[i].key) == 0 &&
            sample->energy_uj[energies[i].energy] == ABSENT)
            sample->energy_uj[energies[i].energy] = number;
    }
}

static int take(struct place *at, const struct piece *p, struct powermetrics_sample *sample)
{
    if (opens(p)) {
        if (++at->depth == POWERMETRICS_DEPTH_MAX)
            return TT_SYNTAX;
        at->keys[at->depth][0] = '\0';
    } else if (closes(p)) {
        if (!at->depth--)
            return TT_SYNTAX;
    } else if (is_tag(p, "key")) {
        take_key(at, p);
    } else if (is_tag(p, "integer") || is_tag(p, "real")) {
        take_number(at, p, sample);
    } else if (is_tag(p, "/plist")) {
        at->is_over = at->depth == 0;
    }
    return TT_OK;
}

/* 0 when there is no further tag. */
static int next_piece(const char **text, const char *end, struct piece *p)
{
    const char *open = memchr(*text, '<', (size_t)(end - *text));
    const char *close = open ? memchr(open, '>', (size_t)(end - open)) : NULL;
    if (!close)
        return 0;
    const char *next = memchr(close, '<', (size_t)(end - close));
    p->tag = open + 1;
    p->tag_len = (size_t)(close - open) - 1;
    p->text = close + 1;
    p->text_len = (size_t)((next ? next : end) - close) - 1;
    *text = close + 1;
    return 1;
}

int powermetrics_parse(const char *text, size_t len, struct powermetrics_sample *sample)
{
    struct place at = {.depth = 0};
    struct piece piece;
    const char *end = text + len;
    int status = TT_OK, found = 0;
    *sample = (struct powermetrics_sample){{ABSENT, ABSENT, ABSENT}};
    while (!status && !at.is_over && next_piece(&text, end, &piece))
        status = take(&at, &piece, sample);
    for (int i = 0; i < POWERMETRICS_ENERGIES; i++)
        found |= sample->energy_uj[i] != ABSENT;
    if (status || !at.is_over)
        return TT_SYNTAX;
    return found ? TT_OK : TT_NOTFOUND;
}

/* SPDX-License-Identifier: MIT */
#include "formats/block_text.h"

#include <stdio.h>
#include <string.h>

#include "formats/prng.h"

#define WORD_MAX 48

/* Nobody's language: consonants and vowels in turn. */
static size_t make_word(struct prng *random, char word[WORD_MAX])
{
    static const char consonants[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";
    size_t syllables = 1 + (size_t)prng_below(random, 3), len = 0;
    for (size_t i = 0; i < syllables; i++) {
        word[len++] = consonants[prng_below(random, sizeof consonants - 1)];
        word[len++] = vowels[prng_below(random, sizeof vowels - 1)];
    }
    if (prng_below(random, 2))
        word[len++] = consonants[prng_below(random, sizeof consonants - 1)];
    word[len++] = prng_below(random, 12) ? ' ' : '.';
    if (word[len - 1] == '.')
        word[len++] = ' ';
    return len;
}

static void append(struct buf *out, size_t end, const char *word, size_t len)
{
    size_t room = end - out->len;
    buf_append(out, word, len < room ? len : room);
}

/* Letters that depend on all of the block's number come first, so that two blocks part as early as text can;
 * the number itself makes sure that they do. */
int block_text(struct buf *out, uint64_t scope, uint64_t id, size_t bytes)
{
    struct prng random;
    char word[WORD_MAX];
    size_t end = out->len + bytes;
    uint64_t seed = scope;
    prng_seed(&random, prng_splitmix(&seed) ^ id);
    for (int i = 0; i < 4; i++)
        word[i] = (char)('a' + prng_below(&random, 26));
    int len =
        snprintf(word + 4, sizeof word - 4, "%llx.%llx ", (unsigned long long)id, (unsigned long long)scope);
    append(out, end, word, (size_t)len + 4);
    while (out->len < end && !out->failed)
        append(out, end, word, make_word(&random, word));
    return out->failed;
}

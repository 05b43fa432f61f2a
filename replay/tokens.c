/* SPDX-License-Identifier: MIT */
#include "replay/tokens.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"

#define LETTERS_MAX 5
#define DIGITS_MAX  3
#define BLANKS_MAX  6
#define MARKER_MAX  32

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t count_while(int test(char), const char *text, size_t len, size_t most)
{
    size_t n = 0;
    while (n < len && n < most && test(text[n]))
        n++;
    return n;
}

/* "<|name|>" is one token, as the special tokens of chat templates are. */
static size_t marker_length(const char *text, size_t len)
{
    if (len < 5 || text[0] != '<' || text[1] != '|')
        return 0;
    for (size_t i = 2; i + 1 < len && i < MARKER_MAX; i++) {
        if (text[i] == '|')
            return text[i + 1] == '>' ? i + 2 : 0;
        if (!is_letter(text[i]) && text[i] != '_')
            return 0;
    }
    return 0;
}

size_t token_length(const char *text, size_t len)
{
    size_t marker = marker_length(text, len);
    if (marker)
        return marker;
    size_t lead = len > 1 && text[0] == ' ' && !is_blank(text[1]);
    size_t rest = len - lead;
    if (is_letter(text[lead]))
        return lead + count_while(is_letter, text + lead, rest, LETTERS_MAX);
    if (is_digit(text[lead]))
        return lead + count_while(is_digit, text + lead, rest, DIGITS_MAX);
    if (!lead && is_blank(text[0])) {
        size_t n = count_while(is_blank, text, len, BLANKS_MAX);
        /* The last blank before a word belongs to the word. */
        return n > 1 && n < len && text[n - 1] == ' ' && !is_blank(text[n]) ? n - 1 : n;
    }
    return lead && marker_length(text + lead, rest) ? lead : lead + 1;
}

uint32_t token_id(const char *text, size_t len)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash & 0x7fffffffu;
}

void tokens_init(struct tokens *t, size_t limit)
{
    memset(t, 0, sizeof *t);
    t->limit = limit;
}

int tokens_append_id(struct tokens *t, uint32_t id)
{
    t->total++;
    if (t->count == t->limit)
        return TT_OK;
    if (mem_grow(&t->ids, &t->capacity, t->count + 1, sizeof *t->ids))
        return TT_NOMEM;
    t->ids[t->count++] = id;
    return TT_OK;
}

int tokens_append(struct tokens *t, const char *text, size_t len)
{
    while (len) {
        size_t n = token_length(text, len);
        int status = tokens_append_id(t, token_id(text, n));
        if (status)
            return status;
        text += n;
        len -= n;
    }
    return TT_OK;
}

void tokens_release(struct tokens *t)
{
    size_t limit = t->limit;
    mem_free(t->ids);
    tokens_init(t, limit);
}

/* Words of at most five letters, so that each is one token. */
static const char nouns[] =
    "apple arch ash barn basin bay beach bell birch bird boat book bowl box brick brook bulb "
    "cabin cable camp cave cedar chart city clay cliff clock cloud coal coast coin cup dawn deck "
    "delta desk door dune dust eagle earth edge ember farm fence fern field fire flame floor flute "
    "fog frost fruit gate glass grain grass grove gulf hall harp hawk hill honey horse house ink "
    "iron isle ivy jar kite lake lamp leaf lens light lion loom map maple marsh mead mill mint "
    "moon moss night north oak ocean olive otter owl path peak pearl pier pine plain plum pond "
    "quill rain reed reef ridge river road robin rock root rope rose sail salt sand shell ship "
    "shore sky slate smoke snow song star steam stone storm sun table tide tower track trail train "
    "tree vale vine wall water wave well west wheel wind wolf wood yard";
static const char verbs[] = "asks bends binds blows burns calls cares casts cools cross cuts draws dries "
                            "fades feeds finds fills folds forms gains gives glows grows hears hides holds "
                            "joins keeps knows leads leans lifts lines lists makes marks meets melts mends "
                            "moves names needs opens pairs parts pays picks plays pulls reads rests rides "
                            "rings rises saves seeks sees sends shows sings skims sorts spans spins takes "
                            "tells tends tests tilts tracs trims turns wakes walks wants warms wears winds "
                            "works";
static const char adjectives[] =
    "amber bare black blue bold brave brief broad brown calm clean clear cold cool coral dark "
    "deep dense dim dry early even faint fair far fast fine firm first flat fresh full gold "
    "good gray great green hard high huge humid ideal icy keen kind large last late lean left "
    "light lone long loud low lucid mild misty near new noble odd old open pale plain prime "
    "proud pure quick quiet rapid rare raw red rich ripe rough round royal sharp short shy "
    "slow small soft solid sour stark steep still sunny sweet swift tall tame thick thin tidy "
    "tiny tough true vast vivid warm white wide wild wise young";
static const char determiners[] = "the a each one this that some every no its our their";
static const char prepositions[] =
    "above after along among at below by down for from in into like near of off on onto "
    "over past to under until up upon with";

static size_t word_count(const char *list)
{
    size_t n = 1;
    for (; *list; list++)
        n += *list == ' ';
    return n;
}

/* Copies word number `index` of a list, cut to what fits a token behind its blank. */
static size_t copy_word(char *to, const char *list, uint64_t index)
{
    size_t n = 0;
    while (index) {
        if (*list++ == ' ')
            index--;
    }
    for (; *list && *list != ' ' && n < LETTERS_MAX; list++)
        to[n++] = *list;
    return n;
}

/* Determiner, adjective, noun, verb, determiner, noun, preposition, adjective, noun, full stop. */
static const char *const sentence[] = {determiners, adjectives,   nouns,      verbs, determiners,
                                       nouns,       prepositions, adjectives, nouns};
#define SENTENCE_WORDS (sizeof sentence / sizeof sentence[0])

void prose_init(struct prose *p, uint64_t seed)
{
    prng_seed(&p->prng, seed);
    p->place = 0;
}

void prose_next(struct prose *p, char text[PROSE_TOKEN_MAX])
{
    if (p->place == SENTENCE_WORDS) {
        memcpy(text, ".", 2);
        p->place = 0;
        return;
    }
    const char *list = sentence[p->place];
    text[0] = ' ';
    size_t n = 1 + copy_word(text + 1, list, prng_below(&p->prng, word_count(list)));
    text[n] = '\0';
    if (p->place == 0)
        text[1] = (char)(text[1] - 'a' + 'A');
    p->place++;
}

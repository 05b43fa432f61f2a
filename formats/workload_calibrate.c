/* SPDX-License-Identifier: MIT */
/* Fitting the texts of "agentic-8" to one tokeniser. */
#include <string.h>

#include "formats/agentic_text.h"
#include "formats/workload_builtin.h"

#define GROWTH_MAX         8     /* times the usual size: no tokeniser in use packs text so tightly */
#define CUTS_MAX           64    /* places tried around the right size */
#define CALIBRATED_CONTEXT 57344 /* 6000 + 50000 tokens, an answer of 200, and room for a chat template */

/* May follow a cut, up to the end of any of its words: most of them cost one token each, and they read like
 * what they are. */
static const char link_words[] = " and so on in the same way as in all of the rest of it";

struct fitting {
    struct agentic_source source;
    workload_count_fn *count;
    void *context;
    struct buf text; /* the candidate at hand */
    struct error *error;
};

/* Counts the tokens of a candidate, which stays in f->text. */
static int measure(struct fitting *f, size_t bytes, size_t link_len, uint64_t *tokens)
{
    *tokens = 0;
    buf_clear(&f->text);
    agentic_source_text(&f->source, bytes, (struct bytes){(const unsigned char *)link_words, link_len},
                        &f->text);
    if (f->text.failed)
        return error_set(f->error, (enum tt_err)f->text.failed, "no room for the texts of '%s'",
                         AGENTIC_NAME);
    return f->count(f->context, buf_text(&f->text), f->text.len, tokens, f->error);
}

static int is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* Letters and digits; everything outside ASCII counts, so that no character is ever cut in two. */
static int is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* The body may be cut here: behind something visible, and not inside a word. */
static int is_cut(const struct agentic_source *s, size_t at)
{
    const unsigned char *p = s->body.data;
    return at > 0 && at < s->body.len && !is_space(p[at - 1]) && !(is_word(p[at - 1]) && is_word(p[at]));
}

/* The nearest cut before `at` (0 when there is none), or after it (the body's end when there is none). */
static size_t cut_before(const struct agentic_source *s, size_t at)
{
    while (at > 0 && !is_cut(s, --at))
        ;
    return at;
}

static size_t cut_after(const struct agentic_source *s, size_t at)
{
    while (at < s->body.len && !is_cut(s, ++at))
        ;
    return at;
}

static int no_fit(const struct fitting *f)
{
    return error_set(
        f->error, TT_UNSUPPORTED,
        "no text of '%s' has exactly %llu tokens with this tokeniser; record without calibration",
        AGENTIC_NAME, (unsigned long long)f->source.tokens);
}

/* Sets *high to a cut whose text has more tokens than wanted. */
static int find_upper_cut(struct fitting *f, size_t *high)
{
    for (size_t size = f->source.usual; size <= f->source.usual * GROWTH_MAX; size += size / 4) {
        uint64_t tokens;
        int status = agentic_source_grow(&f->source, size, f->error);
        *high = cut_before(&f->source, size);
        if (!status)
            status = measure(f, *high, 0, &tokens);
        if (status || tokens > f->source.tokens)
            return status;
    }
    return no_fit(f);
}

/* Finds, by halving, two neighbouring cuts of which the first has at most the wanted number of tokens and the
 * second has more. *cut is the first, 0 when even the ending alone is too long. */
static int find_cut(struct fitting *f, size_t *cut)
{
    size_t low = 0, high = 0;
    int status = find_upper_cut(f, &high);
    while (!status) {
        uint64_t tokens;
        size_t middle = cut_before(&f->source, low + (high - low) / 2 + 1);
        if (middle <= low)
            middle = cut_after(&f->source, low);
        if (middle >= high)
            break;
        status = measure(f, middle, 0, &tokens);
        if (tokens <= f->source.tokens)
            low = middle;
        else
            high = middle;
    }
    *cut = low;
    return status;
}

/* The length of the link's first `words` words, or 0 when it has fewer. */
static size_t link_length(size_t words)
{
    const char *p = link_words;
    while (words && *p) {
        p += 1 + strcspn(p + 1, " ");
        words--;
    }
    return words ? 0 : (size_t)(p - link_words);
}

/* Tries one cut with ever longer links. Returns 1 when the text in f->text fits, 0 when none does, or an
 * error. */
static int try_links(struct fitting *f, size_t cut)
{
    for (size_t words = 0, link = 0; words == 0 || link; link = link_length(++words)) {
        uint64_t tokens;
        int status = measure(f, cut, link, &tokens);
        if (status)
            return status;
        if (tokens >= f->source.tokens)
            return tokens == f->source.tokens;
    }
    return 0;
}

static int fit(struct fitting *f, enum agentic_which which)
{
    size_t cut = 0;
    int status = agentic_source_open(&f->source, which, f->error);
    if (!status)
        status = find_cut(f, &cut);
    for (int tried = 0; !status && tried < CUTS_MAX && cut; tried++) {
        int fits = try_links(f, cut);
        if (fits)
            return fits > 0 ? TT_OK : fits;
        cut = cut_before(&f->source, cut);
    }
    return status ? status : no_fit(f);
}

static int fit_text(enum agentic_which which, workload_count_fn *count, void *context, struct buf *text,
                    struct error *e)
{
    struct fitting f = {.count = count, .context = context, .text = BUF_INIT, .error = e};
    int status = fit(&f, which);
    if (!status)
        buf_append(text, f.text.data, f.text.len);
    if (!status && text->failed)
        status = error_set(e, (enum tt_err)text->failed, "no room for the texts of '%s'", AGENTIC_NAME);
    agentic_source_release(&f.source);
    buf_release(&f.text);
    return status;
}

static int check_untouched(const struct workload *w, struct error *e)
{
    struct workload original;
    int status = workload_agentic(&original, e);
    if (!status && strcmp(original.sha256, w->sha256) != 0)
        status = error_set(e, TT_UNSUPPORTED,
                           "only the built-in workload '%s' can be calibrated, and only once", AGENTIC_NAME);
    workload_release(&original);
    return status;
}

int workload_calibrate(struct workload *w, workload_count_fn *count, void *context, struct error *e)
{
    struct buf texts[AGENTIC_TEXTS];
    struct workload fitted;
    int status = check_untouched(w, e);
    for (int i = 0; i < AGENTIC_TEXTS; i++) {
        buf_init(&texts[i], 0);
        if (!status)
            status = fit_text((enum agentic_which)i, count, context, &texts[i], e);
    }
    if (!status)
        status = agentic_workload(&fitted, texts, CALIBRATED_CONTEXT, e);
    if (!status) {
        workload_release(w);
        *w = fitted;
        w->is_calibrated = 1;
    }
    for (int i = 0; i < AGENTIC_TEXTS; i++)
        buf_release(&texts[i]);
    return status;
}

/* SPDX-License-Identifier: MIT */
#include "analyze/compare_fail_on.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/student.h"

static int misread(const char *text, struct error *e)
{
    return error_set(e, TT_USAGE,
                     "--fail-on wants 'METRIC slower|faster|more|less N%%' with one of decode, decode-50k, "
                     "prefill, ttft, j-per-token, ram, not '%.100s'",
                     text);
}

/* The next word; its length goes to *len, 0 at the end. */
static const char *next_word(const char *text, size_t *len)
{
    text += strspn(text, " \t");
    *len = strcspn(text, " \t");
    return text;
}

/* 1 when it means more of the metric, -1 less, 0 no such word. */
static int direction(const char *word, size_t len, enum compare_id id)
{
    int better = compare_metric(id)->more_is_better ? 1 : -1;
    if (len == 6 && strncmp(word, "slower", len) == 0)
        return -better;
    if (len == 6 && strncmp(word, "faster", len) == 0)
        return better;
    if (len == 4 && strncmp(word, "more", len) == 0)
        return 1;
    return len == 4 && strncmp(word, "less", len) == 0 ? -1 : 0;
}

int fail_clause_parse(struct fail_clause *clause, const char *text, struct error *e)
{
    size_t len;
    char *end;
    const char *word = next_word(text, &len);
    *clause = (struct fail_clause){.text = text, .id = compare_find(word, len)};
    if (clause->id >= COMPARE_HEADLINES)
        return misread(text, e);
    word = next_word(word + len, &len);
    clause->sign = direction(word, len, clause->id);
    if (!clause->sign)
        return misread(text, e);
    word = next_word(word + len, &len);
    clause->limit = strtod(word, &end) / 100;
    if (!len || end == word || !isfinite(clause->limit) || clause->limit < 0)
        return misread(text, e);
    end += strspn(end, " \t");
    end += *end == '%';
    return end[strspn(end, " \t")] ? misread(text, e) : TT_OK;
}

static void test_clause(struct fail_clause *f, const struct comparison *c, double alpha)
{
    f->alpha = alpha;
    f->p = f->shift = NAN;
    f->is_tested = f->has_fired = 0;
    if (!c)
        return;
    f->shift = c->shift;
    int is_large = f->sign * c->shift > 0 && f->sign * c->shift >= f->limit - COMPARE_SAME;
    int is_certain = c->verdict == VERDICT_CHANGED || c->verdict == VERDICT_EQUAL;
    f->is_tested = is_certain || !isnan(c->p);
    if (is_certain)
        f->has_fired = is_large;
    else if (f->is_tested) {
        f->p = student_upper_tail(f->sign * c->effect.d / c->effect.se, c->effect.df);
        f->has_fired = is_large && f->p <= alpha;
    }
}

int fail_clauses_test(struct fail_clause *clauses, size_t count, const struct compare_table *table)
{
    int fired = 0;
    for (size_t i = 0; i < count; i++) {
        test_clause(&clauses[i], compare_table_find(table, clauses[i].id), COMPARE_ALPHA / (double)count);
        fired |= clauses[i].has_fired;
    }
    return fired;
}

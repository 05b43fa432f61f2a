/* SPDX-License-Identifier: MIT */
/* The built-in workload "agentic-8": its phases, the variety of its texts, and fitting them to a tokeniser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/workload.h"

/* Changing any text, rule or seed changes this; whoever does makes new recordings incomparable with old ones.
 */
#define AGENTIC_SHA256 "57336a966f45398ed1c3d78b67b92bbdbe68c3981e7301e45fa2281fc99dfc43"

static const char *const names[] = {"cold",          "warm",        "prefix-test-1", "prefix-test-2",
                                    "prefix-test-3", "cold-prefix", "long-context",  "long-prefix"};

/* The texts of one phase. */
struct prompt {
    cJSON *messages;
    const char *system, *user;
};

static struct prompt prompt_of(const struct workload *w, const char *phase)
{
    struct prompt p = {NULL, NULL, NULL};
    long i = workload_find(w, phase);
    assert_true(i >= 0);
    p.messages = json_parse(w->phases[i].messages, strlen(w->phases[i].messages), JSON_FILE_MAX, NULL);
    assert_int_equal(cJSON_GetArraySize(p.messages), 2);
    assert_string_equal(json_string(cJSON_GetArrayItem(p.messages, 0), "role"), "system");
    assert_string_equal(json_string(cJSON_GetArrayItem(p.messages, 1), "role"), "user");
    p.system = json_string(cJSON_GetArrayItem(p.messages, 0), "content");
    p.user = json_string(cJSON_GetArrayItem(p.messages, 1), "content");
    assert_non_null(p.system);
    assert_non_null(p.user);
    return p;
}

static int make(void **state)
{
    struct workload *w = test_calloc(1, sizeof *w);
    *state = w;
    return workload_builtin(w, "agentic-8", NULL);
}

static int drop(void **state)
{
    workload_release(*state);
    test_free(*state);
    return 0;
}

static const char *messages_of(const struct workload *w, const char *phase)
{
    return w->phases[workload_find(w, phase)].messages;
}

static void test_phases(void **state)
{
    const struct workload *w = *state;
    assert_string_equal(w->name, "agentic-8");
    assert_int_equal(w->context_needed, 65536);
    assert_int_equal(w->phase_count, 8);
    for (size_t i = 0; i < 8; i++) {
        const struct workload_phase *p = &w->phases[i];
        assert_string_equal(p->name, names[i]);
        assert_int_equal(p->max_tokens, i < 6 ? 400 : 200);
        assert_int_equal(p->is_long, i >= 6);
        assert_int_equal(p->cold, i == 0 || i == 5 || i == 6);
        assert_int_equal(p->headline, i == 1 || i == 6);
        assert_null(p->tools);
    }
}

static void test_which_prompts_are_the_same(void **state)
{
    const struct workload *w = *state;
    assert_string_equal(messages_of(w, "cold"), messages_of(w, "warm"));
    assert_string_equal(messages_of(w, "cold"), messages_of(w, "prefix-test-2"));
    assert_string_equal(messages_of(w, "prefix-test-1"), messages_of(w, "prefix-test-3"));
    assert_string_equal(messages_of(w, "long-context"), messages_of(w, "long-prefix"));
    struct prompt a = prompt_of(w, "cold"), y = prompt_of(w, "prefix-test-1"),
                  b = prompt_of(w, "cold-prefix");
    struct prompt l = prompt_of(w, "long-context");
    assert_string_equal(a.system, y.system);
    assert_string_equal(a.system, l.system);
    assert_string_equal(a.user, b.user);
    cJSON_Delete(a.messages);
    cJSON_Delete(y.messages);
    cJSON_Delete(b.messages);
    cJSON_Delete(l.messages);
}

static size_t common_beginning(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    return i;
}

static void test_different_texts_differ_from_the_first_word(void **state)
{
    struct prompt a = prompt_of(*state, "cold"), y = prompt_of(*state, "prefix-test-1");
    struct prompt b = prompt_of(*state, "cold-prefix"), l = prompt_of(*state, "long-context");
    assert_true(common_beginning(a.system, b.system) < 4);
    assert_true(common_beginning(a.user, y.user) < 4);
    assert_true(common_beginning(a.user, l.user) < 4);
    assert_true(common_beginning(y.user, l.user) < 4);
    cJSON_Delete(a.messages);
    cJSON_Delete(y.messages);
    cJSON_Delete(b.messages);
    cJSON_Delete(l.messages);
}

static void test_bytes_are_the_same_everywhere(void **state)
{
    const struct workload *w = *state;
    assert_string_equal(w->sha256, AGENTIC_SHA256);
}

static void test_unknown_names(void **state)
{
    struct workload w;
    struct error e = {0};
    (void)state;
    assert_int_equal(workload_builtin(&w, "agentic-9", &e), TT_NOTFOUND);
    assert_string_equal(e.text, "no built-in workload 'agentic-9'; there is 'agentic-8' and 'agent-loop'");
    assert_null(w.phases);
}

/* -------- variety -------- */

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many of the `count` strings differ; sorts them. */
static size_t count_distinct(char **texts, size_t count)
{
    size_t distinct = count > 0;
    qsort(texts, count, sizeof *texts, compare_strings);
    for (size_t i = 1; i < count; i++)
        distinct += strcmp(texts[i - 1], texts[i]) != 0;
    return distinct;
}

/* Every stretch of eight words as one string each, in *grams. Returns how many there are. */
static size_t eight_grams(const char *text, char ***grams)
{
    size_t count = 0, words = 0, len = strlen(text);
    const char **starts = test_malloc((len + 1) * sizeof *starts);
    *grams = test_malloc((len + 1) * sizeof **grams);
    for (const char *p = text; *p;) {
        p += strspn(p, " \n\t");
        if (*p)
            starts[words++] = p;
        p += strcspn(p, " \n\t");
    }
    starts[words] = text + len;
    for (size_t i = 0; i + 8 <= words; i++) {
        size_t size = (size_t)(starts[i + 8] - starts[i]);
        (*grams)[count] = test_malloc(size + 1);
        memcpy((*grams)[count], starts[i], size);
        (*grams)[count++][size] = '\0';
    }
    test_free(starts);
    return count;
}

static void assert_few_repeated_8_grams(const char *text, double least)
{
    char **grams;
    size_t count = eight_grams(text, &grams), distinct = count_distinct(grams, count);
    assert_true(count > 300);
    assert_true((double)distinct / (double)count >= least);
    for (size_t i = 0; i < count; i++)
        test_free(grams[i]);
    test_free(grams);
}

/* No part of at least `shortest` bytes between two separators comes twice. */
static void assert_no_part_twice(const char *text, const char *separator, size_t shortest)
{
    size_t count = 0, len = strlen(text);
    char **parts = test_malloc((len + 1) * sizeof *parts);
    for (const char *p = text; *p;) {
        const char *end = strstr(p, separator);
        size_t size = end ? (size_t)(end - p) : strlen(p);
        if (size >= shortest) {
            parts[count] = test_malloc(size + 1);
            memcpy(parts[count], p, size);
            parts[count++][size] = '\0';
        }
        p += end ? size + strlen(separator) : size;
    }
    assert_true(count > 1);
    assert_int_equal(count_distinct(parts, count), count);
    for (size_t i = 0; i < count; i++)
        test_free(parts[i]);
    test_free(parts);
}

static void test_texts_are_varied(void **state)
{
    struct prompt a = prompt_of(*state, "cold"), y = prompt_of(*state, "prefix-test-1");
    struct prompt b = prompt_of(*state, "cold-prefix"), l = prompt_of(*state, "long-context");
    const char *texts[] = {a.system, b.system, a.user, y.user, l.user};
    for (size_t i = 0; i < 5; i++) {
        assert_few_repeated_8_grams(texts[i], 0.98);
        assert_no_part_twice(texts[i], "\n\n", 60);
        assert_no_part_twice(texts[i], "\n", 60);
        assert_null(strstr(texts[i], "@{"));
        assert_null(strstr(texts[i], "\n;;"));
        assert_null(strstr(texts[i], "\n@@ long"));
    }
    cJSON_Delete(a.messages);
    cJSON_Delete(y.messages);
    cJSON_Delete(b.messages);
    cJSON_Delete(l.messages);
}

/* Without calibration no line is broken off: the generated part ends where a line of it ends. */
static void test_usual_texts_end_with_whole_lines(void **state)
{
    struct prompt a = prompt_of(*state, "cold"), b = prompt_of(*state, "cold-prefix");
    const char *ending = strstr(a.system, "\n\n# Last word");
    assert_non_null(ending);
    assert_true(ending[-1] == '.');
    ending = strstr(b.system, "\n\n14. Before you begin");
    assert_non_null(ending);
    assert_true(ending[-1] == '.');
    cJSON_Delete(a.messages);
    cJSON_Delete(b.messages);
}

/* -------- calibration -------- */

/* A made-up tokeniser: words are cut into pieces of `piece` letters, every other visible byte is a token,
 * spaces cost nothing. */
struct tokeniser {
    uint64_t piece;
    size_t calls, fail_at;
};

static int is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static uint64_t count_pieces(const struct tokeniser *t, const char *text, size_t len)
{
    uint64_t tokens = 0, run = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        run = is_letter(c) ? run + 1 : 0;
        tokens += is_letter(c) ? run % t->piece == 1 % t->piece : c > ' ';
    }
    return tokens;
}

static int count(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    struct tokeniser *t = context;
    if (++t->calls == t->fail_at)
        return error_set(e, TT_NETWORK, "the tokeniser is away");
    *tokens = count_pieces(t, text, len);
    return TT_OK;
}

static void assert_tokens(const struct tokeniser *t, const char *text, uint64_t expected)
{
    assert_int_equal(count_pieces(t, text, strlen(text)), expected);
}

static void calibrate_with(const struct workload *usual, uint64_t piece)
{
    struct tokeniser t = {piece, 0, 0};
    struct workload w;
    struct error e = {0};
    assert_int_equal(workload_builtin(&w, "agentic-8", &e), TT_OK);
    assert_int_equal(workload_calibrate(&w, count, &t, &e), TT_OK);
    assert_string_not_equal(w.sha256, usual->sha256);
    assert_int_equal(w.phase_count, 8);
    assert_int_equal(w.context_needed, 57344);
    assert_true(t.calls < 1000);
    struct prompt a = prompt_of(&w, "cold"), y = prompt_of(&w, "prefix-test-3");
    struct prompt b = prompt_of(&w, "cold-prefix"), l = prompt_of(&w, "long-prefix");
    assert_tokens(&t, a.system, 6000);
    assert_tokens(&t, b.system, 6000);
    assert_tokens(&t, a.user, 1500);
    assert_tokens(&t, y.user, 1500);
    assert_tokens(&t, l.user, 50000);
    assert_non_null(strstr(a.system, "# Last word"));
    assert_non_null(strstr(l.user, "The export ends here"));
    cJSON_Delete(a.messages);
    cJSON_Delete(y.messages);
    cJSON_Delete(b.messages);
    cJSON_Delete(l.messages);
    workload_release(&w);
}

static void test_calibration_hits_every_target(void **state)
{
    calibrate_with(*state, 4); /* about as many tokens as real ones give */
    calibrate_with(*state, 1); /* a token for each byte: everything is cut short */
    calibrate_with(*state, 2);
    calibrate_with(*state, 90); /* whole words: everything is extended */
}

static void test_calibration_is_repeatable_but_not_repeated(void **state)
{
    struct tokeniser t = {3, 0, 0};
    struct workload first, second;
    struct error e = {0};
    (void)state;
    assert_int_equal(workload_builtin(&first, "agentic-8", &e), TT_OK);
    assert_int_equal(workload_builtin(&second, "agentic-8", &e), TT_OK);
    assert_int_equal(workload_calibrate(&first, count, &t, &e), TT_OK);
    assert_int_equal(workload_calibrate(&second, count, &t, &e), TT_OK);
    assert_string_equal(first.sha256, second.sha256);
    assert_int_equal(workload_calibrate(&second, count, &t, &e), TT_UNSUPPORTED);
    assert_string_equal(e.text, "only the built-in workload 'agentic-8' can be calibrated, and only once");
    assert_string_equal(first.sha256, second.sha256);
    workload_release(&first);
    workload_release(&second);
}

static void test_failing_tokeniser_leaves_the_workload_alone(void **state)
{
    static const size_t at[] = {1, 9, 60};
    struct workload *w = *state;
    for (size_t i = 0; i < 3; i++) {
        struct tokeniser t = {4, 0, at[i]};
        struct error e = {0};
        assert_int_equal(workload_calibrate(w, count, &t, &e), TT_NETWORK);
        assert_string_equal(e.text, "the tokeniser is away");
        assert_int_equal(t.calls, at[i]);
        assert_string_equal(w->sha256, AGENTIC_SHA256);
    }
}

/* Tokenisers that no text can satisfy: always nothing, always too much, only even numbers of some size. */
static int count_nothing(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    (void)context, (void)text, (void)len, (void)e;
    *tokens = 0;
    return TT_OK;
}

static int count_too_much(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    (void)context, (void)text, (void)len, (void)e;
    *tokens = 1000000;
    return TT_OK;
}

static int count_in_steps(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    (void)context, (void)text, (void)e;
    *tokens = len / 4096 * 1024 + 7;
    return TT_OK;
}

static void test_impossible_tokenisers_are_refused(void **state)
{
    workload_count_fn *const counters[] = {count_nothing, count_too_much, count_in_steps};
    for (size_t i = 0; i < 3; i++) {
        struct error e = {0};
        assert_int_equal(workload_calibrate(*state, counters[i], NULL, &e), TT_UNSUPPORTED);
        assert_string_equal(e.text,
                            "no text of 'agentic-8' has exactly 6000 tokens with this tokeniser; record "
                            "without calibration");
    }
}

static void test_other_workloads_are_not_calibrated(void **state)
{
    static const char text[] = "{\"name\":\"agentic-8\",\"phases\":[{\"name\":\"cold\",\"max_tokens\":1,"
                               "\"messages\":[{\"role\":\"user\"}]}]}";
    struct tokeniser t = {4, 0, 0};
    struct workload w;
    struct error e = {0};
    (void)state;
    assert_int_equal(workload_parse(&w, text, strlen(text), &e), TT_OK);
    assert_int_equal(workload_calibrate(&w, count, &t, &e), TT_UNSUPPORTED);
    assert_int_equal(t.calls, 0);
    assert_int_equal(w.phase_count, 1);
    workload_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phases),
        cmocka_unit_test(test_which_prompts_are_the_same),
        cmocka_unit_test(test_different_texts_differ_from_the_first_word),
        cmocka_unit_test(test_bytes_are_the_same_everywhere),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_texts_are_varied),
        cmocka_unit_test(test_usual_texts_end_with_whole_lines),
        cmocka_unit_test(test_calibration_hits_every_target),
        cmocka_unit_test(test_calibration_is_repeatable_but_not_repeated),
        cmocka_unit_test(test_failing_tokeniser_leaves_the_workload_alone),
        cmocka_unit_test(test_impossible_tokenisers_are_refused),
        cmocka_unit_test(test_other_workloads_are_not_calibrated),
    };
    return cmocka_run_group_tests(tests, make, drop);
}

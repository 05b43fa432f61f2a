/* SPDX-License-Identifier: MIT */
/* The JSON scanner beside cJSON: generated documents read alike, damaged ones are judged alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/jscan.h"
#include "formats/json.h"
#include "formats/prng.h"
#include "tests/json_oracle.h"

static int accepts(const struct buf *text)
{
    struct jscan s;
    jscan_init(&s, text->data, text->len);
    jscan_skip(&s);
    return jscan_finish(&s);
}

static void random_space(struct prng *r, struct buf *out)
{
    while (prng_below(r, 6) == 0)
        buf_putc(out, " \t\r\n"[prng_below(r, 4)]);
}

static void random_string(struct prng *r, struct buf *out)
{
    static const char *const pieces[] = {
        "a",        "bc",           "content",          " ",       "\\n",     "\\\"",
        "\\\\",     "\\/",          "\\u0001",          "\\u00e9", "\\u20ac", "\\ud83d\\ude00",
        "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80", "{",       "]",       ",",
        ":",        "data",         "0123456789"};
    buf_putc(out, '"');
    for (uint64_t n = prng_below(r, 12); n > 0; n--)
        buf_puts(out, pieces[prng_below(r, sizeof pieces / sizeof *pieces)]);
    buf_putc(out, '"');
}

static void random_number(struct prng *r, struct buf *out)
{
    if (prng_below(r, 2))
        buf_printf(out, "%llu", (unsigned long long)(prng_next(r) >> prng_below(r, 64)));
    else
        buf_printf(out, "%.*g", 1 + (int)prng_below(r, 17),
                   (prng_unit(r) - 0.5) * pow(10, (double)prng_below(r, 40) - 20));
}

static void random_value(struct prng *r, struct buf *out, int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    uint64_t choice = prng_below(r, depth > 5 ? 3 : 5);
    random_space(r, out);
    if (choice == 0)
        buf_puts(out, words[prng_below(r, 3)]);
    else if (choice == 1)
        random_string(r, out);
    else if (choice == 2)
        random_number(r, out);
    if (choice >= 3) {
        buf_putc(out, choice == 3 ? '[' : '{');
        for (uint64_t n = prng_below(r, 5), i = 0; i < n; i++) {
            if (i)
                buf_putc(out, ',');
            random_space(r, out);
            if (choice == 4) {
                random_string(r, out);
                random_space(r, out);
                buf_putc(out, ':');
            }
            random_value(r, out, depth + 1);
        }
        random_space(r, out);
        buf_putc(out, choice == 3 ? ']' : '}');
    }
    random_space(r, out);
}

static void reads_generated_documents_as_cjson(void **state)
{
    struct prng r;
    struct buf text = BUF_INIT;
    (void)state;
    prng_seed(&r, 1);
    for (int i = 0; i < 20000; i++) {
        struct jscan s;
        buf_clear(&text);
        random_value(&r, &text, 0);
        cJSON *tree = json_parse(text.data, text.len, JSON_DOCUMENT_MAX, NULL);
        assert_non_null(tree);
        jscan_init(&s, text.data, text.len);
        if (!oracle_same(&s, tree) || !jscan_finish(&s) || !accepts(&text))
            fail_msg("read differently: %s", buf_text(&text));
        cJSON_Delete(tree);
    }
    buf_release(&text);
}

/* Damaged documents: skipping and walking agree on what is valid, and what is valid is what cJSON reads.
 * cJSON also takes much that is no JSON, and refuses lone surrogates. */
static void agrees_about_damaged_documents(void **state)
{
    struct prng r;
    struct buf text = BUF_INIT;
    int valid = 0;
    (void)state;
    prng_seed(&r, 2);
    for (int i = 0; i < 60000; i++) {
        struct jscan s;
        buf_clear(&text);
        random_value(&r, &text, 2);
        text.data[prng_below(&r, text.len)] = (unsigned char)"\"\\{}[],:0 e-.u\x80"[prng_below(&r, 15)];
        if (!accepts(&text))
            continue;
        valid++;
        cJSON *tree = json_parse(text.data, text.len, JSON_DOCUMENT_MAX, NULL);
        jscan_init(&s, text.data, text.len);
        if (!tree && !strstr(buf_text(&text), "\\u"))
            fail_msg("accepted against cJSON: %s", buf_text(&text));
        if (tree && (!oracle_same(&s, tree) || !jscan_finish(&s)))
            fail_msg("read differently: %s", buf_text(&text));
        cJSON_Delete(tree);
    }
    assert_true(valid > 1000);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_generated_documents_as_cjson),
        cmocka_unit_test(agrees_about_damaged_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

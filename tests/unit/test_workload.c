/* SPDX-License-Identifier: MIT */
/* Workload documents: what is read, what is kept word for word, what is refused and how it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "formats/json.h"
#include "formats/workload.h"

#define MESSAGES    "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]"
#define PHASE(name) "{\"name\": \"" name "\", \"max_tokens\": 5, " MESSAGES "}"

static void parse(struct workload *w, const char *text)
{
    struct error e = {0};
    int status = workload_parse(w, text, strlen(text), &e);
    if (status)
        print_error("%s\n", e.text);
    assert_int_equal(status, TT_OK);
}

static void assert_refused(const char *text, int code, const char *sentence)
{
    struct workload w;
    struct error e = {0};
    assert_int_equal(workload_parse(&w, text, strlen(text), &e), code);
    assert_string_equal(e.text, sentence);
    assert_null(w.name);
    assert_int_equal(w.phase_count, 0);
    assert_int_equal(workload_parse(&w, text, strlen(text), NULL), code);
}

/* As assert_refused, for one phase whose members are `members`. */
static void assert_phase_refused(const char *members, const char *sentence)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "{\"name\": \"w\", \"phases\": [{%s}]}", members);
    assert_refused(buf_text(&text), TT_USAGE, sentence);
    buf_release(&text);
}

static void test_everything_is_read(void **state)
{
    struct workload w;
    (void)state;
    parse(&w, "{\"name\": \"tools_1.b\", \"context\": 9000, \"phases\": [" PHASE(
                  "first") ","
                           "{\"long\": true, \"headline\": true, \"cold\": true, \"max_tokens\": 77, "
                           "\"name\": \"second\","
                           " \"tools\": [ {\"type\": \"function\"} ], " MESSAGES "}]}");
    assert_string_equal(w.name, "tools_1.b");
    assert_int_equal(w.context_needed, 9000);
    assert_int_equal(w.phase_count, 2);
    assert_string_equal(w.phases[0].name, "first");
    assert_int_equal(w.phases[0].max_tokens, 5);
    assert_null(w.phases[0].tools);
    assert_false(w.phases[0].cold || w.phases[0].headline || w.phases[0].is_long);
    assert_string_equal(w.phases[1].messages, "[{\"role\":\"user\",\"content\":\"hi\"}]");
    assert_string_equal(w.phases[1].tools, "[{\"type\":\"function\"}]");
    assert_int_equal(w.phases[1].max_tokens, 77);
    assert_true(w.phases[1].cold && w.phases[1].headline && w.phases[1].is_long);
    assert_int_equal(workload_find(&w, "second"), 1);
    assert_int_equal(workload_find(&w, "third"), -1);
    workload_release(&w);
    assert_null(w.name);
    workload_release(&w);
}

static void test_messages_keep_their_spelling(void **state)
{
    struct workload w;
    (void)state;
    parse(&w,
          "{\"name\":\"w\",\"phases\":[{\"name\":\"p\",\"max_tokens\":1,"
          "\"messages\":[ {\"content\" : \"caf\\u00e9 \\/ \xC3\xA9  x\", \"role\":\"user\", \"seed\": 1e0} ],"
          "\"tools\":[{\"id\": 12345678901234567890123, \"p\": 0.10 }]}]}");
    assert_string_equal(w.phases[0].messages,
                        "[{\"content\":\"caf\\u00e9 \\/ \xC3\xA9  x\",\"role\":\"user\",\"seed\":1e0}]");
    assert_string_equal(w.phases[0].tools, "[{\"id\":12345678901234567890123,\"p\":0.10}]");
    workload_release(&w);
}

static void test_names_are_checked(void **state)
{
    static const char sentence[] =
        "'name' in phase 1 must be 1 to 100 letters, digits, '.', '_' or '-', the first "
        "no '.' or '-'";
    struct buf name = BUF_INIT;
    (void)state;
    assert_phase_refused("\"name\": \"a b\"", sentence);
    assert_phase_refused("\"name\": \"\"", sentence);
    assert_phase_refused("\"name\": \".a\"", sentence);
    assert_phase_refused("\"name\": \"-a\"", sentence);
    assert_phase_refused("\"name\": \"a/b\"", sentence);
    assert_phase_refused("\"name\": \"\\u0061\"", sentence);
    assert_phase_refused("\"name\": \"\xC3\xA9\"", sentence);
    assert_phase_refused("\"name\": 7", sentence);
    assert_phase_refused("\"max_tokens\": 7", "phase 1 has no 'name'");
    for (int i = 0; i < WORKLOAD_NAME_MAX + 1; i++)
        buf_putc(&name, 'n');
    struct buf member = BUF_INIT;
    buf_printf(&member, "\"name\": \"%s\"", buf_text(&name));
    assert_phase_refused(buf_text(&member), sentence);
    buf_release(&member);
    buf_release(&name);
}

static void test_unknown_keys_are_named(void **state)
{
    (void)state;
    assert_refused("{\"name\":\"w\",\"phases\":[" PHASE("cold") "," PHASE(
                       "other") ","
                                "{\"name\":\"warm\",\"max_tokens\":5,\"temprature\":0," MESSAGES "}]}",
                   TT_USAGE, "unknown key 'temprature' in phase 3 ('warm')");
    assert_refused("{\"name\":\"w\",\"seed\":1,\"phases\":[" PHASE("p") "]}", TT_USAGE,
                   "unknown key 'seed' in the workload");
    assert_phase_refused("\"name\":\"p\",\"cold\":true,\"max_tokens\":1,\"cold\":false," MESSAGES,
                         "key 'cold' stands twice in phase 1 ('p')");
    assert_refused("{\"name\":\"w\",\"name\":\"v\",\"phases\":[" PHASE("p") "]}", TT_USAGE,
                   "key 'name' stands twice in the workload");
    assert_refused("{\"name\":\"w\",\"phases\":[" PHASE("p") "," PHASE("q") "," PHASE("p") "]}", TT_USAGE,
                   "phases 1 and 3 are both called 'p'");
}

static void test_values_are_checked(void **state)
{
    (void)state;
    assert_phase_refused("\"name\":\"p\"," MESSAGES, "phase 1 ('p') has no 'max_tokens'");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":0," MESSAGES,
                         "'max_tokens' in phase 1 ('p') must be a whole number from 1 to 1073741824");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":1073741825," MESSAGES,
                         "'max_tokens' in phase 1 ('p') must be a whole number from 1 to 1073741824");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":-5," MESSAGES,
                         "'max_tokens' in phase 1 ('p') must be a whole number from 1 to 1073741824");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":2.5," MESSAGES,
                         "'max_tokens' in phase 1 ('p') must be a whole number from 1 to 1073741824");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":\"5\"," MESSAGES,
                         "'max_tokens' in phase 1 ('p') must be a whole number from 1 to 1073741824");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"cold\":1," MESSAGES,
                         "'cold' in phase 1 ('p') must be true or false");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"headline\":null," MESSAGES,
                         "'headline' in phase 1 ('p') must be true or false");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"long\":\"yes\"," MESSAGES,
                         "'long' in phase 1 ('p') must be true or false");
    assert_refused("{\"name\":\"w\",\"context\":\"8k\",\"phases\":[" PHASE("p") "]}", TT_USAGE,
                   "'context' in the workload must be a whole number from 1 to 1073741824");
}

static void test_messages_and_tools_are_checked(void **state)
{
    (void)state;
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5", "phase 1 ('p') has no 'messages'");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":[]",
                         "'messages' in phase 1 ('p') must be a list with at least one element");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":{\"role\":\"user\"}",
                         "'messages' in phase 1 ('p') must be a list with at least one element");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\"},\"hi\"]",
                         "message 2 of phase 1 ('p') must be an object");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":[{\"content\":\"role\"}]",
                         "message 1 of phase 1 ('p') has no 'role'");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":[{\"role\":null}]",
                         "message 1 of phase 1 ('p') has no 'role'");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"messages\":[{\"role\":\"\"}]",
                         "message 1 of phase 1 ('p') has no 'role'");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"tools\":[]," MESSAGES,
                         "'tools' in phase 1 ('p') must be a list with at least one element");
    assert_phase_refused("\"name\":\"p\",\"max_tokens\":5,\"tools\":[{},[]]," MESSAGES,
                         "tool 2 of phase 1 ('p') must be an object");
}

static void test_the_document_is_checked(void **state)
{
    (void)state;
    assert_refused("", TT_SYNTAX, "JSON is missing at line 1, column 1");
    assert_refused("{\"name\":\"w\",\n\"phases\":[}", TT_SYNTAX, "JSON is not valid at line 2, column 11");
    assert_refused("[]", TT_USAGE, "a workload is a JSON object with 'name' and 'phases'");
    assert_refused("{}", TT_USAGE, "the workload has no 'name'");
    assert_refused("{\"name\":\"w\"}", TT_USAGE,
                   "the workload must have 'phases', a list with at least one element");
    assert_refused("{\"name\":\"w\",\"phases\":[]}", TT_USAGE,
                   "the workload must have 'phases', a list with at least one element");
    assert_refused("{\"name\":\"w\",\"phases\":[" PHASE("p") ",7]}", TT_USAGE, "phase 2 must be an object");
    assert_refused("{\"name\":\"w\",\"phases\":[{\"name\":\"p\",\"max_tokens\":1,\n"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"cut\\u0000here\"}]}]}",
                   TT_SYNTAX,
                   "JSON has a \\u0000, which cannot be sent as text, in the string at line 2, column 38");
}

static void test_number_of_phases_is_capped(void **state)
{
    struct buf text = BUF_INIT;
    (void)state;
    buf_puts(&text, "{\"name\":\"w\",\"phases\":[");
    for (int i = 0; i <= WORKLOAD_PHASES_MAX; i++)
        buf_printf(&text, "%s{\"name\":\"p%d\",\"max_tokens\":1," MESSAGES "}", i ? "," : "", i);
    buf_puts(&text, "]}");
    assert_refused(buf_text(&text), TT_LIMIT, "a workload has at most 1024 phases");
    buf_release(&text);
}

static void test_size_is_capped(void **state)
{
    struct workload w;
    struct error e = {0};
    (void)state;
    assert_int_equal(workload_parse(&w, "", JSON_FILE_MAX + 1, &e), TT_LIMIT);
    assert_string_equal(e.text, "a workload of 67108865 bytes is over the limit of 67108864");
}

static void test_context_is_estimated_from_the_largest_phase(void **state)
{
    struct workload w;
    (void)state;
    parse(&w, "{\"name\":\"w\",\"phases\":[" PHASE(
                  "small") ",{\"name\":\"p\",\"max_tokens\":100,"
                           "\"messages\":[{\"role\":\"user\",\"content\":\"0123456789\"}],\"tools\":[{}]}]}");
    /* 40 bytes of messages and 4 of tools: 44 / 3.5 rounded up, and 100 */
    assert_int_equal(strlen(w.phases[1].messages) + strlen(w.phases[1].tools), 44);
    assert_int_equal(w.context_needed, 113);
    workload_release(&w);
}

static void assert_same_hash(const char *a, const char *b, int same)
{
    struct workload first, second;
    parse(&first, a);
    parse(&second, b);
    assert_int_equal(strlen(first.sha256), 64);
    assert_int_equal(strcmp(first.sha256, second.sha256) == 0, same);
    workload_release(&first);
    workload_release(&second);
}

#define ONE(members, content)                                                                                \
    "{\"name\":\"w\",\"phases\":[{\"name\":\"p\"," members                                                   \
    "\"messages\":[{\"role\":\"user\",\"content\":\"" content "\"}]}]}"

static void test_hash_is_of_what_is_measured(void **state)
{
    static const char base[] = ONE("\"max_tokens\":1,", "x");
    (void)state;
    assert_same_hash(base, base, 1);
    assert_same_hash(
        base,
        " { \"phases\" : [ { \"cold\":false, \"messages\":[ { \"role\":\"user\", \"content\":\"x\"}],\n"
        "\"max_tokens\":1, \"name\":\"p\" } ], \"context\": 512, \"name\":\"w\" } ",
        1);
    assert_same_hash(base, ONE("\"max_tokens\":2,", "x"), 0);
    assert_same_hash(base, ONE("\"max_tokens\":1,", "y"), 0);
    assert_same_hash(base, ONE("\"max_tokens\":1,", "\\u0078"), 0);
    assert_same_hash(base, ONE("\"max_tokens\":1,\"cold\":true,", "x"), 0);
    assert_same_hash(base, ONE("\"max_tokens\":1,\"long\":true,", "x"), 0);
    assert_same_hash(base, ONE("\"max_tokens\":1,\"tools\":[{}],", "x"), 0);
}

static void test_canonical_text(void **state)
{
    struct workload w, again;
    struct buf text = BUF_INIT;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    (void)state;
    parse(&w, ONE("\"tools\":[ {} ],\"headline\":true,\"max_tokens\":1,", "x"));
    assert_int_equal(workload_canonical(&w, &text), TT_OK);
    assert_string_equal(buf_text(&text),
                        "{\"name\":\"w\",\"phases\":[{\"name\":\"p\",\"max_tokens\":1,"
                        "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[{}],"
                        "\"cold\":false,\"headline\":true,\"long\":false}]}");
    sha256_of(text.data, text.len, digest);
    sha256_hex(digest, hex);
    assert_string_equal(w.sha256, hex);
    parse(&again, buf_text(&text));
    assert_string_equal(again.sha256, w.sha256);
    buf_release(&text);
    workload_release(&again);
    workload_release(&w);
}

static void test_description_has_no_messages(void **state)
{
    struct workload w;
    struct buf text = BUF_INIT;
    struct buf expected = BUF_INIT;
    (void)state;
    parse(&w, ONE("\"long\":true,\"max_tokens\":1,", "x"));
    assert_int_equal(workload_describe(&w, &text), TT_OK);
    buf_printf(
        &expected,
        "{\"name\":\"w\",\"sha256\":\"%s\",\"context\":%d,\"phases\":[{\"name\":\"p\",\"max_tokens\":1,"
        "\"cold\":false,\"headline\":false,\"long\":true}]}",
        w.sha256, (int)w.context_needed);
    assert_string_equal(buf_text(&text), buf_text(&expected));
    buf_release(&text);
    buf_release(&expected);
    workload_release(&w);
}

static void test_largest_description_fits_into_meta(void **state)
{
    struct buf text = BUF_INIT, json = BUF_INIT;
    struct workload w;
    (void)state;
    buf_puts(&text, "{\"name\":\"w\",\"phases\":[");
    for (int i = 0; i < WORKLOAD_PHASES_MAX; i++)
        buf_printf(&text, "%s{\"name\":\"%0100d\",\"max_tokens\":1073741824," MESSAGES "}", i ? "," : "", i);
    buf_puts(&text, "]}");
    parse(&w, buf_text(&text));
    assert_int_equal(workload_describe(&w, &json), TT_OK);
    assert_true(json.len + 32768 < JSON_DOCUMENT_MAX);
    buf_release(&text);
    buf_release(&json);
    workload_release(&w);
}

static void test_loading_files(void **state)
{
    char path[] = "/tmp/toktape-workload-XXXXXX";
    static const char text[] = ONE("\"max_tokens\":1,", "x"), bad[] = "{\"name\":\"w\",\n}";
    struct workload w;
    struct error e = {0};
    char sentence[200];
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    io_close(fd, path, NULL);
    assert_int_equal(io_write_file(path, text, strlen(text), &e), TT_OK);
    assert_int_equal(workload_load(&w, path, &e), TT_OK);
    assert_string_equal(w.phases[0].name, "p");
    workload_release(&w);
    assert_int_equal(io_write_file(path, bad, strlen(bad), &e), TT_OK);
    assert_int_equal(workload_load(&w, path, &e), TT_SYNTAX);
    snprintf(sentence, sizeof sentence, "'%s': JSON is not valid at line 1, column 12", path);
    assert_string_equal(e.text, sentence);
    unlink(path);
    assert_int_equal(workload_load(&w, path, &e), TT_NOTFOUND);
    assert_non_null(strstr(e.text, path));
    assert_null(w.phases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_read),
        cmocka_unit_test(test_messages_keep_their_spelling),
        cmocka_unit_test(test_names_are_checked),
        cmocka_unit_test(test_unknown_keys_are_named),
        cmocka_unit_test(test_values_are_checked),
        cmocka_unit_test(test_messages_and_tools_are_checked),
        cmocka_unit_test(test_the_document_is_checked),
        cmocka_unit_test(test_number_of_phases_is_capped),
        cmocka_unit_test(test_size_is_capped),
        cmocka_unit_test(test_context_is_estimated_from_the_largest_phase),
        cmocka_unit_test(test_hash_is_of_what_is_measured),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_description_has_no_messages),
        cmocka_unit_test(test_largest_description_fits_into_meta),
        cmocka_unit_test(test_loading_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A campaign's plan, the order of its recordings, and its manifest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "record/campaign/engine_model.h"
#include "record/campaign/manifest.h"
#include "record/campaign/steps.h"
#include "record/shell.h"

#define ENGINE                                                                                               \
    "\"engine\": {\"cmd\": [\"server\", \"it's\"], \"url\": \"http://127.0.0.1:1\", \"env\": {\"A\": "       \
    "\"1\", \"B\": \"2\"}}"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* Fails the test when the plan has findings. */
static void parse(struct campaign_plan *plan, const char *text)
{
    struct findings findings;
    struct error e = {0};
    struct buf out = BUF_INIT;
    assert_int_equal(plan_parse(plan, "dir/plan.json", bytes_of(text), NULL, &findings, &e), TT_OK);
    findings_put(&findings, "plan", &out);
    assert_string_equal(buf_text(&out), "");
    buf_release(&out);
    findings_release(&findings);
}

/* What is wrong with a plan. */
static void expect(const char *text, const char *wanted)
{
    struct campaign_plan plan;
    struct findings findings;
    struct error e = {0};
    struct buf out = BUF_INIT;
    assert_int_equal(plan_parse(&plan, "p", bytes_of(text), NULL, &findings, &e), TT_OK);
    findings_put(&findings, "p", &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
    findings_release(&findings);
    plan_release(&plan);
}

static int has_word(const struct campaign_cell *cell, const char *word)
{
    int found = 0;
    for (size_t i = 0; i < cell->arguments.count; i++)
        found += strcmp(cell->arguments.items[i], word) == 0;
    return found;
}

/* ---- plans ---- */

static void test_defaults(void **state)
{
    struct campaign_plan plan;
    (void)state;
    parse(
        &plan,
        "{\"name\": \"n\", \"out\": \"x//\", \"defaults\": {" ENGINE
        ", \"runs\": 4, \"workload\": \"w.json\", \"pause\": 0.25, \"labels\": {\"l\": \"d\", \"m\": \"d\"},"
        "\"before\": [{\"wait\": 1}], \"no_poll\": true, \"only\": [\"a\", \"-b\"]},"
        "\"cells\": [{\"name\": \"a\"}, {\"name\": \"b\", \"runs\": 2, \"workload\": \"agent-loop\", "
        "\"labels\": {\"l\": \"own\"},"
        "\"engine\": {\"env\": {\"B\": \"9\"}, \"health\": \"http://127.0.0.1:1/up\"}, \"before\": [], "
        "\"no_poll\": false,"
        "\"extra_body\": {\"k\": [1]}}]}");
    const struct campaign_cell *a = &plan.cells[0], *b = plan_find_cell(&plan, "b");
    assert_string_equal(plan.out, "dir/x");
    assert_true(a->runs == 4 && b->runs == 2);
    assert_true(has_word(a, "--workload=dir/w.json") && has_word(b, "--workload=agent-loop"));
    assert_true(has_word(a, "--pause=0.25") && has_word(b, "--pause=0.25"));
    assert_true(has_word(a, "--label=l=d") && !has_word(b, "--label=l=d") && has_word(b, "--label=l=own"));
    assert_true(has_word(a, "--label=m=d") && has_word(b, "--label=m=d"));
    assert_true(has_word(a, "--no-poll") && !has_word(b, "--no-poll"));
    assert_true(has_word(a, "--only=-b") && has_word(b, "--extra-body={\"k\":[1]}"));
    assert_true(a->before.count == 1 && b->before.count == 0);
    assert_null(a->health_url);
    assert_string_equal(b->health_url, "http://127.0.0.1:1/up");
    assert_string_equal(a->command, "cd './dir/' || exit 1\nexport A='1'\nexport B='2'\n"
                                    "exec 'server' 'it'\\''s'");
    assert_string_equal(b->shown, "B='9' A='1' 'server' 'it'\\''s'");
    plan_release(&plan);
}

static void test_fingerprints(void **state)
{
    struct campaign_plan one, two;
    (void)state;
#define CELL(members) "{\"name\": \"n\", \"out\": \"x\", \"cells\": [{\"name\": \"a\", " ENGINE members "}]}"
    parse(&one, CELL(""));
    parse(&two, CELL(", \"before\": [{\"wait\": 1}]"));
    assert_string_equal(one.cells[0].fingerprint, two.cells[0].fingerprint); /* no part of the recording */
    plan_release(&two);
    static const char *const others[] = {CELL(", \"runs\": 2"), CELL(", \"seed\": 2"),
                                         CELL(", \"labels\": {\"a\": \"b\"}")};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        parse(&two, others[i]);
        assert_string_not_equal(one.cells[0].fingerprint, two.cells[0].fingerprint);
        plan_release(&two);
    }
    plan_release(&one);
}

static void test_findings(void **state)
{
    (void)state;
    expect("{}", "p:1: \"name\" is missing\np:1: \"out\" is missing: the folder for the traces\n"
                 "p:1: \"cells\" is missing: what is to be recorded\n");
    expect("{\"name\": \"n\",\n \"out\": \"x\",\n \"cells\": [\n  {\"name\": \"a\", " ENGINE
           "},\n  {\"name\": \"b\",\n \"engine\":"
           " {\"cmd\": [\"x\"]}}]}",
           "p:6: cells[1].engine: \"url\" is missing: where the engine answers\n");
    expect("{\"name\": \"n\", \"out\": \"x\", \"defaults\":\n{\"runs\": 1.5}, \"cells\": [\n{\"name\": "
           "\"a\", " ENGINE "},\n{\"name\": \"b\", " ENGINE "}]}",
           "p:2: defaults.runs: this is to be a whole number from 1 to 10000\n");
    expect("{\"name\": \"n\", \"out\": \"x\", \"cells\": [{\"name\": \"a\", " ENGINE ", \"\\u0072un\": 1}]}",
           "p:1: cells[0].run: there is no such key\n");
    expect("3", "p:1: a plan is an object\n");
}

static void test_more_findings_than_listed(void **state)
{
    struct campaign_plan plan;
    struct findings findings;
    struct buf text = BUF_INIT, out = BUF_INIT;
    (void)state;
    buf_puts(&text, "{");
    for (int i = 0; i < 150; i++)
        buf_printf(&text, "%s\"k%d\": 1", i ? ",\n" : "", i);
    buf_puts(&text, "}");
    assert_int_equal(plan_parse(&plan, "p", (struct bytes){text.data, text.len}, NULL, &findings, NULL),
                     TT_OK);
    assert_true(findings.count == FINDINGS_MAX && findings.unlisted == 53);
    findings_put(&findings, "p", &out);
    assert_non_null(strstr(buf_text(&out), "p:2: k1: there is no such key\n"));
    assert_non_null(strstr(buf_text(&out), "and 53 more"));
    findings_release(&findings);
    plan_release(&plan);
    buf_release(&text);
    buf_release(&out);
}

/* Each of them costing a look through the whole document, it would take minutes. */
static void test_a_plan_of_nothing_but_mistakes(void **state)
{
    struct campaign_plan plan;
    struct findings findings;
    struct buf text = BUF_INIT;
    (void)state;
    buf_puts(&text, "{\"k\": 1");
    for (int i = 1; i < 90000; i++)
        buf_printf(&text, ",\"k%d\":1", i);
    buf_puts(&text, "}");
    alarm(60);
    assert_int_equal(plan_parse(&plan, "p", bytes_of(buf_text(&text)), NULL, &findings, NULL), TT_OK);
    alarm(0);
    assert_int_equal(findings.count + findings.unlisted, 90003);
    findings_release(&findings);
    plan_release(&plan);
    buf_release(&text);
}

static void test_names(void **state)
{
    char longest[PLAN_NAME_MAX + 2];
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[PLAN_NAME_MAX + 1] = '\0';
    assert_false(plan_name_is_safe(longest));
    assert_true(plan_name_is_safe(longest + 1));
    assert_true(plan_name_is_safe("m5_Qwen-27B.v2"));
    static const char *const bad[] = {"",    ".",   "..",       "-x",  ".x",  "a/b",
                                      "a b", "a\n", "\xC3\xA4", "a:b", "a\\b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(plan_name_is_safe(bad[i]));
}

/* Whatever stands in a plan reaches the engine as it stands there, and nothing else. */
static void test_quoting(void **state)
{
    static const char *const words[] = {
        "$(touch here)", "`id`", "a'b\"c", "", "line\nbreak", "\\", "*", "~", "-n"};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct buf command = BUF_INIT;
        struct error e = {0};
        FILE *log;
        pid_t pid;
        char tail[200];
        buf_puts(&command, "exec printf '%s|' ");
        shell_quote(&command, words[i]);
        assert_int_equal(shell_log_open(&log, "a test", &e), TT_OK);
        assert_int_equal(shell_spawn(buf_text(&command), -1, log, "a test", &pid, &e), TT_OK);
        do
            shell_log_tail(log, tail, sizeof tail);
        while (!strchr(tail, '|'));
        assert_memory_equal(tail, words[i], strlen(words[i]));
        assert_int_equal(strlen(tail), strlen(words[i]) + 1);
        fclose(log);
        buf_release(&command);
    }
}

static void test_chips(void **state)
{
    struct campaign_plan plan;
    struct order order;
    (void)state;
    parse(&plan, "{\"name\": \"n\", \"out\": \"x\", \"defaults\": {" ENGINE
                 "}, \"sentinel\": {\"every\": 2}, \"cells\": [{\"name\": \"a\","
                 "\"chip\": \"Apple M4\"}, {\"name\": \"b\"}, {\"name\": \"c\", \"chip\": \"Apple M5\"}, "
                 "{\"name\": \"d\"}]}");
    plan_place_cells(&plan, "apple m5");
    assert_int_equal(order_make(&order, &plan), TT_OK);
    /* sentinel a b c sentinel d sentinel: 'a' is not recorded here and does not count */
    assert_int_equal(order.count, 7);
    assert_true(order.items[0].is_sentinel && order.items[4].is_sentinel && order.items[6].is_sentinel);
    assert_true(order.items[1].cell->is_elsewhere && !order.items[3].cell->is_elsewhere);
    order_release(&order);
    plan_place_cells(&plan, NULL);
    assert_true(plan.cells[2].is_elsewhere && !plan.cells[1].is_elsewhere);
    plan_release(&plan);
}

/* ---- order ---- */

static void names_in_order(const char *members, char *out, size_t size)
{
    struct campaign_plan plan;
    struct order order;
    struct buf text = BUF_INIT, names = BUF_INIT;
    buf_printf(&text,
               "{\"name\": \"n\", \"out\": \"x\", %s \"defaults\": {" ENGINE
               "}, \"cells\": [{\"name\": \"a\"}, {\"name\": \"b\", "
               "\"runs\": 2}, {\"name\": \"c\", \"runs\": 2, \"restart\": true}]}",
               members);
    parse(&plan, buf_text(&text));
    assert_int_equal(order_make(&order, &plan), TT_OK);
    for (size_t i = 0; i < order.count; i++) {
        buf_puts(&names, i ? " " : "");
        recording_put_name(&order.items[i], &names);
        buf_printf(&names, "/%llu", (unsigned long long)order.items[i].runs);
    }
    snprintf(out, size, "%s", buf_text(&names));
    order_release(&order);
    plan_release(&plan);
    buf_release(&text);
    buf_release(&names);
}

static void test_orders(void **state)
{
    static const struct {
        const char *members, *wanted;
    } cases[] = {
        {"", "a/1 b/2 c.r0/1 c.r1/1"},
        {"\"order\": \"reversed\",", "c.r0/1 c.r1/1 b/2 a/1"},
        {"\"interleave\": true,", "a/1 b.r0/1 c.r0/1 b.r1/1 c.r1/1"},
        {"\"sentinel\": {\"every\": 3},", "sentinel.r0/1 a/1 b/2 c.r0/1 sentinel.r1/1 c.r1/1 sentinel.r2/1"},
        {"\"sentinel\": {\"every\": 4, \"runs\": 3},", "sentinel.r0/3 a/1 b/2 c.r0/1 c.r1/1 sentinel.r1/3"},
    };
    char names[300], again[300];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        names_in_order(cases[i].members, names, sizeof names);
        assert_string_equal(names, cases[i].wanted);
    }
    names_in_order("\"order\": \"shuffled\", \"seed\": 5,", names, sizeof names);
    names_in_order("\"order\": \"shuffled\", \"seed\": 5,", again, sizeof again);
    assert_string_equal(names, again);
}

/* Every order of three cells comes up. */
static void test_shuffles(void **state)
{
    char members[80], names[300], seen[64][300];
    size_t count = 0;
    (void)state;
    for (int seed = 0; seed < 64; seed++) {
        size_t known = 0;
        snprintf(members, sizeof members, "\"order\": \"shuffled\", \"seed\": %d,", seed);
        names_in_order(members, names, sizeof names);
        while (known < count && strcmp(seen[known], names) != 0)
            known++;
        if (known == count)
            memcpy(seen[count++], names, sizeof names);
    }
    assert_int_equal(count, 6);
}

/* ---- manifests ---- */

static void test_manifest(void **state)
{
    char path[] = "/tmp/toktape-manifest.XXXXXX";
    struct campaign_cell cell = {.name = (char[]){"a"}};
    struct recording r = {&cell, 3, 4, 1, 0}, sentinel = {&cell, 3, 4, 1, 1};
    struct manifest m, again;
    struct error e = {0};
    (void)state;
    assert_int_equal(manifest_init(&m, "n"), TT_OK);
    struct manifest_entry *entry = manifest_entry(&m, &r);
    entry->state = CELL_FAILED;
    entry->attempts = 2;
    entry->began_ns = UINT64_C(18446744073709551613);
    assert_int_equal(manifest_set_text(&entry->reason, "two\nlines \x1b"), TT_OK);
    assert_int_equal(manifest_set_text(&entry->trace, "a.r3.toktape"), TT_OK);
    m.engine = (struct process){7, 0, UINT64_C(1) << 60};
    m.idle_w = 4.5;
    assert_non_null(manifest_entry(&m, &sentinel));
    assert_int_equal(m.count, 2);
    close(mkstemp(path));
    assert_int_equal(manifest_save(&m, path, &e), TT_OK);
    assert_int_equal(manifest_load(&again, path, "n", &e), TT_OK);
    entry = manifest_find(&again, &r);
    assert_true(entry->state == CELL_FAILED && entry->attempts == 2 &&
                entry->began_ns == UINT64_C(18446744073709551613));
    assert_string_equal(entry->reason, "two\nlines \x1b");
    assert_true(again.engine.pid == 7 && again.engine.start_time == UINT64_C(1) << 60 &&
                again.recorder.pid == 0);
    assert_true(again.idle_w == 4.5 && again.count == 2);
    manifest_release(&again);
    assert_int_equal(manifest_load(&again, path, "other", &e), TT_DAMAGED);
    manifest_release(&again);
    unlink(path);
    assert_int_equal(manifest_load(&again, path, "n", &e), TT_OK);
    assert_true(again.count == 0 && isnan(again.idle_w));
    manifest_release(&again);
    manifest_release(&m);
}

/* As many as there may be, each with the most that an engine may say, and that in escapes: it can be read
 * again. */
static void test_the_largest_manifest(void **state)
{
    struct campaign_cell cell = {.name = (char[]){"a"}};
    struct manifest m, again;
    struct buf text = BUF_INIT;
    struct error e = {0};
    char words[4096];
    (void)state;
    memset(words, 1, sizeof words);
    memcpy(words + 199, "\xe2\x82\xac", 3); /* the cut falls into it */
    words[sizeof words - 1] = '\0';
    assert_int_equal(manifest_init(&m, "n"), TT_OK);
    for (uint64_t i = 0; i < PLAN_RECORDINGS_MAX; i++) {
        struct manifest_entry *entry = manifest_entry(&m, &(struct recording){&cell, i, 1, 1, 0});
        assert_non_null(entry);
        entry->state = CELL_FAILED;
        assert_int_equal(manifest_set_text(&entry->reason, words), TT_OK);
    }
    assert_int_equal(manifest_write(&m, &text), TT_OK);
    assert_true(text.len < MANIFEST_MAX / 2); /* sentinels may be as many */
    assert_int_equal(manifest_parse(&again, (struct bytes){text.data, text.len}, "n", &e), TT_OK);
    assert_int_equal(again.count, PLAN_RECORDINGS_MAX);
    assert_int_equal(strlen(again.entries[0].reason), 199);
    manifest_release(&again);
    manifest_release(&m);
    buf_release(&text);
}

static void test_hostile_manifests(void **state)
{
#define HEAD "{\"format\": \"toktape-campaign-1\", \"campaign\": \"n\", \"recordings\": ["
    static const char *const bad[] = {
        "[]",
        "{}",
        "{\"format\": \"toktape-campaign-2\", \"campaign\": \"n\"}",
        HEAD "{}]}",
        HEAD "{\"cell\": \"../a\", \"repeat\": 0, \"state\": \"done\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": 0, \"state\": \"gone\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": -1, \"state\": \"done\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": 0, \"state\": \"done\", \"trace\": \"../../etc/x.toktape\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": 0, \"state\": \"done\", \"trace\": \".toktape\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": 0, \"state\": \"done\", \"content_id\": \"XYZ\"}]}",
        HEAD "{\"cell\": \"a\", \"repeat\": 0, \"state\": \"done\"}, {\"cell\": \"a\", \"repeat\": 0, "
             "\"state\": \"done\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct manifest m;
        struct error e = {0};
        assert_int_not_equal(manifest_parse(&m, bytes_of(bad[i]), "n", &e), TT_OK);
        assert_int_not_equal(e.text[0], '\0');
        manifest_release(&m);
    }
}

/* ---- the rest ---- */

static void test_models(void **state)
{
    (void)state;
    assert_true(engine_model_is("models/tiny.gguf", "/srv/models/tiny.gguf"));
    assert_false(engine_model_is("models/other.gguf", "/srv/models/tiny.gguf"));
    assert_true(engine_model_is("/usr/../bin/sh", "/bin/sh"));
    assert_false(engine_model_is("/bin/sh", "/bin/ls"));
    assert_true(engine_model_is("/elsewhere/tiny.gguf", "/srv/models/tiny.gguf")); /* neither is here */
}

static void test_steps(void **state)
{
    static const volatile sig_atomic_t no;
    struct campaign_plan plan = {.folder = (char[]){"/tmp/"}};
    struct campaign_step steps[] = {{STEP_RUN, (char[]){"pwd; exit 3"}, 0, 5, 1},
                                    {STEP_MEMORY, NULL, 1, 5, 0},
                                    {STEP_MEMORY, NULL, 1e18, 0.1, 0},
                                    {STEP_COOL_DOWN, NULL, 10, 0, 0}};
    struct step_context context = {.plan = &plan, .idle_w = NAN, .log = tmpfile(), .interrupted = &no};
    struct error e = {0};
    char text[400] = "";
    (void)state;
    assert_int_equal(steps_run(&(struct step_list){steps, 2}, &context, &e), TT_OK);
    assert_int_equal(e.code, TT_OK);
    assert_int_equal(steps_run(&(struct step_list){steps + 2, 1}, &context, &e), TT_IO);
    assert_non_null(strstr(e.text, "of memory became free"));
    assert_int_equal(steps_run(&(struct step_list){steps + 3, 1}, &context, &e), TT_IO);
    assert_null(strstr(e.text, "nan"));
    rewind(context.log);
    assert_true(fread(text, 1, sizeof text - 1, context.log) > 0);
    assert_non_null(strstr(text, "/tmp\n"));
    fclose(context.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_fingerprints),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_more_findings_than_listed),
        cmocka_unit_test(test_a_plan_of_nothing_but_mistakes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_chips),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_shuffles),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_the_largest_manifest),
        cmocka_unit_test(test_hostile_manifests),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

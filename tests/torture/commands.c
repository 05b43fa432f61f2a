/* SPDX-License-Identifier: MIT */
/* Every command that reads traces, while the n-th allocation, open, read, write, sync or rename fails, for n
 * = 1, 2, 3 ... until nothing fails any more. In each case it gives the right result, or says what is wrong,
 * with exit code 5, without a leak, a half-written file, or harm to the file that was there before.
 *
 * usage: torture_commands FOLDER-OF-TRACES [--long]; without --long, far along, some numbers are left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/fault.h"
#include "tests/unit/tree.h"

typedef int command_function(int argc, char **argv);
command_function cmd_campaign, cmd_check, cmd_diff, cmd_export, cmd_extract, cmd_import, cmd_info, cmd_plot,
    cmd_repack, cmd_repair, cmd_replay, cmd_report;

#define WORDS_MAX 16
#define FILES_MAX 256
#define RESULT    "result"
#define PARTS     "parts" /* a folder of results, of which one is looked at */
#define PART      PARTS "/runs/engine=llamacpp/model=tiny/75f58d4bf35d9fae.jsonl.zst"

struct torture {
    command_function *run;
    const char *line;
    const char *result; /* the file that it makes; NULL: standard output */
};

static const struct torture tortures[] = {
    {cmd_info, "info --json small.toktape", NULL},
    {cmd_info, "info --allow-incomplete cut.toktape", NULL},
    {cmd_extract, "extract --phase 3 --response small.toktape", NULL},
    {cmd_extract, "extract --phase 3 --request small.toktape -o " RESULT, RESULT},
    {cmd_report, "report small.toktape", NULL},
    {cmd_report, "report small.toktape other.toktape --view phases --format csv -o " RESULT, RESULT},
    {cmd_report, "report small.toktape other.toktape --label machine=one", NULL},
    {cmd_report, "report --view runs --json --allow-incomplete cut.toktape", NULL},
    {cmd_report, "report small.toktape other.toktape --as vllm --format text", NULL},
    {cmd_report, "report small.toktape --as asiai --json", NULL},
    {cmd_report, "report small.toktape --as guidellm --format html -o " RESULT, RESULT},
    {cmd_report, "report small.toktape --view itl --format csv", NULL},
    {cmd_report, "report --view load burst.toktape", NULL},
    {cmd_report, "report --view load --json burst.toktape", NULL},
    {cmd_report, "report --as vllm --json pieces.toktape", NULL},
    {cmd_report, "report --print-gates", NULL},
    {cmd_export, "export small.toktape -o new", "new"},
    {cmd_export, "export --format jsonl pieces.toktape", NULL},
    {cmd_export, "export --format csv small.toktape other.toktape", NULL},
    {cmd_export, "export --format csv-frames small.toktape -o new", "new"},
    {cmd_export, "export --format perfetto talk.toktape -o new", "new"},
    {cmd_export, "export --format otlp cut.toktape --allow-incomplete -o new", "new"},
    {cmd_export, "export --format sqlite talk.toktape -o new", "new"},
    {cmd_export, "export --format jsonl-parts first.toktape small.toktape -o " PARTS, PART},
    {cmd_import, "import -q bench.json -o new", "new"},
    {cmd_import, "import --json events.jsonl --fact engine.name=vllm -o new", "new"},
    {cmd_import, "import -q agentic.json -o -", NULL},
    {cmd_import, "import -q --workload weka conversation.json -o new", "new"},
    {cmd_report, "report import.toktape", NULL},
    {cmd_report, "report --view cache agentic-8", NULL},
    {cmd_plot, "plot -q small.toktape -o charts", "charts/leaderboard.dat"},
    {cmd_plot, "plot -q --chart diff first.toktape --against second.toktape -o charts", "charts/diff.dat"},
    {cmd_diff, "diff first.toktape --against second.toktape --format text", NULL},
    {cmd_diff, "diff -q first.toktape --against second.toktape --fail-on decode\tslower\t2% -o " RESULT,
     RESULT},
    {cmd_check, "check small.toktape", NULL},
    {cmd_check, "check --json cut.toktape", NULL},
    {cmd_repair, "repair cut.toktape -o new", "new"},
#ifdef TOKTAPE_WITH_RECORD
    {cmd_campaign, "campaign --dry-run plan.json", NULL},
    {cmd_campaign, "campaign status --json plan.json", NULL},
    {cmd_replay, "replay --dry-run talk.toktape", NULL},
    {cmd_replay, "replay --dry-run --json --model other talk.toktape -o " RESULT, RESULT},
#endif
    {cmd_repack, "repack small.toktape -o new --json", "new"},
};
#define TORTURES (sizeof tortures / sizeof tortures[0])

static int is_long, complaints;

struct text {
    char *bytes;
    size_t len;
};

struct outcome {
    int code, files;
    long memory;
    struct text out, said, result;
};

static struct text contents(const char *path)
{
    struct text text = {NULL, 0};
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (!file)
        return text;
    fseek(file, 0, SEEK_END);
    text.len = (size_t)ftell(file);
    rewind(file);
    text.bytes = malloc(text.len + 1);
    text.bytes[fread(text.bytes, 1, text.len, file)] = '\0';
    fclose(file);
    return text;
}

static int is_same(const struct text *a, const struct text *b)
{
    return a->len == b->len && !a->bytes == !b->bytes && (!a->len || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static void forget(struct outcome *o)
{
    free(o->out.bytes);
    free(o->said.bytes);
    free(o->result.bytes);
}

static int redirect(int stream, const char *path)
{
    int kept = dup(stream), fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, stream);
    close(fd);
    return kept;
}

static void restore(int stream, int kept)
{
    dup2(kept, stream);
    close(kept);
}

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < FILES_MAX; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int split(char *line, char **words)
{
    int count = 0;
    char *rest = line;
    for (char *word; count < WORDS_MAX - 1 && (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    words[count] = NULL;
    return count;
}

static struct outcome run(const struct torture *t, const char *plan)
{
    struct outcome o = {0};
    char line[256], *words[WORDS_MAX];
    snprintf(line, sizeof line, "%s", t->line);
    int count = split(line, words);
    int out = redirect(STDOUT_FILENO, "out"), said = redirect(STDERR_FILENO, "said");
    fault_plan(plan);
    o.code = t->run(count, words);
    fflush(stdout);
    restore(STDOUT_FILENO, out);
    restore(STDERR_FILENO, said);
    o.memory = fault_memory_held();
    o.files = open_files();
    o.out = contents("out");
    o.said = contents("said");
    o.result = contents(t->result);
    return o;
}

static int has_leftover(const char *folder)
{
    DIR *dir = opendir(folder);
    int found = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;)
        found |= strstr(entry->d_name, ".tmp") || strstr(entry->d_name, ".pack") ||
                 strstr(entry->d_name, ".repair") || strstr(entry->d_name, ".import");
    if (dir)
        closedir(dir);
    return found;
}

static int parts_found;

static int count_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)path, (void)st, (void)place;
    parts_found += type == FTW_F;
    return 0;
}

static int files_in_parts(void)
{
    parts_found = 0;
    nftw(PARTS, count_file, 16, FTW_PHYS);
    return parts_found;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st, (void)type, (void)place;
    return remove(path);
}

/* What is written over stands there before, so that a failure may leave it; what is not is away. */
static void put_old(const struct torture *t, const struct text *old)
{
    if (!t->result)
        return;
    unlink(t->result);
    nftw(PARTS, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (strcmp(t->result, "new") == 0 || strcmp(t->result, PART) == 0)
        return;
    FILE *file = fopen(t->result, "wb");
    if (file) { /* else its folder is not made yet */
        fwrite(old->bytes, 1, old->len, file);
        fclose(file);
    }
}

static const char *judge(const struct torture *t, const struct outcome *want, const struct text *old,
                         const struct outcome *got)
{
    int is_right =
        got->code == want->code && is_same(&got->out, &want->out) && is_same(&got->result, &want->result);
    int is_kept = !got->result.bytes || is_same(&got->result, old) || is_same(&got->result, &want->result);
    if (got->memory != want->memory)
        return "memory leaks";
    if (got->files != want->files)
        return "a file stays open";
    if (has_leftover(".") || has_leftover("charts"))
        return "a file is left behind";
    if (is_right)
        return NULL;
    if (got->code != 5)
        return "the wrong exit code";
    if (t->result && strcmp(t->result, PART) == 0 && files_in_parts())
        return "a part is left behind";
    if (strncmp(got->said.bytes, "toktape: ", 9) != 0)
        return "no word of what is wrong";
    if (t->result && !is_kept)
        return "half a file";
    return NULL;
}

static int next(int n)
{
    return is_long ? n + 1 : n + 1 + n / 2;
}

/* All that is wrong is worth knowing, not only the first. */
static void complain(const struct torture *t, const char *plan, const char *wrong, const struct outcome *got)
{
    print_error("%s: %s: %s; exit code %d, '%.200s'\n", t->line, plan, wrong, got->code, got->said.bytes);
    complaints++;
}

/* How often the fault struck: until it is so late that the command is over. */
static int walk(const struct torture *t, const char *point, const char *action, int must_work)
{
    char old_text[] = "what was there before";
    struct text old = {old_text, sizeof old_text - 1};
    int strikes = 0, struck = 1;
    put_old(t, &old);
    struct outcome first = run(t, NULL); /* what is made once and kept is made now */
    forget(&first);
    put_old(t, &old);
    struct outcome want = run(t, NULL);
    for (int n = 1; struck; n = next(n)) {
        char plan[64];
        snprintf(plan, sizeof plan, "%s:%d:%s", point, n, action);
        put_old(t, &old);
        struct outcome got = run(t, plan);
        struck = fault_has_struck();
        const char *wrong = judge(t, &want, &old, &got);
        if (!wrong && must_work && got.code != want.code)
            wrong = "it failed where it could go on";
        if (wrong)
            complain(t, plan, wrong, &got);
        strikes += struck;
        forget(&got);
    }
    forget(&want);
    return strikes;
}

static void walk_all(const char *point, const char *action, int must_work)
{
    int strikes = complaints = 0;
    for (size_t i = 0; i < TORTURES; i++)
        strikes += walk(&tortures[i], point, action, must_work);
    print_message("%s %s: %d cases\n", point, action, strikes);
    assert_in_range(strikes, TORTURES / 2, 1 << 30);
    assert_int_equal(complaints, 0);
}

static void test_memory_runs_out_once(void **state)
{
    (void)state;
    walk_all("alloc", "fail", 0);
}

static void test_memory_runs_out_for_good(void **state)
{
    (void)state;
    walk_all("alloc", "enospc", 0);
}

static void test_files_do_not_open(void **state)
{
    (void)state;
    walk_all("open", "eio", 0);
}

static void test_reads_fail(void **state)
{
    (void)state;
    walk_all("read", "eio", 0);
    walk_all("read", "eintr", 1);
    walk_all("read", "short", 1);
}

static void test_writes_fail(void **state)
{
    (void)state;
    walk_all("write", "enospc", 0);
    walk_all("write", "eio", 0);
    walk_all("write", "eintr", 1);
    walk_all("write", "short", 1);
}

static void test_syncs_and_renames_fail(void **state)
{
    static const struct torture replacing[] = {
        {cmd_report, "report small.toktape -o " RESULT, RESULT},
        {cmd_plot, "plot -q small.toktape -o charts", "charts/leaderboard.dat"},
        {cmd_export, "export --format csv small.toktape -o new", "new"},
        {cmd_export, "export --format sqlite small.toktape -o new", "new"},
        {cmd_export, "export --format jsonl-parts first.toktape small.toktape -o " PARTS, PART},
    };
    (void)state;
    complaints = 0;
    for (size_t i = 0; i < sizeof replacing / sizeof replacing[0]; i++) {
        assert_in_range(walk(&replacing[i], "sync", "eio", 0), 1, 100);
        assert_in_range(walk(&replacing[i], "sync", "eintr", 1), 1, 100);
        assert_in_range(walk(&replacing[i], "rename", "eio", 0), 1, 100);
    }
    assert_int_equal(complaints, 0);
}

/* ---- the folder that it happens in ---- */

static void copy(const char *folder, const char *name, const char *to, size_t cut)
{
    char from[512];
    snprintf(from, sizeof from, "%s/%s", folder, name);
    struct text text = contents(from);
    FILE *file = fopen(to, "wb");
    if (!text.bytes || !file)
        fail_msg("cannot copy '%s'", from);
    assert_int_equal(fwrite(text.bytes, 1, text.len - cut, file), text.len - cut);
    fclose(file);
    free(text.bytes);
}

/* Drawing is gnuplot's matter: one that only makes an empty picture is quick enough to be called thousands of
 * times. */
static void stand_in_for_gnuplot(const struct tree *work)
{
    char path[128];
    tree_file(work, "bin/gnuplot", "#!/bin/sh\n");
    assert_int_equal(chmod("bin/gnuplot", 0700), 0);
    snprintf(path, sizeof path, "%s/bin:/bin:/usr/bin", work->root);
    setenv("PATH", path, 1);
}

/* A plan with something of everything, and what is known of a campaign of it. */
static void put_campaign(const struct tree *work)
{
    tree_file(work, "plan.json",
              "{\"name\": \"n\", \"out\": \"archive\", \"interleave\": true, \"defaults\": {\"workload\": "
              "\"work.json\","
              "\"runs\": 2, \"pause\": 0, \"labels\": {\"a\": \"b\"}, \"engine\": {\"cmd\": [\"sh\", \"-c\", "
              "\"true\"],"
              "\"url\": \"http://127.0.0.1:1\", \"env\": {\"A\": \"1\"}}}, \"sentinel\": {\"every\": 2}, "
              "\"cells\": [{\"name\": \"a\"},"
              "{\"name\": \"b\", \"extra_body\": {\"x\": 1}, \"before\": [{\"cool_down\": 5}, {\"run\": "
              "\"true\"}]}]}");
    tree_file(work, "work.json",
              "{\"name\": \"w\", \"phases\": [{\"name\": \"p\", \"max_tokens\": 9, \"messages\": [{\"role\": "
              "\"user\","
              "\"content\": \"x\"}]}]}");
    tree_file(work, "archive/n.campaign/manifest.json",
              "{\"format\": \"toktape-campaign-1\", \"campaign\": \"n\", \"recordings\": [{\"cell\": \"a\", "
              "\"repeat\": 0,"
              "\"state\": \"done\", \"content_id\": \"ab\", \"trace\": \"a.r0.toktape\"}, {\"cell\": \"b\", "
              "\"repeat\": 1,"
              "\"state\": \"failed\", \"reason\": \"it fell over\"}]}");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_runs_out_once), cmocka_unit_test(test_memory_runs_out_for_good),
        cmocka_unit_test(test_files_do_not_open),    cmocka_unit_test(test_reads_fail),
        cmocka_unit_test(test_writes_fail),          cmocka_unit_test(test_syncs_and_renames_fail),
    };
    struct tree work;
    tree_make(&work);
    if (argc < 2 || chdir(work.root) != 0)
        return 2;
    is_long = argc > 2 && strcmp(argv[2], "--long") == 0;
    copy(argv[1], "captures.toktape", "small.toktape", 0);
    copy(argv[1], "demo.toktape", "other.toktape", 0);
    copy(argv[1], "agentic.toktape", "first.toktape", 0);
    copy(argv[1], "engine.toktape", "second.toktape", 0);
    copy(argv[1], "engine.toktape", "talk.toktape", 0);
    copy(argv[1], "burst.toktape", "burst.toktape", 0);
    copy(argv[1], "pieces.toktape", "pieces.toktape", 0);
    copy(argv[1], "captures.toktape", "cut.toktape", 3000);
    copy(argv[1], "imported.toktape", "import.toktape", 0);
    copy(argv[1], "../imports/vllm.json", "bench.json", 0);
    copy(argv[1], "../imports/aiperf-raw.jsonl", "events.jsonl", 0);
    copy(argv[1], "../imports/asiai-v1.json", "agentic.json", 0);
    copy(argv[1], "../imports/weka.json", "conversation.json", 0);
    stand_in_for_gnuplot(&work);
    put_campaign(&work);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tree_remove(&work);
    return failed;
}

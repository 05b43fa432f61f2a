/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/docs.h"
#include "analyze/tape_batch.h"
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/textsafe.h"
#include "plots/docs_pictures.h"

int cmd_docs(int argc, char **argv);

struct docs_options {
    const char *traces, *gates, *names;
    int check, quiet, allow_incomplete;
};

#define AT(member) offsetof(struct docs_options, member)

static const struct option_def options[] = {
    {"traces", 0, OPTION_TEXT, "DIR", NULL, "the folder whose *.toktape the figures come from", AT(traces)},
    {"check", 0, OPTION_FLAG, NULL, NULL, "write nothing; say what differs, and what every figure is made of",
     AT(check)},
    {"gates", 0, OPTION_TEXT, "NAME|FILE", GATES_DEFAULT, "the gates profile (default " GATES_DEFAULT ")",
     AT(gates)},
    {"names", 0, OPTION_TEXT, "FILE", NULL,
     "JSON {\"models\": {\"FILE\": \"NAME\"}, \"machines\": {...}}: names for the tables", AT(names)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "docs", "PAGE.md...", "Fills the marked tables and figures of Markdown pages from traces.", options,
    "A region is <!-- toktape:tiers block=\"TITLE\" -->, <!-- toktape:value expr=\"...\" --> or "
    "<!-- toktape:plot chart=\"NAME\" file=\"PATH\" -->, its content, and <!-- /toktape -->; nothing else is "
    "touched. The exit code is 1 when --check finds a page that is not "
    "what the traces give, 3 when a trace was incomplete or repaired.\n\n"
    "examples:\n"
    "  toktape docs results.md --traces archive\n"
    "  toktape docs --check results.md --traces archive"};

/* A page as it is, and as it should be. */
struct page {
    const char *path;
    struct buf old, filled;
};

struct job {
    struct report report;
    struct gates gates;
    struct docs_pictures pictures;
    struct text_list told, stale;
    struct page *pages;
    size_t count;
};

static int add_tape(void *report, const struct tape *tape, struct error *e)
{
    return report_add(report, tape, e);
}

/* In the order of their names, so that the result does not depend on the file system. */
static int list_traces(const char *folder, struct text_list *paths, struct error *e)
{
    struct buf found = BUF_INIT;
    int status = io_list_folder(folder, ".toktape", &found, e);
    for (size_t at = 0; !status && at < found.len;) {
        const char *name = (const char *)found.data + at;
        if (text_list_addf(paths, "%s/%s", folder, name))
            status = error_set(e, TT_NOMEM, "out of memory");
        at += strlen(name) + 1;
    }
    buf_release(&found);
    text_list_sort(paths);
    if (!status && !paths->count)
        status = error_set(e, TT_NOTFOUND, "the folder '%s' has no *.toktape", folder);
    return status;
}

/* Pictures want more of a trace than tables do. */
static int wants_pictures(const struct job *job)
{
    int wanted = 0;
    for (size_t i = 0; i < job->count; i++)
        wanted |= strstr(buf_text(&job->pages[i].old), "<!-- toktape:plot ") != NULL;
    return wanted;
}

static int add_traces(struct job *job, const struct docs_options *o, struct error *e)
{
    struct text_list paths = {0};
    int status = list_traces(o->traces, &paths, e);
    struct tape_batch batch = {
        .paths = (const char *const *)paths.items,
        .count = paths.count,
        .options = {.allow_incomplete = o->allow_incomplete, .with_depth = wants_pictures(job)},
        .take = add_tape,
        .context = &job->report};
    if (!status)
        status = tape_load_batch(&batch, e);
    text_list_release(&paths);
    return status;
}

static int build(struct job *job, const struct docs_options *o, struct error *e)
{
    int status = gates_open(&job->gates, o->gates, e);
    if (!status && o->names)
        status = report_names(&job->report, o->names, e);
    if (!status)
        status = add_traces(job, o, e);
    if (!status)
        status = report_finish(&job->report, &job->gates, e);
    for (size_t i = 0; !status && !o->quiet && i < job->report.warnings.count; i++)
        command_warn("%s", job->report.warnings.items[i]);
    return status;
}

static int fill_page(struct job *job, struct page *page, struct error *e)
{
    const struct docs_plot plot = {docs_pictures_fill, &job->pictures};
    int status = docs_fill(page->path, buf_bytes(&page->old), &job->report, &job->gates, &plot, &page->filled,
                           &job->told, &job->stale, e);
    if (status && !e->text[0])
        error_set(e, (enum tt_err)status, "'%s' does not fit in memory", page->path);
    return status;
}

/* All pages are filled before the first is written: an error leaves all as they were. */
static int write_pages(struct job *job, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < job->count; i++) {
        const struct page *page = &job->pages[i];
        if (page->old.len != page->filled.len ||
            (page->old.len && memcmp(page->old.data, page->filled.data, page->old.len) != 0))
            status = io_write_file(page->path, page->filled.data, page->filled.len, e);
    }
    return status ? status : docs_pictures_draw(&job->pictures, e);
}

/* Items may be of several lines, and hold names from traces. */
static int print_all(const struct text_list *items)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < items->count; i++) {
        const char *line = items->items[i];
        for (size_t len; len = strcspn(line, "\n"), line[len]; line += len + 1) {
            text_plain_part(&out, line, len);
            buf_putc(&out, '\n');
        }
        text_plain(&out, line);
        buf_putc(&out, '\n');
    }
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code;
}

static int finish(struct job *job, const struct docs_options *o, struct error *e)
{
    if (o->check) {
        int code = print_all(&job->told);
        if (!code)
            code = print_all(&job->stale);
        if (code || job->stale.count)
            return code ? code : 1;
    } else if (write_pages(job, e)) {
        return command_fail(e);
    }
    return report_is_partial(&job->report) ? 3 : 0;
}

static int run_docs(struct job *job, const struct docs_options *o)
{
    struct error e = {0};
    int status = TT_OK;
    for (size_t i = 0; !status && i < job->count; i++)
        status = io_read_file(job->pages[i].path, DOCS_PAGE_MAX, &job->pages[i].old, &e);
    if (!status)
        status = build(job, o, &e);
    job->pictures.report = &job->report;
    job->pictures.gates = &job->gates;
    job->pictures.allow_incomplete = o->allow_incomplete;
    for (size_t i = 0; !status && i < job->count; i++)
        status = fill_page(job, &job->pages[i], &e);
    return status ? command_fail(&e) : finish(job, o, &e);
}

static int with_pages(const struct docs_options *o, const struct option_list *operands)
{
    struct job job = {.count = operands->count};
    struct error e = {0};
    if (!job.count || !o->traces)
        error_set(&e, TT_USAGE, "docs wants pages and --traces DIR; 'toktape docs --help' shows how");
    else if (!(job.pages = mem_zalloc(job.count, sizeof *job.pages)))
        error_set(&e, TT_NOMEM, "out of memory");
    if (!job.pages)
        return command_fail(&e);
    report_init(&job.report);
    for (size_t i = 0; i < job.count; i++)
        job.pages[i].path = operands->items[i];
    int code = run_docs(&job, o);
    for (size_t i = 0; i < job.count; i++) {
        buf_release(&job.pages[i].old);
        buf_release(&job.pages[i].filled);
    }
    mem_free(job.pages);
    docs_pictures_release(&job.pictures);
    text_list_release(&job.told);
    text_list_release(&job.stale);
    report_release(&job.report);
    gates_release(&job.gates);
    return code;
}

int cmd_docs(int argc, char **argv)
{
    struct docs_options values = {.gates = GATES_DEFAULT};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = with_pages(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}

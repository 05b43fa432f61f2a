/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "analyze/compare_side.h"
#include "analyze/sentinel.h"
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/json.h"
#include "record/campaign_report.h"
#include "record/command_runner.h"
#include "record/shell.h"

/* ---- the sentinel ---- */

static int add_trace(const struct campaign *c, const struct recording *r, struct compare_side *side,
                     struct error *e)
{
    char *path = campaign_trace_path(c, r);
    struct tape_options reading = {0};
    struct tape tape;
    if (!path)
        return error_set(e, TT_NOMEM, "out of memory");
    int status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = compare_side_add(side, &tape, e);
    tape_release(&tape);
    mem_free(path);
    return status;
}

static int read_sentinel(const struct campaign *c, struct compare_side *side, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < c->order.count; i++) {
        const struct recording *r = &c->order.items[i];
        const struct manifest_entry *entry = manifest_find(&c->manifest, r);
        if (r->is_sentinel && entry && entry->state == CELL_DONE)
            status = add_trace(c, r, side, e);
    }
    if (!status && !side->has_cell)
        status = error_set(e, TT_NOTFOUND, "it has not been recorded yet");
    return status;
}

static int keep_session(const struct campaign *c, const struct sentinel *s, struct error *e)
{
    struct buf path = BUF_INIT, text = BUF_INIT;
    struct jsonout j;
    jsonout_init(&j, &text, 2);
    sentinel_put_json(s, &j);
    buf_putc(&text, '\n');
    buf_printf(&path, "%ssession.json", c->folder);
    int status = text.failed || path.failed ? error_set(e, TT_NOMEM, "out of memory")
                                            : io_write_file(buf_text(&path), text.data, text.len, e);
    buf_release(&path);
    buf_release(&text);
    return status;
}

/* The recording that came right before one of the sentinel's. */
static const char *cell_before(const struct campaign *c, uint64_t sentinel)
{
    const char *name = "the beginning";
    for (size_t i = 0; i < c->order.count; i++) {
        const struct recording *r = &c->order.items[i];
        if (r->is_sentinel && r->repeat == sentinel)
            break;
        if (!r->is_sentinel)
            name = r->cell->name;
    }
    return name;
}

static int tell_where(const struct campaign *c, const struct sentinel *s, struct buf *said)
{
    for (size_t i = 0; i < SENTINEL_METRICS; i++) {
        if (s->metrics[i].drifts) {
            buf_printf(said, "sentinel: that is around '%s': compare no cell before it with one behind\n",
                       cell_before(c, s->metrics[i].from));
            return 1;
        }
    }
    return 0;
}

int campaign_judge_sentinel(const struct campaign *c, struct buf *said, int *drifts, struct error *e)
{
    struct compare_side side;
    struct sentinel sentinel = {0};
    compare_side_init(&side, "sentinel");
    int status = read_sentinel(c, &side, e);
    if (!status && sentinel_judge(&sentinel, &side.cell, c->plan->drift_pct / 100))
        status = error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = keep_session(c, &sentinel, e);
    if (!status) {
        sentinel_put_text(&sentinel, said);
        *drifts = tell_where(c, &sentinel, said);
    }
    sentinel_release(&sentinel);
    compare_side_release(&side);
    return status;
}

/* ---- reports: our own commands, as a person would give them ---- */

struct reports {
    const struct campaign *c;
    const char *folder;
    int quiet;
};

/* `traces` is a folder: the shell lists what is in it. */
static int run_command(const struct reports *r, const char *words, const char *result, const char *traces,
                       struct error *e)
{
    struct buf command = BUF_INIT, path = BUF_INIT;
    buf_printf(&path, "%s/%s", r->folder, result);
    buf_puts(&command, "LC_ALL=C; export LC_ALL; exec ");
    shell_quote(&command, r->c->program);
    buf_printf(&command, " %s ", words);
    shell_quote(&command, buf_text(&path));
    if (traces) {
        buf_putc(&command, ' ');
        shell_quote(&command, traces);
        buf_puts(&command, "/*.toktape");
    }
    struct command_job job = {words, buf_text(&command), 0, r->c->options.interrupted};
    int status =
        command.failed || path.failed ? error_set(e, TT_NOMEM, "out of memory") : command_run(&job, NULL, e);
    if (!status && !r->quiet)
        printf("%s\n", buf_text(&path));
    buf_release(&command);
    buf_release(&path);
    return status;
}

static int put_regions(const struct reports *r, struct buf *page, struct error *e)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/figures.json", r->folder);
    cJSON *figures = json_read_file(buf_text(&path), JSON_FILE_MAX, e);
    const cJSON *block;
    cJSON_ArrayForEach(block, json_member(figures, "blocks"))
    {
        const char *title = json_string(block, "title");
        if (title && !strpbrk(title, "\"\n") && !strstr(title, "--"))
            buf_printf(page, "## %s\n\n<!-- toktape:tiers block=\"%s\" -->\n<!-- /toktape -->\n\n", title,
                       title);
    }
    cJSON_Delete(figures);
    buf_release(&path);
    return figures ? TT_OK : e->code;
}

/* A page that is there is somebody's: only what is between its marks is made anew. */
static int make_page(const struct reports *r, struct error *e)
{
    struct buf page = BUF_INIT, path = BUF_INIT, command = BUF_INIT;
    int status = TT_OK;
    buf_printf(&path, "%s/page.md", r->folder);
    if (!io_exists(buf_text(&path))) {
        buf_printf(&page, "# %s\n\n", r->c->plan->name);
        status = put_regions(r, &page, e);
        if (!status)
            status = io_write_file(buf_text(&path), page.data, page.len, e);
    }
    buf_puts(&command, "docs --traces ");
    shell_quote(&command, r->c->plan->out);
    if (!status)
        status = run_command(r, buf_text(&command), "page.md", NULL, e);
    buf_release(&page);
    buf_release(&path);
    buf_release(&command);
    return status;
}

/* Without gnuplot there are scripts and data all the same. */
static void draw(const struct reports *r, const char *words, const char *traces)
{
    struct error why = {0};
    struct reports unsaid = *r;
    unsaid.quiet |= strcmp(traces, r->c->plan->out) != 0; /* the same folder again */
    if (run_command(&unsaid, words, "charts", traces, &why))
        command_warn("%s", why.text);
}

static int show_sentinel(const struct reports *r, struct error *e)
{
    struct buf said = BUF_INIT, folder = BUF_INIT;
    int drifts = 0, status = campaign_judge_sentinel(r->c, &said, &drifts, e);
    if (drifts || !r->quiet)
        fputs(buf_text(&said), stderr);
    buf_printf(&folder, "%ssentinel", r->c->folder);
    if (!status)
        draw(r, "plot --quiet --chart sentinel -o", buf_text(&folder));
    buf_release(&said);
    buf_release(&folder);
    return status == TT_NOTFOUND ? TT_OK : status;
}

static int check_archive(const struct campaign *c, struct error *e)
{
    struct buf names = BUF_INIT;
    int status = io_exists(c->plan->out) ? io_list_folder(c->plan->out, ".toktape", &names, e) : TT_OK;
    if (!status && !names.len)
        status = error_set(e, TT_NOTFOUND, "there is no finished trace in '%s' yet", c->plan->out);
    buf_release(&names);
    return status;
}

static int make_reports(const struct reports *r, struct error *e)
{
    static const char *const parts[][2] = {{"report --format md -o", "tables.md"},
                                           {"report --format csv -o", "figures.csv"},
                                           {"report --format json -o", "figures.json"},
                                           {"report --format html -o", "index.html"}};
    int status = check_archive(r->c, e);
    if (!status)
        status = io_make_directory(r->folder, e);
    for (size_t i = 0; !status && i < sizeof parts / sizeof parts[0]; i++)
        status = run_command(r, parts[i][0], parts[i][1], r->c->plan->out, e);
    if (!status)
        status = make_page(r, e);
    if (!status)
        draw(r, "plot --quiet -o", r->c->plan->out);
    if (!status && r->c->plan->sentinel)
        status = show_sentinel(r, e);
    return status;
}

int campaign_report(const struct campaign *c, const char *folder, int quiet)
{
    struct buf usual = BUF_INIT;
    struct error e = {0};
    buf_printf(&usual, "%s/%s.report", c->plan->out, c->plan->name);
    struct reports r = {c, folder ? folder : buf_text(&usual), quiet};
    int status = usual.failed ? error_set(&e, TT_NOMEM, "out of memory") : make_reports(&r, &e);
    buf_release(&usual);
    return status ? command_fail(&e) : 0;
}

/* SPDX-License-Identifier: MIT */
#include "plots/docs_sources.h"

#include <string.h>

#include "analyze/compare_setup.h"
#include "analyze/docs_rows.h"
#include "plots/gallery.h"

/* --- one trace --- */

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* With or without its suffix; "*" stands for the only one there is. */
static int is_named(const char *path, const char *name)
{
    const char *file = file_name(path), *suffix = strrchr(file, '.');
    size_t stem = suffix ? (size_t)(suffix - file) : strlen(file);
    return strcmp(name, "*") == 0 || strcmp(file, name) == 0 ||
           (strlen(name) == stem && strncmp(file, name, stem) == 0);
}

static int refuse_trace(const struct report *report, const char *name, struct error *e)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; k < report->cells[i].trace_count; k++)
            buf_printf(&names, "%s%s", names.len ? ", " : "", file_name(report->cells[i].traces[k].path));
    }
    int status =
        strcmp(name, "*") == 0
            ? error_set(e, TT_USAGE, "a chart of one trace wants trace=\"FILE\"; there are %s",
                        buf_text(&names))
            : error_set(e, TT_NOTFOUND, "no trace is called '%s'; there are %s", name, buf_text(&names));
    buf_release(&names);
    return status;
}

/* NULL unless one trace is called so. */
static const char *find_trace(const struct report *report, const char *name)
{
    const char *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; k < report->cells[i].trace_count; k++) {
            if (is_named(report->cells[i].traces[k].path, name)) {
                found = report->cells[i].traces[k].path;
                matches++;
            }
        }
    }
    return matches == 1 ? found : NULL;
}

/* A report of the one trace, named as the page's own report names things. */
static int report_alone(struct report *alone, const struct docs_pictures *pictures, const struct tape *tape,
                        struct error *e)
{
    const struct text_list *labels = &pictures->report->labels;
    int status = TT_OK;
    report_init(alone);
    alone->block_by = pictures->report->block_by;
    for (size_t i = 0; i < labels->count && !status; i++)
        status = text_list_add(&alone->labels, labels->items[i]);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory");
    status = report_add(alone, tape, e);
    return status ? status : report_finish(alone, pictures->gates, e);
}

static int fill_loaded(const struct docs_pictures *pictures, const struct gallery_trace *trace,
                       const char *panels, const struct chart_kind *kind, struct chart *c, struct error *e)
{
    struct report alone;
    struct chart_input input = {.report = &alone, .gates = pictures->gates, .panels = panels};
    int status = report_alone(&alone, pictures, trace->tape, e);
    if (!status)
        status = gallery_chart_of_trace(trace, kind, c, &input, e);
    report_release(&alone);
    return status;
}

int docs_fill_of_trace(const struct docs_pictures *pictures, const char *mark, const struct chart_kind *kind,
                       struct chart *c, struct error *e)
{
    char name[DOCS_WORD_MAX] = "*", run[DOCS_WORD_MAX], panels[DOCS_WORD_MAX];
    struct tape tape;
    struct gallery_trace trace = {.tape = &tape};
    struct tape_options reading = {.allow_incomplete = pictures->allow_incomplete};
    int has_panels = docs_attribute(mark, "panels", panels);
    (void)docs_attribute(mark, "trace", name);
    const char *path = find_trace(pictures->report, name);
    if (!path)
        return refuse_trace(pictures->report, name, e);
    int status = gallery_run_option(docs_attribute(mark, "run", run) ? run : NULL, &trace, e);
    if (!status && has_panels)
        status = chart_check_panels(panels, e);
    if (status)
        return status;
    gallery_tap(&trace, &reading);
    status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = fill_loaded(pictures, &trace, has_panels ? panels : NULL, kind, c, e);
    gallery_trace_release(&trace);
    tape_release(&tape);
    return status;
}

/* --- two sides --- */

static int add_side(const struct docs_pictures *pictures, const char *mark, const char *key,
                    struct compare_side *side, struct error *e)
{
    char word[DOCS_WORD_MAX];
    if (!docs_attribute(mark, key, word))
        return error_set(e, TT_USAGE, "the chart 'diff' wants base=\"ROW\" and new=\"ROW\"");
    const struct report_row *row = docs_row(pictures->report, word, e);
    if (!row)
        return TT_NOTFOUND;
    const struct cell *cell = &pictures->report->cells[row->source];
    int status = TT_OK;
    for (size_t i = 0; !status && i < cell->trace_count; i++) {
        struct tape tape;
        struct tape_options reading = {.allow_incomplete = pictures->allow_incomplete};
        status = tape_load(&tape, cell->traces[i].path, &reading, e);
        if (!status)
            status = compare_side_add(side, &tape, e);
        tape_release(&tape);
    }
    return status;
}

static int compare_rows(const struct docs_pictures *pictures, const char *mark, struct compare_setup *setup,
                        struct error *e)
{
    char primary[DOCS_WORD_MAX], margin[DOCS_WORD_MAX], sd[DOCS_WORD_MAX];
    const struct compare_words words = {
        .primary = docs_attribute(mark, "primary", primary) ? primary : NULL,
        .margin = docs_attribute(mark, "margin", margin) ? margin : NULL,
        .session_sd = docs_attribute(mark, "session-sd", sd) ? sd : NULL,
    };
    int status = compare_setup_read(setup, &words, e);
    if (!status)
        status = add_side(pictures, mark, "base", &setup->sides[SIDE_BASE], e);
    if (!status)
        status = add_side(pictures, mark, "new", &setup->sides[SIDE_NEW], e);
    return status ? status : compare_setup_finish(setup, &words, pictures->allow_incomplete, e);
}

int docs_fill_of_sides(const struct docs_pictures *pictures, const char *mark, const struct chart_kind *kind,
                       struct chart *c, struct error *e)
{
    struct compare_setup setup;
    const struct compare_result comparison = {setup.sides, &setup.table, NULL, 0};
    const struct chart_input input = {
        .report = pictures->report, .gates = pictures->gates, .comparison = &comparison};
    compare_setup_init(&setup, &pictures->report->labels);
    int status = compare_rows(pictures, mark, &setup, e);
    if (!status)
        status = kind->fill(c, &input, e);
    compare_setup_release(&setup);
    return status;
}

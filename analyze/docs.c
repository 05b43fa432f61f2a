/* SPDX-License-Identifier: MIT */
#include "analyze/docs.h"

#include <stdio.h>
#include <string.h>

#include "analyze/docs_diff.h"
#include "analyze/docs_value.h"
#include "analyze/views.h"

#define MARK_BEGIN "<!-- toktape:"
#define MARK_CLOSE "-->"
#define REGION_END "<!-- /toktape -->"

struct filling {
    const char *name;
    const struct report *report;
    const struct gates *gates;
    const struct docs_plot *plot;
    struct text_list *told, *stale;
    struct error *e;
    size_t line; /* of the mark under work, from 1 */
};

/* A region: its mark's inside ("tiers block=..."), and the old content. */
struct region {
    char mark[DOCS_WORD_MAX];
    struct bytes old;
};

/* Where `what` begins, or NULL. */
static const char *find(struct bytes in, const char *what)
{
    size_t len = strlen(what);
    const char *text = (const char *)in.data;
    for (size_t i = 0; i + len <= in.len; i++) {
        if (text[i] == *what && memcmp(text + i, what, len) == 0)
            return text + i;
    }
    return NULL;
}

static size_t lines_in(struct bytes text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    return lines;
}

static struct bytes take(struct bytes *from, const char *until)
{
    struct bytes taken = {from->data, (size_t)(until - (const char *)from->data)};
    from->data += taken.len;
    from->len -= taken.len;
    return taken;
}

int docs_attribute(const char *mark, const char *key, char out[DOCS_WORD_MAX])
{
    char wanted[32];
    (void)snprintf(wanted, sizeof wanted, " %s=\"", key);
    const char *begin = strstr(mark, wanted);
    if (!begin)
        return 0;
    begin += strlen(wanted);
    size_t len = strcspn(begin, "\"");
    if (!begin[len])
        return 0;
    memcpy(out, begin, len);
    out[len] = '\0';
    return 1;
}

static void name_blocks(const struct report *report, const char *title, struct error *e)
{
    struct buf titles = BUF_INIT;
    for (size_t i = 0; i < report->block_count; i++)
        buf_printf(&titles, "%s'%s'", i ? ", " : "", report->blocks[i].title);
    error_set(e, TT_NOTFOUND, "no block is called '%s'; there are %s", title, buf_text(&titles));
    buf_release(&titles);
}

const struct report_block *docs_block(const struct report *report, const char *title, struct error *e)
{
    for (size_t i = 0; i < report->block_count; i++) {
        if (strcmp(report->blocks[i].title, title) == 0)
            return &report->blocks[i];
    }
    name_blocks(report, title, e);
    return NULL;
}

static int put_tiers(struct filling *f, const struct region *region, struct buf *out)
{
    char title[DOCS_WORD_MAX], titles[DOCS_WORD_MAX] = "long";
    struct table table = TABLE_INIT;
    if (!docs_attribute(region->mark, "block", title))
        return error_set(f->e, TT_USAGE, "toktape:tiers wants block=\"TITLE\"");
    if (docs_attribute(region->mark, "titles", titles) && strcmp(titles, "long") != 0 &&
        strcmp(titles, "short") != 0)
        return error_set(f->e, TT_USAGE, "titles are \"long\" or \"short\", not \"%s\"", titles);
    const struct report_block *block = docs_block(f->report, title, f->e);
    if (!block)
        return TT_NOTFOUND;
    int status = view_tiers(f->gates, block->rows, block->row_count, strcmp(titles, "short") == 0, &table);
    if (!status)
        status = view_notes(block->rows, block->row_count, &table);
    buf_putc(out, '\n');
    if (!status)
        status = table_markdown(&table, out);
    if (!status)
        status = docs_diff_table(f->name, f->line, &table, region->old, out, f->stale);
    table_release(&table);
    return status;
}

static int put_value(struct filling *f, const struct region *region, struct buf *out)
{
    char expression[DOCS_WORD_MAX];
    struct buf operands = BUF_INIT;
    if (!docs_attribute(region->mark, "expr", expression))
        return error_set(f->e, TT_USAGE, "toktape:value wants expr=\"...\"");
    int status = docs_value(expression, f->report, f->gates, out, &operands, f->e);
    if (!status)
        status = text_list_addf(f->told, "%s:%zu: %s is %s: %s", f->name, f->line, expression, buf_text(out),
                                buf_text(&operands));
    if (!status && !docs_same(region->old, out))
        status = text_list_addf(f->stale, "%s:%zu: %s: the page has '%.*s', the traces give '%s'", f->name,
                                f->line, expression, (int)region->old.len, (const char *)region->old.data,
                                buf_text(out));
    buf_release(&operands);
    return status;
}

static int put_plot(struct filling *f, const struct region *region, struct buf *out)
{
    struct buf where = BUF_INIT;
    buf_printf(&where, "%s:%zu", f->name, f->line);
    int status =
        f->plot->fill(f->plot->context, f->name, buf_text(&where), region->mark, out, f->stale, f->e);
    if (!status && !docs_same(region->old, out))
        status = text_list_addf(f->stale, "%s: the page does not show this picture as it would be named now",
                                buf_text(&where));
    buf_release(&where);
    return status;
}

static int put_region(struct filling *f, const struct region *region, struct buf *out)
{
    struct buf content = BUF_INIT;
    int status;
    if (strncmp(region->mark, "tiers ", 6) == 0)
        status = put_tiers(f, region, &content);
    else if (strncmp(region->mark, "value ", 6) == 0)
        status = put_value(f, region, &content);
    else if (f->plot && strncmp(region->mark, "plot ", 5) == 0)
        status = put_plot(f, region, &content);
    else
        status = error_set(f->e, TT_USAGE,
                           "'toktape:%s' is neither toktape:tiers nor toktape:value nor toktape:plot",
                           region->mark);
    if (!status)
        status = content.failed ? content.failed : buf_append(out, content.data, content.len);
    buf_release(&content);
    return status;
}

/* Takes a mark and what it encloses from the front of *page; the mark itself goes to *out as it is. */
static int take_region(struct filling *f, struct bytes *page, struct region *region, struct buf *out)
{
    const char *close = find(*page, MARK_CLOSE);
    size_t begin = strlen(MARK_BEGIN);
    struct bytes mark = close ? take(page, close + strlen(MARK_CLOSE)) : (struct bytes){NULL, 0};
    size_t inside = mark.len - begin - strlen(MARK_CLOSE);
    if (!close || inside >= DOCS_WORD_MAX || lines_in(mark))
        return error_set(f->e, TT_USAGE, "a mark is not closed on its line");
    memcpy(region->mark, mark.data + begin, inside);
    region->mark[inside] = '\0';
    const char *end = find(*page, REGION_END), *next = find(*page, MARK_BEGIN);
    if (!end || (next && next < end))
        return error_set(f->e, TT_USAGE, "'toktape:%s' has no '%s' of its own", region->mark, REGION_END);
    region->old = take(page, end);
    return buf_append(out, mark.data, mark.len);
}

int docs_fill(const char *name, struct bytes page, const struct report *report, const struct gates *gates,
              const struct docs_plot *plot, struct buf *out, struct text_list *told, struct text_list *stale,
              struct error *e)
{
    struct filling f = {name, report, gates, plot, told, stale, e, 1};
    const char *mark;
    size_t regions = 0;
    while ((mark = find(page, MARK_BEGIN))) {
        struct region region;
        struct bytes before = take(&page, mark);
        f.line += lines_in(before);
        buf_append(out, before.data, before.len);
        int status = regions++ < DOCS_REGIONS_MAX
                         ? take_region(&f, &page, &region, out)
                         : error_set(e, TT_LIMIT, "more than %d regions; split the page", DOCS_REGIONS_MAX);
        if (!status)
            status = put_region(&f, &region, out);
        if (status) {
            (void)error_prefix(e, "%s:%zu", name, f.line);
            return status;
        }
        f.line += lines_in(region.old);
    }
    return buf_append(out, page.data, page.len);
}

/* SPDX-License-Identifier: MIT */
#include "plots/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/views.h"
#include "analyze/views_itl.h"
#include "formats/digest.h"
#include "formats/textsafe.h"
#include "formats/version.h"
#include "plots/picture.h"

#define DATA_SHOWN_MAX ((size_t)64 << 10) /* bytes of a chart's data that stand in the page */

static const char sheet[] =
    "*{box-sizing:border-box}"
    "body{margin:0 auto;padding:1rem;max-width:72rem;font:1rem/1.5 system-ui,sans-serif;color:var(--c24292F);"
    "background:var(--cFFFFFF)}"
    "h1,h2,h3,p,li,summary,figcaption{overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.2}h2{margin-"
    "top:2.2rem;font-size:1.25rem;border-bottom:1px solid "
    "var(--cDEE2E6)}h3{font-size:1.05rem}"
    ".wide{overflow-x:auto;margin:.8rem 0}"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid var(--cDEE2E6);text-align:left;white-space:nowrap}"
    "td.t{white-space:normal;overflow-wrap:break-word;max-width:40rem}"
    "th.n,td.n{text-align:right}th[scope=colgroup]{padding-top:.9rem}"
    ".good{color:var(--c007A5A)}.warn{color:var(--c9A6700)}.bad{color:var(--cB3261E)}"
    ".notes,.small,figcaption{font-size:.85rem;color:var(--c59636E)}"
    "figure{margin:1.8rem 0}figcaption strong{display:block;font-size:1.05rem;color:var(--c24292F)}"
    "figure svg{min-width:36rem;max-width:100%;height:auto;display:block}"
    "svg text{font-family:Helvetica,Arial,sans-serif;white-space:pre}"
    "summary{cursor:pointer;padding:.2rem 0}pre{overflow-x:auto;font-size:.75rem;line-height:1.35}"
    "@media "
    "print{details::details-content{content-visibility:visible;display:block}figure "
    "details{display:none}.wide{"
    "overflow:visible}h2,h3,caption,figcaption{break-after:avoid}figure,tr{break-inside:avoid}body{max-width:"
    "none}}";

/* --- the head --- */

static void put_base64(struct buf *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        unsigned long three = (unsigned long)bytes[i] << 16 |
                              (i + 1 < len ? (unsigned long)bytes[i + 1] << 8 : 0) |
                              (i + 2 < len ? bytes[i + 2] : 0);
        buf_putc(out, digits[three >> 18 & 63]);
        buf_putc(out, digits[three >> 12 & 63]);
        buf_putc(out, i + 1 < len ? digits[three >> 6 & 63] : '=');
        buf_putc(out, i + 2 < len ? digits[three & 63] : '=');
    }
}

/* Nothing may be fetched and nothing runs; the one style sheet is named by its digest. */
static void put_head(struct buf *out)
{
    struct buf style = BUF_INIT;
    unsigned char digest[SHA256_BYTES];
    buf_puts(&style, ":root{color-scheme:light dark;");
    picture_variables(&style, CHART_LIGHT);
    buf_puts(&style, "}@media screen and (prefers-color-scheme:dark){:root{");
    picture_variables(&style, CHART_DARK);
    buf_puts(&style, "}}");
    buf_puts(&style, sheet);
    sha256_of(style.data, style.len, digest);
    buf_puts(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
             "form-action 'none'; style-src 'sha256-");
    put_base64(out, digest, sizeof digest);
    buf_puts(out, "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<title>toktape report</title>\n<style>");
    buf_append(out, style.data, style.len);
    buf_puts(out, "</style>\n</head>\n<body>\n");
    if (style.failed)
        out->failed = style.failed;
    buf_release(&style);
}

/* --- parts --- */

static void put_counts(const struct report *report, struct buf *out)
{
    uint64_t repeats = 0;
    size_t traces = 0;
    int synthetic = 0;
    for (size_t i = 0; i < report->cell_count; i++) {
        repeats += cell_repeats(&report->cells[i]);
        traces += report->cells[i].trace_count;
        synthetic |= cell_is_synthetic(&report->cells[i]);
    }
    buf_printf(out, "<p>%zu %s, %zu %s, %llu %s.%s%s</p>\n", report->cell_count,
               report->cell_count == 1 ? "row" : "rows", traces, traces == 1 ? "trace" : "traces",
               (unsigned long long)repeats, repeats == 1 ? "repeat" : "repeats",
               synthetic ? " <strong>Synthetic: made from a profile, not measured.</strong>" : "",
               report_is_partial(report) ? " <strong>Incomplete: a trace has no clean end.</strong>" : "");
}

static int put_table(struct table *table, int status, struct buf *out)
{
    if (!status)
        status = table_html(table, out);
    table_release(table);
    return status;
}

static int put_block(const struct gates *gates, const struct report_block *block, struct buf *out)
{
    struct table table = TABLE_INIT;
    buf_puts(out, "<h2>");
    text_html(out, block->title);
    buf_puts(out, "</h2>\n");
    int status = view_tiers(gates, block->rows, block->row_count, 0, &table);
    if (!status)
        status = view_notes(block->rows, block->row_count, &table);
    return put_table(&table, status, out);
}

static void put_rule(const struct gate *gate, const struct gate_rule *rule, struct buf *text)
{
    static const char *const words[] = {
        [GATE_BELOW] = "below", [GATE_ABOVE] = "above", [GATE_EQUALS] = "equal to"};
    buf_printf(text, "%s%s when %s %.9g%s", text->len ? "; " : "", gate_level_name(rule->level),
               words[rule->test], rule->limit, gate->unit ? gate->unit : "");
    if (rule->remark)
        buf_printf(text, " (%s)", rule->remark);
}

static int put_gates(const struct gates *gates, struct buf *out)
{
    struct table table = TABLE_INIT;
    buf_printf(out,
               "<h2>Gates</h2>\n<p>A row\xE2\x80\x99s verdict is the worst of its gates. What was not "
               "measured fails "
               "none. Tier 1 has at least %.9g of the best decode rate, tier 2 is the rest that passes, tier "
               "3 is in "
               "reserve, tier 4 is eliminated. The profile is called ",
               gates->fast_share);
    text_html(out, gates->name);
    buf_puts(out, ".</p>\n");
    table_column(&table, "gate", "gate", ALIGN_NONE);
    table_column(&table, "rules", "a row is", ALIGN_NONE);
    for (size_t i = 0; i < gates->gate_count; i++) {
        struct buf text = BUF_INIT;
        for (size_t k = 0; k < gates->gates[i].rule_count; k++)
            put_rule(&gates->gates[i], &gates->gates[i].rules[k], &text);
        table_row(&table);
        table_text(&table, gates->gates[i].title, STYLE_NONE);
        table_built(&table, &text, STYLE_NONE);
    }
    return put_table(&table, table_status(&table), out);
}

static void put_data(const struct chart *c, struct buf *out)
{
    struct buf text = BUF_INIT;
    if (c->data.len > DATA_SHOWN_MAX)
        return;
    buf_puts(out, "<details><summary>Data of this chart</summary><pre>");
    const char *line = buf_text(&c->data);
    while (*line) {
        size_t len = strcspn(line, "\n");
        buf_clear(&text);
        buf_append(&text, line, len);
        text_html(out, buf_text(&text));
        buf_putc(out, '\n');
        line += len + (line[len] == '\n');
    }
    buf_puts(out, "</pre></details>\n");
    buf_release(&text);
}

/* The words are the page's own text, which breaks where a narrow screen wants it to. */
static void put_figure(const struct chart_kind *kind, const struct chart *c, const struct buf *picture,
                       struct buf *out)
{
    buf_puts(out, "<figure>\n<figcaption><strong>");
    text_html(out, buf_text(&c->title));
    buf_puts(out, "</strong> ");
    text_html(out, buf_text(&c->summary));
    buf_puts(out, "</figcaption>\n<div class=\"wide\" tabindex=\"0\">");
    buf_append(out, picture->data, picture->len);
    buf_puts(out, "</div>\n<p class=\"small\">");
    text_html(out, kind->says);
    buf_puts(out, "<br><small>");
    text_html(out, buf_text(&c->sources));
    buf_puts(out, "</small></p>\n");
    put_data(c, out);
    buf_puts(out, "</figure>\n");
}

/* TT_NOTFOUND when there is no gnuplot. */
static int put_chart(const struct chart_kind *kind, const struct chart_input *input, struct buf *out,
                     struct error *e)
{
    static const struct chart_style style = {CHART_SVG, CHART_LIGHT, CHART_COLUMN, NULL};
    struct chart c;
    struct buf figure = BUF_INIT;
    struct error nothing = {0};
    chart_init(&c, kind->name, kind->name, &style);
    c.is_bare = 1;
    int status = kind->fill(&c, input, &nothing);
    if (status == TT_NOTFOUND) {
        chart_release(&c);
        return TT_OK;
    }
    if (!status)
        status = picture_inline(&c, &figure, e);
    else if (e)
        *e = nothing;
    if (!status)
        put_figure(kind, &c, &figure, out);
    buf_release(&figure);
    chart_release(&c);
    return status;
}

static int put_charts(const struct report *report, const struct gates *gates, struct buf *out,
                      struct error *e)
{
    const struct chart_input input = {.report = report, .gates = gates};
    int status = TT_OK;
    buf_puts(out, "<h2>Charts</h2>\n");
    for (const struct chart_kind *kind = chart_kinds; kind->name && !status; kind++) {
        if (kind->scope == CHART_OF_ALL)
            status = put_chart(kind, &input, out, e);
    }
    if (status != TT_NOTFOUND)
        return status;
    buf_puts(out, "<p>There was no gnuplot to draw them: \xE2\x80\x98"
                  "apt install gnuplot-nox\xE2\x80\x99 or "
                  "\xE2\x80\x98"
                  "brew install gnuplot\xE2\x80\x99, then make the page again.</p>\n");
    return TT_OK;
}

static void add_fact(struct table *table, const char *name, const char *value)
{
    if (!*value)
        return;
    table_row(table);
    table_text(table, name, STYLE_NONE);
    table_text(table, value, STYLE_NONE);
}

static int put_environment(const struct cell *cell, struct buf *out)
{
    struct table table = TABLE_INIT;
    const struct identity *id = &cell->id;
    char ram[32] = "";
    if (id->ram_bytes != ABSENT)
        (void)snprintf(ram, sizeof ram, "%.4g GiB", (double)id->ram_bytes / 1073741824.0);
    table_column(&table, "fact", "fact", ALIGN_NONE);
    table_column(&table, "value", "value", ALIGN_NONE);
    const char *const facts[][2] = {
        {"machine", id->machine},       {"chip", id->chip},          {"memory", ram},
        {"power mode", id->power_mode}, {"engine", id->engine},      {"engine version", id->engine_version},
        {"model file", id->model_file}, {"quantisation", id->quant}, {"speculative", id->speculative},
        {"arguments", id->arguments},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        add_fact(&table, facts[i][0], facts[i][1]);
    for (size_t i = 0; i < cell->power_rails.count; i++)
        add_fact(&table, "power rail", cell->power_rails.items[i]);
    for (size_t i = 0; i < cell->trace_count; i++) {
        const struct cell_trace *trace = &cell->traces[i];
        add_fact(&table, "trace", trace->path);
        add_fact(&table, "content id", trace->content_id);
        add_fact(&table, "closed", trace->closed);
        add_fact(&table, "workload", trace->workload);
    }
    return put_table(&table, table_status(&table), out);
}

static int put_cell(const struct cell *cell, struct buf *out)
{
    struct table phases = TABLE_INIT, latencies = TABLE_INIT, runs = TABLE_INIT;
    buf_puts(out, "<details>\n<summary>");
    text_html(out, cell->id.label);
    buf_puts(out, "</summary>\n<h3>Environment</h3>\n");
    int status = put_environment(cell, out);
    buf_puts(out, "<h3>Phases</h3>\n");
    if (!status)
        status = put_table(&phases, view_phases(cell, &phases), out);
    buf_puts(out, "<h3>Inter-token latency</h3>\n");
    if (!status)
        status = put_table(&latencies, view_itl(cell, &latencies), out);
    buf_puts(out, "<h3>Runs</h3>\n");
    if (!status)
        status = put_table(&runs, view_runs(cell, &runs), out);
    buf_puts(out, "</details>\n");
    return status;
}

void page_begin(struct buf *out, const char *heading)
{
    put_head(out);
    buf_puts(out, "<main>\n<h1>");
    text_html(out, heading);
    buf_puts(out, "</h1>\n");
}

void page_end(struct buf *out)
{
    buf_printf(out,
               "</main>\n<footer class=\"small\"><p>Made by toktape %s. An em dash is a figure that was not "
               "measured.</p></footer>\n</body>\n</html>\n",
               toktape_version());
}

int page_write(const struct report *report, const struct gates *gates, struct buf *out, struct error *e)
{
    int status = TT_OK;
    page_begin(out, "Agentic benchmark of LLM engines");
    put_counts(report, out);
    for (size_t i = 0; i < report->block_count && !status; i++)
        status = put_block(gates, &report->blocks[i], out);
    if (!status)
        status = put_gates(gates, out);
    if (!status)
        status = put_charts(report, gates, out, e);
    buf_puts(out, "<h2>Evidence</h2>\n<p>What each row was measured on, its phases and every run.</p>\n");
    for (size_t i = 0; i < report->cell_count && !status; i++)
        status = put_cell(&report->cells[i], out);
    page_end(out);
    if (!status)
        status = out->failed;
    return status && e && !e->code ? error_set(e, (enum tt_err)status, "the page does not fit in memory")
                                   : status;
}

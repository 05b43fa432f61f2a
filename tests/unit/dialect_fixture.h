/* SPDX-License-Identifier: MIT */
/* Other tools' figures of a trace that is written here. */
#ifndef DIALECT_FIXTURE_H
#define DIALECT_FIXTURE_H

#include "measure_fixture.h"

#include "analyze/dialect_report.h"

#define META_PHASES                                                                                          \
    "{\"format\":\"toktape\",\"workload\":{\"name\":\"w\",\"phases\":[{\"name\":\"cold\"},{\"name\":"        \
    "\"warm\"},"                                                                                             \
    "{\"name\":\"prefix-test-1\"},{\"name\":\"prefix-test-3\"},{\"name\":\"long-context\"}]}}"
#define SHORT_REQUEST "{\"model\":\"m\",\"messages\":[],\"max_tokens\":6}"

struct asked {
    const char *tool;
    struct report report;
    struct dialect_report as;
    struct gates gates;
};

/* A trace with one request, of row 0. */
static inline void open_trace(struct fixture *f)
{
    fixture_open(f, META_PHASES);
    fixture_clock(f, ZERO(0) - 5000 * MS);
    assert_int_equal(fixture_body(f, SHORT_REQUEST), 0);
}

static inline void close_trace(struct fixture *f)
{
    assert_int_equal(trace_writer_finish(f->writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(f->writer);
    close(f->fd);
}

static inline int load_trace(struct asked *q, const char *tool, const char *path, struct error *e)
{
    struct tape_options options = {0};
    memset(q, 0, sizeof *q);
    q->tool = tool;
    q->as.dialect = dialect_find(tool);
    assert_non_null(q->as.dialect);
    report_init(&q->report);
    assert_int_equal(gates_open(&q->gates, GATES_DEFAULT, NULL), TT_OK);
    return dialect_report_load(&q->as, &q->report, path, &options, e);
}

static inline void ask_trace(struct asked *q, const char *tool, const char *path)
{
    struct error e = {0};
    if (load_trace(q, tool, path, &e) || report_finish(&q->report, &q->gates, &e))
        fail_msg("%s", e.text);
}

static inline void leave(struct asked *q)
{
    dialect_report_release(&q->as);
    report_release(&q->report);
    gates_release(&q->gates);
}

struct wanted {
    const char *key;
    enum statistic statistic;
    struct dialect_figure found;
    int count;
};

static inline int find(void *context, const struct dialect_figure *figure)
{
    struct wanted *w = context;
    if (strcmp(figure->measure->key, w->key) == 0 && figure->statistic == w->statistic) {
        w->found = *figure;
        w->count++;
    }
    return TT_OK;
}

static inline struct dialect_figure figure_of_tool(struct asked *q, const char *key, enum statistic statistic)
{
    struct wanted w = {.key = key, .statistic = statistic};
    assert_int_equal(dialect_report_each(&q->as, &q->report, 0, find, &w), TT_OK);
    if (w.count != 1)
        fail_msg("%s has %d figures '%s %s'", q->tool, w.count, key, statistic_name(statistic));
    return w.found;
}

static inline void expect(struct asked *q, const char *key, enum statistic statistic, double theirs)
{
    double got = figure_of_tool(q, key, statistic).theirs;
    if (!(fabs(got - theirs) <= 1e-9 * fmax(1, fabs(theirs))))
        fail_msg("%s: %s %s is %.12g, not %.12g", q->tool, key, statistic_name(statistic), got, theirs);
}

static inline void expect_ours(struct asked *q, const char *key, enum statistic statistic, double ours)
{
    double got = figure_of_tool(q, key, statistic).ours;
    if (!(fabs(got - ours) <= 1e-9 * fmax(1, fabs(ours))))
        fail_msg("%s: our %s %s is %.12g, not %.12g", q->tool, key, statistic_name(statistic), got, ours);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "analyze/docs_value.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "analyze/docs_rows.h"

#define WORD_MAX      256
#define ARGUMENTS_MAX 3
#define EN_DASH       "\xE2\x80\x93"
#define MINUS         "\xE2\x88\x92"
#define TIMES         "\xC3\x97"

struct expression {
    char function[WORD_MAX], arguments[ARGUMENTS_MAX][WORD_MAX];
    size_t count;
};

struct operands {
    double least, largest; /* NAN when nothing was measured */
    size_t matches;
};

struct evaluation {
    const struct report *report;
    const struct gates *gates;
    enum metric metric;
    struct buf *text, *told;
    struct error *e;
};

static int keep_word(char out[WORD_MAX], const char *from, size_t len)
{
    while (len && isspace((unsigned char)*from)) {
        from++;
        len--;
    }
    while (len && isspace((unsigned char)from[len - 1]))
        len--;
    if (!len || len >= WORD_MAX)
        return 0;
    memcpy(out, from, len);
    out[len] = '\0';
    return 1;
}

/* "name(argument, argument, ...)" */
static int parse(const char *text, struct expression *out)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    memset(out, 0, sizeof *out);
    if (!open || !close || close < open || close[1 + strspn(close + 1, " ")] ||
        !keep_word(out->function, text, (size_t)(open - text)))
        return 0;
    for (const char *p = open + 1; p <= close; out->count++) {
        size_t len = strcspn(p, ",");
        len = len < (size_t)(close - p) ? len : (size_t)(close - p);
        if (out->count == ARGUMENTS_MAX || !keep_word(out->arguments[out->count], p, len))
            return 0;
        p += len + 1;
    }
    return 1;
}

static void widen(struct operands *operands, double value)
{
    operands->matches++;
    operands->least = fmin(operands->least, value); /* fmin and fmax pass over NAN */
    operands->largest = fmax(operands->largest, value);
}

static void tell(struct evaluation *v, const struct report_row *row, double value)
{
    buf_printf(v->told, "%s%s of '%s' ", v->told->len ? ", " : "", metric_name(v->metric), row->label);
    if (isnan(value))
        buf_puts(v->told, EM_DASH);
    else
        buf_printf(v->told, "%.6g", value);
}

static int find(struct evaluation *v, const char *pattern, int many, struct operands *out)
{
    *out = (struct operands){NAN, NAN, 0};
    for (size_t i = 0; i < v->report->block_count; i++) {
        const struct report_block *block = &v->report->blocks[i];
        for (size_t k = 0; k < block->row_count; k++) {
            double value = block->rows[k].figures[v->metric].value;
            if (!docs_row_matches(block, &block->rows[k], pattern))
                continue;
            widen(out, value);
            tell(v, &block->rows[k], value);
        }
    }
    if (!out->matches || (!many && out->matches > 1))
        return docs_row_refuse(v->report, pattern, !out->matches, v->e);
    return TT_OK;
}

/* As the profile's column shows it; a metric without a column has one decimal. */
static void put_figure(struct evaluation *v, double value)
{
    for (size_t i = 0; i < v->gates->column_count; i++) {
        const struct gates_column *column = &v->gates->columns[i];
        if (column->kind == COLUMN_METRIC && column->metric == v->metric) {
            decimal_put(v->text, value / column->divisor, column->decimals);
            return;
        }
    }
    decimal_fixed(v->text, value, 1);
}

static int put_value(struct evaluation *v, const struct expression *x)
{
    struct operands operands;
    int status = find(v, x->arguments[0], 0, &operands);
    if (!status)
        put_figure(v, operands.least);
    return status;
}

static int put_range(struct evaluation *v, const struct expression *x)
{
    struct operands operands;
    int status = find(v, x->arguments[0], 1, &operands);
    if (status)
        return status;
    put_figure(v, operands.least);
    if (operands.largest > operands.least) {
        buf_puts(v->text, EN_DASH);
        put_figure(v, operands.largest);
    }
    return TT_OK;
}

/* NAN when either was not measured, or the base is 0. */
static int quotient(struct evaluation *v, const struct expression *x, double *out)
{
    struct operands one, base;
    int status = find(v, x->arguments[0], 0, &one);
    if (!status)
        status = find(v, x->arguments[1], 0, &base);
    if (!status)
        *out = base.least > 0 ? one.least / base.least : NAN;
    return status;
}

static int put_uplift(struct evaluation *v, const struct expression *x)
{
    double times;
    int status = quotient(v, x, &times);
    if (status)
        return status;
    if (!isnan(times))
        buf_puts(v->text, times < 1 ? MINUS : "+");
    decimal_fixed(v->text, fabs(100 * (times - 1)), 1);
    return buf_puts(v->text, isnan(times) ? "" : " %");
}

static int put_ratio(struct evaluation *v, const struct expression *x)
{
    double times;
    int status = quotient(v, x, &times);
    if (status)
        return status;
    decimal_fixed(v->text, times, 1);
    return buf_puts(v->text, isnan(times) ? "" : TIMES);
}

static const struct {
    const char *name;
    size_t arguments;
    int (*put)(struct evaluation *v, const struct expression *x);
} functions[] = {
    {"value", 2, put_value},
    {"uplift", 3, put_uplift},
    {"ratio", 3, put_ratio},
    {"range", 2, put_range},
};

int docs_value(const char *expression, const struct report *report, const struct gates *gates,
               struct buf *text, struct buf *operands, struct error *e)
{
    struct expression x;
    size_t i = 0, count = sizeof functions / sizeof functions[0];
    int understood = parse(expression, &x);
    while (understood && i < count && strcmp(functions[i].name, x.function) != 0)
        i++;
    if (!understood || i == count || x.count != functions[i].arguments)
        return error_set(e, TT_USAGE,
                         "'%s' is none of value(CELL, METRIC), uplift(CELL, BASE, METRIC), "
                         "ratio(CELL, BASE, METRIC), range(CELLS, METRIC)",
                         expression);
    enum metric metric = metric_find(x.arguments[x.count - 1]);
    if (metric == METRIC_COUNT)
        return error_set(e, TT_USAGE, "'%s' is no metric; 'toktape report --json' shows their names",
                         x.arguments[x.count - 1]);
    struct evaluation v = {report, gates, metric, text, operands, e};
    int status = functions[i].put(&v, &x);
    return status ? status : text->failed ? text->failed : operands->failed;
}

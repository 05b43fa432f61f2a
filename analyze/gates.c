/* SPDX-License-Identifier: MIT */
#include "analyze/gates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/statistics.h"

const char *gate_level_name(enum gate_level level)
{
    static const char *const names[] = {"not_measured", "pass", "reserve", "eliminated"};
    return names[level];
}

static int rule_fails(const struct gate_rule *rule, double value)
{
    switch (rule->test) {
    case GATE_BELOW:
        return value < rule->limit;
    case GATE_ABOVE:
        return value > rule->limit;
    case GATE_EQUALS:
        break;
    }
    return !(value < rule->limit) && !(value > rule->limit);
}

/* The worst rule that the value breaks, the first of several; NULL when it breaks none. */
static const struct gate_rule *broken_rule(const struct gate *gate, double value)
{
    const struct gate_rule *worst = NULL;
    for (size_t i = 0; i < gate->rule_count; i++) {
        const struct gate_rule *rule = &gate->rules[i];
        if (rule_fails(rule, value) && (!worst || rule->level > worst->level))
            worst = rule;
    }
    return worst;
}

/* Enough decimals that a failing value never reads like the limit it fails. */
static void put_value(struct buf *out, double value, double limit)
{
    int digits = 1;
    while (digits < 15 && order_doubles(stats_round(value, digits), limit) == 0 &&
           order_doubles(value, limit) != 0)
        digits++;
    decimal_put(out, value, (struct decimals){DECIMAL_UNLESS_WHOLE, digits});
}

static void put_limit(struct buf *out, double limit)
{
    int digits = 1;
    while (digits < 15 && order_doubles(stats_round(limit, digits), limit) != 0)
        digits++;
    decimal_put(out, limit, (struct decimals){DECIMAL_UNLESS_WHOLE, digits});
}

static int add_cause(struct report_row *row, const struct gate *gate, const struct gate_rule *rule,
                     double value)
{
    static const char *const words[] = {[GATE_BELOW] = " is below ", [GATE_ABOVE] = " is above "};
    struct buf text = BUF_INIT;
    buf_printf(&text, "%s ", gate->title);
    if (rule->test == GATE_EQUALS) {
        buf_puts(&text, "is ");
    } else {
        put_value(&text, value, rule->limit);
        buf_printf(&text, "%s%s", gate->unit, words[rule->test]);
    }
    put_limit(&text, rule->limit);
    buf_puts(&text, gate->unit);
    if (rule->remark)
        buf_printf(&text, " (%s)", rule->remark);
    int status = text.failed ? text.failed : text_list_add(&row->gate_causes, buf_text(&text));
    buf_release(&text);
    return status;
}

static void judge_gate(const struct gate *gate, struct report_row *row)
{
    double value = row->figures[gate->metric].value;
    struct gate_result result = {gate->name, gate->metric, value, NAN, LEVEL_NOT_MEASURED};
    if (!isnan(value)) {
        const struct gate_rule *broken = broken_rule(gate, value);
        result.level = broken ? broken->level : LEVEL_PASS;
        result.limit = broken ? broken->limit : gate->rules[gate->rule_count - 1].limit;
    }
    if (result.level > row->level)
        row->level = result.level;
    row->gates[row->gate_count++] = result;
}

/* Sentences for every gate that failed, the worst first. */
static int name_causes(const struct gates *gates, struct report_row *row)
{
    int status = TT_OK;
    text_list_release(&row->gate_causes);
    for (int level = LEVEL_ELIMINATED; level >= LEVEL_RESERVE; level--) {
        for (size_t i = 0; !status && i < gates->gate_count; i++) {
            double value = row->gates[i].value;
            if (row->gates[i].level == (enum gate_level)level)
                status = add_cause(row, &gates->gates[i], broken_rule(&gates->gates[i], value), value);
        }
    }
    return status;
}

/* Values that the table of an eliminated row leaves out. */
static uint64_t blanked(const struct gates *gates, const struct report_row *row)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < gates->column_count; i++) {
        const struct gates_column *column = &gates->columns[i];
        if (column->blank && column->kind == COLUMN_METRIC && !isnan(row->figures[column->metric].value))
            bits |= (uint64_t)1 << column->metric;
    }
    return row->level == LEVEL_ELIMINATED ? bits : 0;
}

static int judge_row(const struct gates *gates, struct report_row *row)
{
    static const enum row_mark marks[] = {MARK_VIABLE, MARK_VIABLE, MARK_RESERVE, MARK_ELIMINATED};
    row->gate_count = 0;
    row->level = LEVEL_PASS;
    for (size_t i = 0; i < gates->gate_count; i++)
        judge_gate(&gates->gates[i], row);
    row->mark = marks[row->level];
    row->suppressed = blanked(gates, row);
    return name_causes(gates, row);
}

static double best_decode(const struct report_row *rows, size_t count)
{
    double best = NAN;
    for (size_t i = 0; i < count; i++) {
        double decode = rows[i].figures[METRIC_DECODE].value;
        if (rows[i].level != LEVEL_ELIMINATED && !isnan(decode) && !(best >= decode))
            best = decode;
    }
    return best;
}

static int tier_of(const struct gates *gates, const struct report_row *row, double best)
{
    if (row->level == LEVEL_ELIMINATED)
        return 4;
    if (row->level == LEVEL_RESERVE)
        return 3;
    return row->figures[METRIC_DECODE].value >= gates->fast_share * best ? 1 : 2; /* NAN: tier 2 */
}

static const char *first_content_id(const struct report_row *row)
{
    return row->content_ids.count ? row->content_ids.items[0] : "";
}

static int compare_rows(const void *a, const void *b)
{
    const struct report_row *x = a, *y = b;
    int order = (x->tier > y->tier) - (x->tier < y->tier);
    if (!order)
        order = order_doubles_falling(x->figures[METRIC_DECODE].value, y->figures[METRIC_DECODE].value);
    if (!order)
        order = strcmp(x->label, y->label);
    if (!order)
        order = strcmp(first_content_id(x), first_content_id(y));
    return order ? order : strcmp(x->cell, y->cell);
}

/* The first row wins if it is viable, but only on measured figures and on whole answers. */
static void crown(const struct gates *gates, struct report_row *first)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        if ((gates->star_needs >> i & 1) && isnan(first->figures[i].value))
            return;
    }
    if (first->level == LEVEL_PASS && first->early_stop < ROW_EARLY_STOPS_MAX)
        first->mark = MARK_WINNER;
}

int gates_judge(const struct gates *gates, struct report_row *rows, size_t count)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < count; i++)
        status = judge_row(gates, &rows[i]);
    if (status || !count)
        return status;
    double best = best_decode(rows, count);
    for (size_t i = 0; i < count; i++)
        rows[i].tier = tier_of(gates, &rows[i], best);
    qsort(rows, count, sizeof *rows, compare_rows);
    crown(gates, &rows[0]);
    return TT_OK;
}

int gates_verdict(const struct report_row *row, struct buf *out)
{
    static const char *const words[] = {"viable", "viable", "reserve", "eliminated"};
    buf_puts(out, words[row->level]);
    if (!row->gate_causes.count)
        buf_puts(out, ": every measured gate is passed");
    for (size_t i = 0; i < row->gate_causes.count; i++)
        buf_printf(out, "%s%s", i ? "; " : ": ", row->gate_causes.items[i]);
    return out->failed;
}

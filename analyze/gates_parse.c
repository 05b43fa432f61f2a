/* SPDX-License-Identifier: MIT */
/* From a profile's JSON to struct gates. A profile is refused rather than half understood: unknown keys are
 * named. */
#include <math.h>
#include <string.h>

#include "analyze/gates.h"
#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/json.h"

#define PROFILE_VERSION 1
#define DIGITS_MAX      9

static int no_such_metric(struct error *e, const char *where, const char *name)
{
    return error_set(e, TT_USAGE, "%s of the gates profile: there is no metric '%s'", where,
                     name ? name : "");
}

static int need_metric(const cJSON *object, const char *where, enum metric *metric, struct error *e)
{
    const char *name = json_string(object, "metric");
    *metric = name ? metric_find(name) : METRIC_COUNT;
    return *metric == METRIC_COUNT ? no_such_metric(e, where, name) : TT_OK;
}

static int need_text(const cJSON *object, const char *key, const char *where, const char **text,
                     struct error *e)
{
    *text = json_string(object, key);
    return *text ? TT_OK : error_set(e, TT_USAGE, "%s of the gates profile lacks the text '%s'", where, key);
}

static int parse_test(const cJSON *rule, struct gate_rule *out, struct error *e)
{
    static const char *const tests[] = {"below", "above", "equals"};
    int found = 0;
    for (int i = 0; i < 3; i++) {
        double limit = json_number(rule, tests[i], NAN);
        if (!isfinite(limit))
            continue;
        *out = (struct gate_rule){(enum gate_test)i, limit, LEVEL_PASS, json_string(rule, "remark")};
        found++;
    }
    return found == 1 ? TT_OK
                      : error_set(e, TT_USAGE, "a gate's rule needs one of 'below', 'above', 'equals'");
}

static int parse_rule(const cJSON *rule, struct gate_rule *out, struct error *e)
{
    static const char *const known[] = {"below", "above", "equals", "level", "remark", NULL};
    int status = json_only_known(rule, known, "a gate's rule", e);
    if (!status)
        status = parse_test(rule, out, e);
    if (status)
        return status;
    const char *level = json_string(rule, "level");
    for (int i = LEVEL_RESERVE; level && i <= LEVEL_ELIMINATED; i++) {
        if (strcmp(level, gate_level_name((enum gate_level)i)) == 0)
            out->level = (enum gate_level)i;
    }
    return out->level != LEVEL_PASS
               ? TT_OK
               : error_set(e, TT_USAGE, "a gate's level is 'reserve' or 'eliminated', not '%s'",
                           level ? level : "");
}

static int parse_gate(const cJSON *object, struct gate *gate, struct error *e)
{
    static const char *const known[] = {"name", "title", "unit", "metric", "rules", NULL};
    const cJSON *rules = json_member(object, "rules"), *rule;
    int status = json_only_known(object, known, "a gate", e);
    if (!status)
        status = need_text(object, "name", "a gate", &gate->name, e);
    if (!status)
        status = need_metric(object, "a gate", &gate->metric, e);
    gate->title = json_string(object, "title") ? json_string(object, "title") : gate->name;
    gate->unit = json_string(object, "unit") ? json_string(object, "unit") : "";
    cJSON_ArrayForEach(rule, rules)
    {
        if (!status && gate->rule_count == GATE_RULES_MAX)
            status = error_set(e, TT_LIMIT, "gate '%s' has more than %d rules", gate->name, GATE_RULES_MAX);
        if (!status)
            status = parse_rule(rule, &gate->rules[gate->rule_count++], e);
    }
    if (!status && !gate->rule_count)
        status = error_set(e, TT_USAGE, "gate '%s' has no rules", gate->name);
    return status;
}

static int parse_gates(struct gates *gates, const cJSON *list, struct error *e)
{
    const cJSON *item;
    int status = TT_OK;
    cJSON_ArrayForEach(item, list)
    {
        if (!status && gates->gate_count == ROW_GATES_MAX)
            status = error_set(e, TT_LIMIT, "the gates profile has more than %d gates", ROW_GATES_MAX);
        if (!status)
            status = parse_gate(item, &gates->gates[gates->gate_count++], e);
    }
    return status;
}

static int parse_tiers(struct gates *gates, const cJSON *tiers, struct error *e)
{
    static const char *const known[] = {"fast_share", "titles", NULL}, *const title_known[] = {"long",
                                                                                               "short", NULL};
    const cJSON *titles = json_member(tiers, "titles");
    int status = json_only_known(tiers, known, "'tiers'", e);
    gates->fast_share = json_number(tiers, "fast_share", NAN);
    if (!status && !(gates->fast_share >= 0 && gates->fast_share <= 1))
        status = error_set(e, TT_USAGE, "'fast_share' of the gates profile is not a number from 0 to 1");
    if (!status && cJSON_GetArraySize(titles) != GATES_TIERS)
        status = error_set(e, TT_USAGE, "the gates profile needs the titles of %d tiers", GATES_TIERS);
    for (int i = 0; !status && i < GATES_TIERS; i++) {
        const cJSON *title = cJSON_GetArrayItem(titles, i);
        status = json_only_known(title, title_known, "a tier's title", e);
        if (!status)
            status = need_text(title, "long", "a tier's title", &gates->tiers[i].long_title, e);
        if (!status)
            status = need_text(title, "short", "a tier's title", &gates->tiers[i].short_title, e);
    }
    return status;
}

static int parse_winner(struct gates *gates, const cJSON *winner, struct error *e)
{
    static const char *const known[] = {"needs", NULL};
    const cJSON *item;
    int status = json_only_known(winner, known, "'winner'", e);
    cJSON_ArrayForEach(item, json_member(winner, "needs"))
    {
        const char *name = cJSON_IsString(item) ? item->valuestring : "";
        enum metric metric = metric_find(name);
        if (!status && metric == METRIC_COUNT)
            status = no_such_metric(e, "'winner'", name);
        if (!status)
            gates->star_needs |= (uint64_t)1 << metric;
    }
    return status;
}

static int parse_marks(struct gates *gates, const cJSON *marks, struct error *e)
{
    static const char *const known[] = {[MARK_VIABLE] = "viable",
                                        [MARK_WINNER] = "winner",
                                        [MARK_RESERVE] = "reserve",
                                        [MARK_ELIMINATED] = "eliminated",
                                        NULL};
    int status = json_only_known(marks, known, "'marks'", e);
    for (int i = 0; !status && i < GATES_MARKS; i++)
        status = need_text(marks, known[i], "'marks'", &gates->marks[i], e);
    return status;
}

/* A number is a fixed count of decimals; {"at_most": n} and {"unless_whole": n} are the other two rules. */
static int parse_decimals(const cJSON *column, struct decimals *out, struct error *e)
{
    static const char *const known[] = {"at_most", "unless_whole", NULL};
    const cJSON *decimals = json_member(column, "decimals");
    uint64_t fixed = json_count(column, "decimals"), at_most = json_count(decimals, "at_most");
    uint64_t unless_whole = json_count(decimals, "unless_whole");
    int status = json_only_known(decimals, known, "'decimals'", e);
    if (status)
        return status;
    if (fixed <= DIGITS_MAX)
        *out = (struct decimals){DECIMAL_FIXED, (int)fixed};
    else if (at_most <= DIGITS_MAX)
        *out = (struct decimals){DECIMAL_TRIMMED, (int)at_most};
    else if (unless_whole <= DIGITS_MAX)
        *out = (struct decimals){DECIMAL_UNLESS_WHOLE, (int)unless_whole};
    else
        status =
            error_set(e, TT_USAGE, "a column's 'decimals' is a count, 'at_most' or 'unless_whole', up to %d",
                      DIGITS_MAX);
    return status;
}

static int parse_unit(const cJSON *column, double *divisor, struct error *e)
{
    static const struct {
        const char *name;
        double divisor;
    } units[] = {{"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}};
    const char *unit = json_string(column, "unit");
    *divisor = unit ? NAN : 1;
    for (size_t i = 0; unit && i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(units[i].name, unit) == 0)
            *divisor = units[i].divisor;
    }
    return isnan(*divisor) ? error_set(e, TT_USAGE, "a column's 'unit' is KiB, MiB or GiB, not '%s'", unit)
                           : TT_OK;
}

static int parse_align(const cJSON *column, enum table_align *align, struct error *e)
{
    const char *name = json_string(column, "align");
    *align = name && strcmp(name, "left") == 0    ? ALIGN_LEFT
             : name && strcmp(name, "right") == 0 ? ALIGN_RIGHT
                                                  : ALIGN_NONE;
    if (name && *align == ALIGN_NONE)
        return error_set(e, TT_USAGE, "a column's 'align' is 'left' or 'right', not '%s'", name);
    return TT_OK;
}

static int parse_metric_column(const cJSON *column, struct gates_column *out, struct error *e)
{
    int status = need_metric(column, "a column", &out->metric, e);
    if (!status)
        status = parse_decimals(column, &out->decimals, e);
    return status ? status : parse_unit(column, &out->divisor, e);
}

static int parse_column(const cJSON *column, struct gates_column *out, struct error *e)
{
    static const char *const known[] = {"name", "metric", "unit", "header", "decimals", "align", NULL};
    int status = json_only_known(column, known, "a column", e);
    if (!status)
        status = need_text(column, "name", "a column", &out->name, e);
    if (!status)
        status = need_text(column, "header", "a column", &out->header, e);
    if (!status)
        status = parse_align(column, &out->align, e);
    if (status)
        return status;
    if (strcmp(out->name, "mark") == 0 || strcmp(out->name, "label") == 0) {
        out->kind = out->name[0] == 'm' ? COLUMN_MARK : COLUMN_LABEL;
        return TT_OK;
    }
    out->kind = COLUMN_METRIC;
    return parse_metric_column(column, out, e);
}

static int parse_columns(struct gates *gates, const cJSON *list, struct error *e)
{
    const cJSON *item;
    int status = TT_OK;
    cJSON_ArrayForEach(item, list)
    {
        if (!status && gates->column_count == GATES_COLUMNS_MAX)
            status = error_set(e, TT_LIMIT, "the gates profile has more than %d columns", GATES_COLUMNS_MAX);
        if (!status)
            status = parse_column(item, &gates->columns[gates->column_count++], e);
    }
    if (!status && !gates->column_count)
        status = error_set(e, TT_USAGE, "the gates profile has no 'columns'");
    return status;
}

static struct gates_column *find_column(struct gates *gates, const char *name)
{
    for (size_t i = 0; i < gates->column_count; i++) {
        if (strcmp(gates->columns[i].name, name) == 0)
            return &gates->columns[i];
    }
    return NULL;
}

/* "strike" and "blank" name columns of the profile. */
static int parse_eliminated(struct gates *gates, const cJSON *eliminated, struct error *e)
{
    static const char *const known[] = {"strike", "blank", NULL};
    int status = json_only_known(eliminated, known, "'eliminated'", e);
    for (int i = 0; !status && i < 2; i++) {
        const cJSON *item;
        cJSON_ArrayForEach(item, json_member(eliminated, known[i]))
        {
            const char *name = cJSON_IsString(item) ? item->valuestring : "";
            struct gates_column *column = find_column(gates, name);
            if (!column)
                return error_set(e, TT_USAGE, "'%s' of the gates profile: there is no column '%s'", known[i],
                                 name);
            *(i ? &column->blank : &column->strike) = 1;
        }
    }
    return status;
}

static int parse_document(struct gates *gates, struct error *e)
{
    static const char *const known[] = {"profile", "version", "gates",      "tiers", "winner",
                                        "marks",   "columns", "eliminated", NULL};
    const cJSON *root = gates->document;
    int status = json_only_known(root, known, "the gates profile", e);
    if (!status)
        status = need_text(root, "profile", "the top", &gates->name, e);
    if (!status && json_count(root, "version") != PROFILE_VERSION)
        status = error_set(e, TT_UNSUPPORTED, "the gates profile's 'version' is not %d", PROFILE_VERSION);
    if (!status)
        status = parse_gates(gates, json_member(root, "gates"), e);
    if (!status)
        status = parse_tiers(gates, json_member(root, "tiers"), e);
    if (!status)
        status = parse_winner(gates, json_member(root, "winner"), e);
    if (!status)
        status = parse_marks(gates, json_member(root, "marks"), e);
    if (!status)
        status = parse_columns(gates, json_member(root, "columns"), e);
    return status ? status : parse_eliminated(gates, json_member(root, "eliminated"), e);
}

int gates_parse(struct gates *gates, const char *text, size_t len, struct error *e)
{
    struct error own = {0};
    memset(gates, 0, sizeof *gates);
    gates->text = mem_strndup(text, len);
    if (!gates->text)
        return error_set(e, TT_NOMEM, "out of memory");
    gates->document = json_parse(text, len, GATES_FILE_MAX, &own);
    int status = gates->document ? parse_document(gates, &own) : (int)own.code;
    return status ? error_set(e, (enum tt_err)status, "%s", own.text) : TT_OK;
}

static int read_profile(struct gates *gates, const char *path, struct error *e)
{
    struct buf text = BUF_INIT;
    int status = io_read_file(path, GATES_FILE_MAX, &text, e);
    if (!status) {
        status = gates_parse(gates, buf_text(&text), text.len, e);
        if (status)
            error_prefix(e, "'%s'", path);
    }
    buf_release(&text);
    return status;
}

int gates_open(struct gates *gates, const char *name_or_path, struct error *e)
{
    const char *builtin = gates_builtin(name_or_path);
    memset(gates, 0, sizeof *gates);
    return builtin ? gates_parse(gates, builtin, strlen(builtin), e) : read_profile(gates, name_or_path, e);
}

void gates_release(struct gates *gates)
{
    cJSON_Delete(gates->document);
    mem_free(gates->text);
    memset(gates, 0, sizeof *gates);
}

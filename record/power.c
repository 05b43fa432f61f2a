/* SPDX-License-Identifier: MIT */
#include "record/power.h"

#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "record/clock.h"

/* --- does a source work --- */

static void name_rails(const struct sensor_layout *layout, const struct sensor_value *values,
                       struct power_check *check)
{
    size_t at = strlen(check->rails);
    for (size_t i = 0; i < layout->count && i < SENSOR_CHANNELS_MAX; i++) {
        const struct sensor_channel *channel = &layout->channels[i];
        if (values[i].value == ABSENT || (channel->kind != SERIES_ENERGY && channel->kind != SERIES_POWER))
            continue;
        int n = snprintf(check->rails + at, sizeof check->rails - at, "%s%s (%s)",
                         check->rail_count++ ? ", " : "", channel->name, channel->unit);
        at += n > 0 && (size_t)n < sizeof check->rails - at ? (size_t)n : sizeof check->rails - 1 - at;
    }
}

static int read_once(const struct sensor *sensor, struct power_check *check, struct error *e)
{
    struct sensor_value values[SENSOR_CHANNELS_MAX];
    struct sensor_layout layout;
    void *state = NULL;
    int status = sensor->ops->open(sensor->context, &state, e);
    if (status)
        return status;
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    if (sensor->ops->read(state, values) == TT_OK) {
        sensor->ops->layout(state, &layout);
        name_rails(&layout, values, check);
    } else {
        status = error_set(e, TT_IO, "it opens, and gives no reading");
    }
    sensor->ops->close(state);
    return status;
}

void power_check(const struct power_source *source, struct power_check *check)
{
    memset(check, 0, sizeof *check);
    check->state = POWER_ABSENT;
    for (size_t i = 0; i < source->sensor_count; i++) {
        struct error why = {TT_OK, ""};
        int status = read_once(&source->sensors[i], check, &why);
        if (!status)
            check->state = POWER_WORKS;
        else if (check->state == POWER_ABSENT && (status != TT_NOTFOUND || !check->why.code))
            check->why = why;
        if (status && status != TT_NOTFOUND && check->state == POWER_ABSENT)
            check->state = POWER_DENIED;
    }
    if (check->state != POWER_WORKS)
        check->way_out = check->state == POWER_DENIED ? source->way_out_denied : source->way_out_absent;
}

/* --- do its counters move --- */

#define LOOK_NS UINT64_C(100000000)

static void read_values(const struct sensor *sensor, void *state, struct sensor_value *values)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    sensor->ops->read(state, values);
}

static int stands_still(const struct sensor_channel *channel, uint64_t first, uint64_t now)
{
    int should_move = channel->kind == SERIES_ENERGY && channel->rail && channel->rail->rail != RAIL_ANE &&
                      channel->rail->rail != RAIL_OTHER;
    return should_move && first != ABSENT && first == now;
}

static void name_frozen(const struct sensor_layout *layout, const struct sensor_value *first,
                        const struct sensor_value *now, char names[POWER_RAILS_TEXT])
{
    size_t at = 0;
    names[0] = '\0';
    for (size_t i = 0; i < layout->count && i < SENSOR_CHANNELS_MAX && at < POWER_RAILS_TEXT; i++) {
        if (stands_still(&layout->channels[i], first[i].value, now[i].value))
            at += (size_t)snprintf(names + at, POWER_RAILS_TEXT - at, "%s%s", at ? ", " : "",
                                   layout->channels[i].name);
    }
}

static void watch(const struct sensor *sensor, uint64_t end, char names[POWER_RAILS_TEXT])
{
    struct sensor_value first[SENSOR_CHANNELS_MAX], now[SENSOR_CHANNELS_MAX];
    struct sensor_layout layout;
    void *state = NULL;
    names[0] = '\0';
    if (sensor->ops->open(sensor->context, &state, NULL))
        return;
    read_values(sensor, state, first);
    do {
        clock_sleep_ns(LOOK_NS);
        read_values(sensor, state, now);
        sensor->ops->layout(state, &layout);
        name_frozen(&layout, first, now, names);
    } while (names[0] && clock_ticks() < end);
    sensor->ops->close(state);
}

void power_find_frozen(const struct power_source *source, uint64_t patience_ns, char frozen[POWER_RAILS_TEXT])
{
    char names[POWER_RAILS_TEXT];
    uint64_t end = clock_after_ns(patience_ns);
    size_t at = 0;
    frozen[0] = '\0';
    for (size_t i = 0; i < source->sensor_count && at < POWER_RAILS_TEXT; i++) {
        watch(&source->sensors[i], end, names);
        if (names[0])
            at += (size_t)snprintf(frozen + at, POWER_RAILS_TEXT - at, "%s%s", at ? ", " : "", names);
    }
}

/* --- which are asked for --- */

static int add_source(const struct power_source *source, struct power_choice *choice, struct error *e)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->sources[i] == source)
            return TT_OK;
    }
    if (choice->count == POWER_SOURCES_MAX || choice->sensor_count + source->sensor_count > POWER_SENSORS_MAX)
        return error_set(e, TT_LIMIT, "more than %d sources of power", POWER_SOURCES_MAX);
    choice->sources[choice->count++] = source;
    for (size_t i = 0; i < source->sensor_count; i++)
        choice->sensors[choice->sensor_count++] = source->sensors[i];
    return TT_OK;
}

static int choose_working(const struct power_source *sources, size_t count, struct power_choice *choice,
                          struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        struct power_check check;
        if (!sources[i].is_automatic)
            continue;
        power_check(&sources[i], &check);
        if (check.state == POWER_WORKS) {
            status = add_source(&sources[i], choice, e);
        } else if (check.state == POWER_DENIED && choice->missed_count < POWER_SOURCES_MAX) {
            choice->missed[choice->missed_count] = check;
            choice->missed_sources[choice->missed_count++] = &sources[i];
        }
    }
    return status;
}

static int no_such_source(const char *name, size_t len, const struct power_source *sources, size_t count,
                          struct error *e)
{
    char known[200] = "";
    size_t at = 0;
    for (size_t i = 0; i < count && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, ", %s", sources[i].name);
    return error_set(e, TT_USAGE,
                     "there is no source of power '%.*s' on this system; --power takes auto, none%s",
                     (int)(len < 64 ? len : 64), name, known);
}

static int choose_named(const char *name, size_t len, const struct power_source *sources, size_t count,
                        struct power_choice *choice, struct error *e)
{
    struct power_check check;
    size_t i = 0;
    while (i < count && (strncmp(sources[i].name, name, len) != 0 || sources[i].name[len]))
        i++;
    if (i == count)
        return no_such_source(name, len, sources, count, e);
    power_check(&sources[i], &check);
    if (check.state == POWER_WORKS)
        return add_source(&sources[i], choice, e);
    return error_set(e, check.state == POWER_DENIED ? TT_IO : TT_NOTFOUND, "--power %s: %s%s%s",
                     sources[i].name, check.why.text, check.way_out ? "; " : "",
                     check.way_out ? check.way_out : "");
}

int power_choose(const char *asked, const struct power_source *sources, size_t count,
                 struct power_choice *choice, struct error *e)
{
    int status = TT_OK;
    memset(choice, 0, sizeof *choice);
    if (strcmp(asked, "none") == 0)
        return TT_OK;
    if (strcmp(asked, "auto") == 0)
        return choose_working(sources, count, choice, e);
    for (const char *at = asked; !status; at++) {
        size_t len = strcspn(at, ",");
        status = choose_named(at, len, sources, count, choice, e);
        at += len;
        if (!*at)
            break;
    }
    return status;
}

/* --- the description --- */

static int add_entry(cJSON *list, const struct power_source *source, cJSON **entry)
{
    *entry = cJSON_CreateObject();
    if (!*entry || !cJSON_AddItemToArray(list, *entry)) {
        cJSON_Delete(*entry);
        return TT_NOMEM;
    }
    int status = json_set_string(*entry, "name", source->name);
    return status ? status : json_set_string(*entry, "measures", source->measures);
}

static int describe_source(const struct power_source *source, cJSON *list)
{
    cJSON *entry;
    int status = add_entry(list, source, &entry);
    if (!status && source->describe)
        status = source->describe(source->sensors[0].context, entry);
    return status;
}

static int describe_missed(const struct power_choice *choice, size_t i, cJSON *list)
{
    cJSON *entry;
    int status = add_entry(list, choice->missed_sources[i], &entry);
    if (!status)
        status = json_set_string(entry, "why", choice->missed[i].why.text);
    if (!status && choice->missed[i].way_out)
        status = json_set_string(entry, "way_out", choice->missed[i].way_out);
    return status;
}

int power_describe(const struct power_choice *choice, const char *asked, cJSON *description)
{
    cJSON *power = cJSON_CreateObject(), *sources = cJSON_CreateArray(), *missed = cJSON_CreateArray();
    int status = json_set(description, "power", power);
    int put_sources = status ? status : json_set(power, "sources", sources);
    int put_missed = status ? status : json_set(power, "missed", missed);
    if (status) {
        cJSON_Delete(sources);
        cJSON_Delete(missed);
    }
    status = put_sources ? put_sources : put_missed;
    if (!status)
        status = json_set_string(power, "asked", asked);
    for (size_t i = 0; i < choice->count && !status; i++)
        status = describe_source(choice->sources[i], sources);
    for (size_t i = 0; i < choice->missed_count && !status; i++)
        status = describe_missed(choice, i, missed);
    return status;
}

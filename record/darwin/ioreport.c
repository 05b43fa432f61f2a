/* SPDX-License-Identifier: MIT */
#include "record/darwin/ioreport.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/bytes.h"
#include "formats/json.h"
#include "record/darwin/energy_model.h"
#include "record/rail_set.h"

#define GROUP "Energy Model"

/* struct IOReportElement: provider, channel and type of 8 bytes each, then the time stamp in ticks of
 * mach_absolute_time, then four values. */
#define ELEMENT_STAMP 24
#define ELEMENT_SIZE  64

/* The keys of samples and of lists of channels. */
struct keys {
    cf_ref channels, elements;
};

struct ioreport_state {
    const struct ioreport_api *api;
    struct keys keys;
    cf_ref subscription, subscribed;
    struct rail_set set;
    char units[SENSOR_CHANNELS_MAX][ENERGY_MODEL_UNIT_MAX]; /* those that are not known */
};

/* The channels of the group. */
struct list {
    cf_ref dictionary;
    struct energy_channel *channels;
    size_t count;
};

static void release(const struct frameworks *f, cf_ref object)
{
    if (object)
        f->CFRelease(object);
}

static cf_ref new_string(const struct frameworks *f, const char *text)
{
    return f->CFStringCreateWithCString(NULL, text, CF_UTF8);
}

/* --- the list --- */

/* Not of the caller's to release; NULL when there is none. */
static cf_ref array_in(const struct frameworks *f, cf_ref dictionary, cf_ref key)
{
    cf_ref array = dictionary && key ? f->CFDictionaryGetValue(dictionary, key) : NULL;
    return array && f->CFGetTypeID(array) == f->CFArrayGetTypeID() ? array : NULL;
}

static void copy_string(const struct frameworks *f, cf_ref string, char *to, size_t size)
{
    int is_text = string && f->CFGetTypeID(string) == f->CFStringGetTypeID();
    if (!is_text || !f->CFStringGetCString(string, to, (long)size, CF_UTF8))
        to[0] = '\0';
}

/* Labels come with spaces behind them. */
static void trim(char *text)
{
    size_t begin = strspn(text, " \t"), len = strlen(text + begin);
    memmove(text, text + begin, len + 1);
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        text[--len] = '\0';
}

static void fill_channel(const struct ioreport_api *api, cf_ref from, struct energy_channel *channel)
{
    copy_string(api->f, api->IOReportChannelGetChannelName(from), channel->name, sizeof channel->name);
    copy_string(api->f, api->IOReportChannelGetUnitLabel(from), channel->unit, sizeof channel->unit);
    trim(channel->unit);
}

static int fill_list(const struct ioreport_api *api, cf_ref array, struct list *list, struct error *e)
{
    long there = array ? api->f->CFArrayGetCount(array) : 0;
    size_t count = there < 0 ? 0 : there > ENERGY_MODEL_MAX ? ENERGY_MODEL_MAX : (size_t)there;
    if (!count)
        return error_set(e, TT_NOTFOUND, "IOReport has no channels of the group '%s'", GROUP);
    list->channels = mem_zalloc(count, sizeof list->channels[0]);
    if (!list->channels)
        return error_set(e, TT_NOMEM, "out of memory");
    for (; list->count < count; list->count++) {
        cf_ref channel = api->f->CFArrayGetValueAtIndex(array, (long)list->count);
        fill_channel(api, channel, &list->channels[list->count]);
    }
    energy_model_choose(list->channels, list->count);
    return TT_OK;
}

/* list_release also after a failure. */
static int list_fill(const struct ioreport_api *api, const struct keys *keys, struct list *list,
                     struct error *e)
{
    cf_ref group = new_string(api->f, GROUP);
    memset(list, 0, sizeof *list);
    if (group)
        list->dictionary = api->IOReportCopyChannelsInGroup(group, NULL, 0, 0, 0);
    release(api->f, group);
    return fill_list(api, array_in(api->f, list->dictionary, keys->channels), list, e);
}

static void list_release(const struct ioreport_api *api, struct list *list)
{
    release(api->f, list->dictionary);
    mem_free(list->channels);
}

static void keys_make(const struct frameworks *f, struct keys *keys)
{
    keys->channels = new_string(f, "IOReportChannels");
    keys->elements = new_string(f, "RawElements");
}

static void keys_release(const struct frameworks *f, const struct keys *keys)
{
    release(f, keys->channels);
    release(f, keys->elements);
}

/* --- the subscription --- */

/* A unit that is not known is recorded with the channel, whose rail is in no sum. */
static int add_channel(struct ioreport_state *s, const struct energy_channel *c)
{
    char origin[RAIL_ORIGIN_MAX], *own = s->units[s->set.count < SENSOR_CHANNELS_MAX ? s->set.count : 0];
    const char *unit = energy_model_unit(c->unit);
    struct sensor_channel channel = {SERIES_ENERGY, SCOPE_ENGINE, 1, c->name, unit, NULL};
    struct sensor_rail rail = {c->rail, ABSENT, origin, SENSOR_STAMP_NATIVE};
    if (s->set.count == SENSOR_CHANNELS_MAX)
        return TT_LIMIT;
    snprintf(origin, sizeof origin, "%s/%s", GROUP, c->name);
    if (!unit)
        channel.unit = memcpy(own, c->unit, sizeof s->units[0]);
    return rail_set_add(&s->set, &channel, &rail);
}

static void add_wanted(struct ioreport_state *s, struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->channels[i].rail != ABSENT && add_channel(s, &list->channels[i]) < 0)
            list->channels[i].rail = ABSENT;
    }
}

/* A sample costs by the channel: a copy of the list with those only that are recorded. The caller's. */
static cf_ref copy_wanted(const struct ioreport_state *s, const struct list *list)
{
    const struct frameworks *f = s->api->f;
    cf_ref all = array_in(f, list->dictionary, s->keys.channels);
    cf_ref wanted = f->CFDictionaryCreateMutableCopy(NULL, 0, list->dictionary);
    cf_ref channels = all ? f->CFArrayCreateMutableCopy(NULL, 0, all) : NULL;
    for (long i = channels ? f->CFArrayGetCount(channels) : 0; i-- > 0;) {
        if ((size_t)i >= list->count || list->channels[i].rail == ABSENT)
            f->CFArrayRemoveValueAtIndex(channels, i);
    }
    if (wanted && channels)
        f->CFDictionarySetValue(wanted, s->keys.channels, channels);
    release(f, channels);
    return wanted;
}

static int subscribe(struct ioreport_state *s, struct error *e)
{
    struct list list;
    cf_ref wanted = NULL;
    int status = list_fill(s->api, &s->keys, &list, e);
    if (!status) {
        add_wanted(s, &list);
        if (!s->set.count)
            status =
                error_set(e, TT_NOTFOUND, "none of IOReport's %zu channels of energy is known", list.count);
    }
    if (!status)
        wanted = copy_wanted(s, &list);
    if (wanted)
        s->subscription = s->api->IOReportCreateSubscription(NULL, wanted, &s->subscribed, 0, NULL);
    if (!status && (!s->subscription || !s->subscribed))
        status = error_set(e, TT_IO, "IOReport refuses a subscription to the chip's energy");
    release(s->api->f, wanted);
    list_release(s->api, &list);
    return status;
}

static void close_ioreport(void *state)
{
    struct ioreport_state *s = state;
    release(s->api->f, s->subscription);
    release(s->api->f, s->subscribed);
    keys_release(s->api->f, &s->keys);
    mem_free(s);
}

static int open_ioreport(void *context, void **state, struct error *e)
{
    const struct ioreport_context *c = context;
    struct error why = {TT_OK, ""};
    const struct ioreport_api *api = c->load(&why);
    if (!api)
        return error_set(e, why.code, "%s", why.text);
    struct ioreport_state *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->api = api;
    keys_make(api->f, &s->keys);
    int status = subscribe(s, e);
    if (status)
        close_ioreport(s);
    else
        *state = s;
    return status;
}

/* --- samples --- */

static void describe_layout(void *state, struct sensor_layout *layout)
{
    const struct ioreport_state *s = state;
    rail_set_layout(&s->set, layout);
}

/* Samples have the channels in the order of the subscription, but for those that are gone. */
static size_t channel_of(const struct ioreport_state *s, const char *name, size_t expected)
{
    for (size_t k = 0; k < s->set.count; k++) {
        size_t i = (expected + k) % s->set.count;
        if (strcmp(s->set.names[i], name) == 0)
            return i;
    }
    return s->set.count;
}

static uint64_t stamp_of(const struct ioreport_state *s, cf_ref channel)
{
    const struct frameworks *f = s->api->f;
    cf_ref data = f->CFDictionaryGetValue(channel, s->keys.elements);
    if (!data || f->CFGetTypeID(data) != f->CFDataGetTypeID() || f->CFDataGetLength(data) < ELEMENT_SIZE)
        return ABSENT;
    uint64_t stamp = get_le64(f->CFDataGetBytePtr(data) + ELEMENT_STAMP);
    return stamp ? stamp : ABSENT;
}

/* IOReport's value for what is none is negative. */
static void read_channel(const struct ioreport_state *s, cf_ref channel, struct sensor_value *value)
{
    int64_t raw = s->api->IOReportSimpleGetIntegerValue(channel, NULL);
    if (raw < 0)
        return;
    value->value = (uint64_t)raw;
    value->source_t = stamp_of(s, channel);
}

static size_t read_channels(const struct ioreport_state *s, cf_ref array, struct sensor_value *values)
{
    char name[ENERGY_MODEL_NAME_MAX];
    size_t found = 0;
    long count = array ? s->api->f->CFArrayGetCount(array) : 0;
    for (long k = 0; k < count && k < ENERGY_MODEL_MAX; k++) {
        cf_ref channel = s->api->f->CFArrayGetValueAtIndex(array, k);
        copy_string(s->api->f, s->api->IOReportChannelGetChannelName(channel), name, sizeof name);
        size_t i = channel_of(s, name, (size_t)k);
        if (i == s->set.count)
            continue;
        read_channel(s, channel, &values[i]);
        found += values[i].value != ABSENT;
    }
    return found;
}

static int read_ioreport(void *state, struct sensor_value *values)
{
    const struct ioreport_state *s = state;
    cf_ref sample = s->api->IOReportCreateSamples(s->subscription, s->subscribed, NULL);
    size_t found = read_channels(s, array_in(s->api->f, sample, s->keys.channels), values);
    release(s->api->f, sample);
    return found ? TT_OK : TT_NOTFOUND;
}

const struct sensor_ops sensor_ioreport = {
    "ioreport", 0, 5000000, open_ioreport, describe_layout, read_ioreport, close_ioreport, NULL};

/* --- the description --- */

static const char *use_of(uint64_t rail)
{
    static const char *const uses[] = {
        [RAIL_CPU] = "cpu",   [RAIL_GPU] = "gpu",       [RAIL_ANE] = "ane",
        [RAIL_DRAM] = "dram", [RAIL_FABRIC] = "fabric", [RAIL_OTHER] = "in no sum: unknown unit"};
    return rail < sizeof uses / sizeof uses[0] ? uses[rail] : NULL;
}

static int describe_channel(const struct energy_channel *channel, cJSON *channels)
{
    cJSON *entry = cJSON_CreateObject();
    if (!entry || !cJSON_AddItemToArray(channels, entry)) {
        cJSON_Delete(entry);
        return TT_NOMEM;
    }
    int status = json_set_string(entry, "name", channel->name);
    if (!status)
        status = json_set_string(entry, "unit", channel->unit);
    const char *use = use_of(channel->rail);
    return status || !use ? status : json_set_string(entry, "use", use);
}

static int describe_channels(const struct ioreport_api *api, cJSON *channels)
{
    struct keys keys;
    struct list list;
    keys_make(api->f, &keys);
    int status = list_fill(api, &keys, &list, NULL) == TT_NOMEM ? TT_NOMEM : TT_OK;
    for (size_t i = 0; i < list.count && !status; i++)
        status = describe_channel(&list.channels[i], channels);
    list_release(api, &list);
    keys_release(api->f, &keys);
    return status;
}

int ioreport_describe(void *context, cJSON *about)
{
    const struct ioreport_context *c = context;
    const struct ioreport_api *api = c->load(NULL);
    cJSON *channels = cJSON_CreateArray();
    int status = json_set(about, "channels", channels);
    return status || !api ? status : describe_channels(api, channels);
}

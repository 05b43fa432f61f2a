/* SPDX-License-Identifier: MIT */
#include "fake_frameworks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/bytes.h"

#define ITEMS_MAX 1200

enum type { STRING = 1, DATA, ARRAY, DICTIONARY, NUMBER, OTHER };

struct object {
    enum type type;
    int references;
    char text[160];
    unsigned char bytes[64];
    long count;
    struct object *items[ITEMS_MAX], *keys[8]; /* keys: of a dictionary */
    const struct fake_channel *channel;        /* of a dictionary that is one */
};

static size_t alive, subscribed;
static struct fake_channel *channels;
static size_t channel_count;
static int refuses;
static const char *power_source;
static int power_has_modes, power_mode;

/* --- CoreFoundation --- */

/* The fakes are handed out as constant, as the real ones are. */
static struct object *writable(cf_ref object)
{
    struct object *o;
    memcpy(&o, &object, sizeof o);
    return o;
}

static struct object *new_object(enum type type)
{
    struct object *o = calloc(1, sizeof *o);
    assert_non_null(o);
    o->type = type;
    o->references = 1;
    alive++;
    return o;
}

static void release(cf_ref object)
{
    struct object *o = writable(object);
    assert_non_null(o);
    assert_true(o->references > 0);
    if (--o->references)
        return;
    for (long i = 0; i < o->count && o->type != NUMBER; i++) {
        release(o->items[i]);
        if (o->type == DICTIONARY)
            release(o->keys[i]);
    }
    alive--;
    free(o);
}

static struct object *retain(struct object *o)
{
    o->references++;
    return o;
}

static unsigned long type_of(cf_ref object)
{
    return writable(object)->type;
}

static unsigned long type_string(void)
{
    return STRING;
}

static unsigned long type_data(void)
{
    return DATA;
}

static unsigned long type_array(void)
{
    return ARRAY;
}

static unsigned long type_dictionary(void)
{
    return DICTIONARY;
}

static unsigned long type_number(void)
{
    return NUMBER;
}

static unsigned char get_number(cf_ref number, long type, void *to)
{
    const int32_t value = (int32_t)writable(number)->count;
    assert_int_equal(type, CF_NUMBER_SINT32);
    memcpy(to, &value, sizeof value);
    return 1;
}

static cf_ref create_string(cf_ref allocator, const char *text, uint32_t encoding)
{
    struct object *o = new_object(STRING);
    assert_null(allocator);
    assert_int_equal(encoding, CF_UTF8);
    assert_true(strlen(text) < sizeof o->text);
    memcpy(o->text, text, strlen(text) + 1);
    return o;
}

static unsigned char get_c_string(cf_ref string, char *to, long size, uint32_t encoding)
{
    const struct object *o = writable(string);
    assert_int_equal(o->type, STRING);
    assert_int_equal(encoding, CF_UTF8);
    if ((long)strlen(o->text) >= size)
        return 0;
    memcpy(to, o->text, strlen(o->text) + 1);
    return 1;
}

static const unsigned char *data_bytes(cf_ref data)
{
    return writable(data)->bytes;
}

static long length(cf_ref object)
{
    return writable(object)->count;
}

static long data_length(cf_ref data)
{
    (void)data;
    return sizeof writable(data)->bytes;
}

static long find(const struct object *dictionary, cf_ref key)
{
    long i = 0;
    while (i < dictionary->count && strcmp(dictionary->keys[i]->text, writable(key)->text) != 0)
        i++;
    return i;
}

static cf_ref get_value(cf_ref dictionary, cf_ref key)
{
    const struct object *o = writable(dictionary);
    assert_int_equal(o->type, DICTIONARY);
    long i = find(o, key);
    return i < o->count ? o->items[i] : NULL;
}

static void set_value(cf_ref dictionary, cf_ref key, cf_ref value)
{
    struct object *o = writable(dictionary), *added = retain(writable(value));
    long i = find(o, key);
    if (i < o->count) {
        release(o->items[i]);
    } else {
        o->keys[i] = retain(writable(key));
        o->count++;
    }
    o->items[i] = added;
}

static cf_ref value_at(cf_ref array, long index)
{
    const struct object *o = writable(array);
    assert_int_equal(o->type, ARRAY);
    assert_in_range(index, 0, o->count - 1);
    return o->items[index];
}

static cf_ref copy(cf_ref allocator, long capacity, cf_ref from)
{
    const struct object *o = writable(from);
    struct object *made = new_object(o->type);
    assert_null(allocator);
    assert_int_equal(capacity, 0);
    for (; made->count < o->count; made->count++) {
        made->items[made->count] = retain(o->items[made->count]);
        if (o->type == DICTIONARY)
            made->keys[made->count] = retain(o->keys[made->count]);
    }
    return made;
}

static void remove_at(cf_ref array, long index)
{
    struct object *o = writable(array);
    assert_in_range(index, 0, o->count - 1);
    release(o->items[index]);
    o->count--;
    memmove(&o->items[index], &o->items[index + 1], (size_t)(o->count - index) * sizeof o->items[0]);
}

/* --- power settings --- */

/* Sets and gives up its own reference. */
static void put(struct object *dictionary, const char *name, cf_ref value)
{
    cf_ref key = create_string(NULL, name, CF_UTF8);
    set_value(dictionary, key, value);
    release(key);
    release(value);
}

static cf_ref copy_power_info(void)
{
    struct object *o = new_object(DICTIONARY);
    if (power_source)
        put(o, "source", create_string(NULL, power_source, CF_UTF8));
    return o;
}

static cf_ref get_power_source(cf_ref info)
{
    const struct object *o = writable(info);
    return o->count ? o->items[0] : NULL;
}

static cf_ref copy_preferences(void)
{
    struct object *o = new_object(DICTIONARY), *settings = new_object(DICTIONARY), *number;
    if (power_mode >= 0) {
        number = new_object(NUMBER);
        number->count = power_mode;
        put(settings, "LowPowerMode", number);
    }
    put(o, power_source ? power_source : "AC Power", settings);
    return o;
}

static unsigned char has_feature(cf_ref feature, cf_ref source)
{
    assert_string_equal(writable(feature)->text, "LowPowerMode");
    assert_string_equal(writable(source)->text, power_source);
    return (unsigned char)power_has_modes;
}

void fake_power_set(const char *source, int has_modes, int mode)
{
    power_source = source;
    power_has_modes = has_modes;
    power_mode = mode;
}

size_t fake_objects(void)
{
    return alive;
}

const struct frameworks fake_frameworks = {
    .CFRelease = release,
    .CFGetTypeID = type_of,
    .CFStringGetTypeID = type_string,
    .CFDataGetTypeID = type_data,
    .CFArrayGetTypeID = type_array,
    .CFDictionaryGetTypeID = type_dictionary,
    .CFStringCreateWithCString = create_string,
    .CFStringGetCString = get_c_string,
    .CFDataGetBytePtr = data_bytes,
    .CFDataGetLength = data_length,
    .CFDictionaryGetValue = get_value,
    .CFDictionaryCreateMutableCopy = copy,
    .CFDictionarySetValue = set_value,
    .CFArrayGetCount = length,
    .CFArrayGetValueAtIndex = value_at,
    .CFArrayCreateMutableCopy = copy,
    .CFArrayRemoveValueAtIndex = remove_at,
    .CFNumberGetTypeID = type_number,
    .CFNumberGetValue = get_number,
    .IOPSCopyPowerSourcesInfo = copy_power_info,
    .IOPSGetProvidingPowerSourceType = get_power_source,
    .IOPMCopyActivePMPreferences = copy_preferences,
    .IOPMFeatureIsAvailable = has_feature,
};

/* --- IOReport --- */

static struct object *new_channel(const struct fake_channel *c)
{
    struct object *o = new_object(DICTIONARY), *data = new_object(DATA);
    o->channel = c;
    put_le64(data->bytes + 24, c->stamp);
    put_le64(data->bytes + 32, (uint64_t)c->value);
    if (c->is_bare)
        release(data);
    else
        put(o, "RawElements", data);
    if (c->name)
        put(o, "name", create_string(NULL, c->name, CF_UTF8));
    if (c->unit)
        put(o, "unit", create_string(NULL, c->unit, CF_UTF8));
    return o;
}

static cf_ref copy_channels(cf_ref group, cf_ref subgroup, uint64_t a, uint64_t b, uint64_t c)
{
    struct object *o = new_object(DICTIONARY), *array = new_object(ARRAY);
    assert_string_equal(writable(group)->text, "Energy Model");
    assert_null(subgroup);
    assert_true(a == 0 && b == 0 && c == 0);
    for (; array->count < (long)channel_count; array->count++)
        array->items[array->count] = new_channel(&channels[array->count]);
    put(o, "IOReportChannels", array);
    return o;
}

static cf_ref channels_of(cf_ref dictionary)
{
    cf_ref key = create_string(NULL, "IOReportChannels", CF_UTF8), array = get_value(dictionary, key);
    release(key);
    return array;
}

static cf_ref create_subscription(void *a, cf_ref wanted, cf_ref *made, uint64_t channel_id, cf_ref b)
{
    assert_true(!a && !b && !channel_id);
    if (refuses)
        return NULL;
    *made = copy(NULL, 0, wanted);
    subscribed = (size_t)length(channels_of(wanted));
    return new_object(OTHER);
}

static cf_ref create_samples(cf_ref subscription, cf_ref made, cf_ref a)
{
    struct object *o = new_object(DICTIONARY), *array = new_object(ARRAY);
    const struct object *from = writable(channels_of(made));
    assert_int_equal(writable(subscription)->type, OTHER);
    assert_null(a);
    for (long i = 0; i < from->count; i++) {
        if (!from->items[i]->channel->is_gone)
            array->items[array->count++] = new_channel(from->items[i]->channel);
    }
    put(o, "IOReportChannels", array);
    return o;
}

static int64_t simple_value(cf_ref channel, int32_t *a)
{
    assert_null(a);
    return writable(channel)->channel->value;
}

static cf_ref text_of(cf_ref channel, const char *name)
{
    cf_ref key = create_string(NULL, name, CF_UTF8), value = get_value(channel, key);
    release(key);
    return value;
}

static cf_ref channel_name(cf_ref channel)
{
    return text_of(channel, "name");
}

static cf_ref unit_label(cf_ref channel)
{
    return text_of(channel, "unit");
}

const struct ioreport_api fake_ioreport = {&fake_frameworks, copy_channels, create_subscription,
                                           create_samples,   simple_value,  channel_name,
                                           unit_label};

void fake_ioreport_set(struct fake_channel *list, size_t count)
{
    assert_true(count <= ITEMS_MAX);
    channels = list;
    channel_count = count;
    subscribed = 0;
    refuses = 0;
}

void fake_ioreport_refuse(int refusing)
{
    refuses = refusing;
}

size_t fake_ioreport_subscribed(void)
{
    return subscribed;
}

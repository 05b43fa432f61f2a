/* SPDX-License-Identifier: MIT */
#include "record/darwin/smc.h"

#include <math.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/darwin/smc_wire.h"
#include "record/rail_set.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLASS           "AppleSMC" /* the class above AppleSMCKeysEndpoint, too */
#define WATTS_MAX       1e6

/* What a key is the power of. How long each value is the mean of is not known. */
static const struct {
    const char *key, *name;
    uint64_t rail;
} keys[] = {
    {"PSTR", "PSTR system total", RAIL_MACHINE},
    {"PDTR", "PDTR DC in", RAIL_OTHER},
    {"PPBR", "PPBR battery", RAIL_OTHER},
};

struct smc_state {
    const struct smc_api *api;
    uint32_t connection;
    struct rail_set set;
    uint32_t codes[SENSOR_CHANNELS_MAX];
    struct smc_type types[SENSOR_CHANNELS_MAX];
};

static int call(const struct smc_state *s, const unsigned char in[SMC_MESSAGE_SIZE],
                unsigned char out[SMC_MESSAGE_SIZE])
{
    size_t size = SMC_MESSAGE_SIZE;
    int result =
        s->api->IOConnectCallStructMethod(s->connection, SMC_SELECTOR, in, SMC_MESSAGE_SIZE, out, &size);
    return !result && size == SMC_MESSAGE_SIZE ? TT_OK : TT_IO;
}

static int ask_type(const struct smc_state *s, uint32_t code, struct smc_type *type)
{
    unsigned char in[SMC_MESSAGE_SIZE], out[SMC_MESSAGE_SIZE] = {0};
    smc_ask_type(in, code);
    int status = call(s, in, out);
    return status ? status : smc_read_type(out, type);
}

/* Watts of any type as whole microwatts, two's complement. */
static int ask_power(const struct smc_state *s, uint32_t code, const struct smc_type *type, uint64_t *uw)
{
    unsigned char in[SMC_MESSAGE_SIZE], out[SMC_MESSAGE_SIZE] = {0};
    double watts = 0;
    smc_ask_value(in, code, type);
    int status = call(s, in, out);
    if (!status)
        status = smc_read_value(out, type, &watts);
    if (!status && fabs(watts) > WATTS_MAX)
        status = TT_NOTFOUND;
    if (!status)
        *uw = (uint64_t)llround(watts * 1e6);
    return status;
}

static void add_key(struct smc_state *s, size_t i)
{
    struct sensor_channel channel = {SERIES_POWER, SCOPE_ENGINE, 0, keys[i].name, "uW", NULL};
    struct sensor_rail rail = {keys[i].rail, ABSENT, CLASS, ""};
    uint32_t code = smc_code(keys[i].key);
    struct smc_type type;
    uint64_t uw;
    if (ask_type(s, code, &type) || ask_power(s, code, &type, &uw))
        return;
    int index = rail_set_add(&s->set, &channel, &rail);
    if (index >= 0) {
        s->codes[index] = code;
        s->types[index] = type;
    }
}

/* Several services have the class; that of the keys is the first that knows one. */
static int try_service(struct smc_state *s, uint32_t service)
{
    if (s->api->IOServiceOpen(service, s->api->task, 0, &s->connection))
        return TT_IO;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        add_key(s, i);
    if (s->set.count)
        return TT_OK;
    s->api->IOServiceClose(s->connection);
    return TT_NOTFOUND;
}

static int connect_smc(struct smc_state *s, struct error *e)
{
    uint32_t iterator = 0, service;
    int status = TT_NOTFOUND;
    cf_ref matching = s->api->IOServiceMatching(CLASS);
    if (!matching || s->api->IOServiceGetMatchingServices(0, matching, &iterator) || !iterator)
        return error_set(e, TT_NOTFOUND, "this machine has no system management controller");
    while (status && (service = s->api->IOIteratorNext(iterator)) != 0) {
        int tried = try_service(s, service);
        status = tried == TT_NOTFOUND && status == TT_IO ? TT_IO : tried;
        s->api->IOObjectRelease(service);
    }
    s->api->IOObjectRelease(iterator);
    if (status == TT_IO)
        return error_set(e, TT_IO, "the system management controller may not be opened");
    return status ? error_set(e, TT_NOTFOUND, "the system management controller tells no power") : TT_OK;
}

static int open_smc(void *context, void **state, struct error *e)
{
    const struct smc_context *c = context;
    struct error why = {TT_OK, ""};
    const struct smc_api *api = c->load(&why);
    if (!api)
        return error_set(e, why.code, "%s", why.text);
    struct smc_state *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->api = api;
    int status = connect_smc(s, e);
    if (status)
        mem_free(s);
    else
        *state = s;
    return status;
}

static void describe_layout(void *state, struct sensor_layout *layout)
{
    const struct smc_state *s = state;
    rail_set_layout(&s->set, layout);
}

static int read_smc(void *state, struct sensor_value *values)
{
    const struct smc_state *s = state;
    size_t alive = 0;
    for (size_t i = 0; i < s->set.count; i++) {
        uint64_t begin = clock_ticks(), uw;
        if (ask_power(s, s->codes[i], &s->types[i], &uw))
            continue;
        alive++;
        values[i].value = uw;
        values[i].t = begin;
        values[i].duration = clock_ticks() - begin;
    }
    return alive ? TT_OK : TT_NOTFOUND;
}

static void close_smc(void *state)
{
    struct smc_state *s = state;
    s->api->IOServiceClose(s->connection);
    mem_free(s);
}

const struct sensor_ops sensor_smc = {"smc", 0, 200000, open_smc, describe_layout, read_smc, close_smc, NULL};

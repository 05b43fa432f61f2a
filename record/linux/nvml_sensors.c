/* SPDX-License-Identifier: MIT */
#include "record/linux/nvml_sensors.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "record/clock.h"
#include "record/linux/nvml.h"
#include "record/process.h"
#include "record/rail_set.h"

#define SOURCE "nvml"

struct gauge;

/* Reads one quantity of one GPU. enum nvml_return. */
typedef int read_gauge(const struct gauge *g, struct sensor_value *value);

struct gauge {
    const struct nvml_state *state;
    unsigned gpu;
    read_gauge *read;
};

struct nvml_state {
    struct nvml nvml;
    struct rail_set set;
    struct gauge gauges[SENSOR_CHANNELS_MAX];
    uint64_t pids[PROCESS_LIST_MAX]; /* the engine's */
    size_t pid_count;
};

/* --- the quantities --- */

static int read_energy_field(const struct gauge *g, struct sensor_value *value)
{
    return nvml_field(&g->state->nvml, g->gpu, NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION, &value->value,
                      &value->source_t);
}

static int read_energy_call(const struct gauge *g, struct sensor_value *value)
{
    const struct nvml *n = &g->state->nvml;
    unsigned long long mj = 0;
    if (!n->api.nvmlDeviceGetTotalEnergyConsumption)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = n->api.nvmlDeviceGetTotalEnergyConsumption(n->gpus[g->gpu].device, &mj);
    value->value = mj;
    return status;
}

static int read_power_field(const struct gauge *g, struct sensor_value *value)
{
    return nvml_field(&g->state->nvml, g->gpu, NVML_FI_DEV_POWER_INSTANT, &value->value, &value->source_t);
}

static int read_power_call(const struct gauge *g, struct sensor_value *value)
{
    const struct nvml *n = &g->state->nvml;
    unsigned mw = 0;
    if (!n->api.nvmlDeviceGetPowerUsage)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = n->api.nvmlDeviceGetPowerUsage(n->gpus[g->gpu].device, &mw);
    value->value = mw;
    return status;
}

static int read_throttle(const struct gauge *g, struct sensor_value *value)
{
    const struct nvml *n = &g->state->nvml;
    unsigned long long bits = 0;
    if (!n->api.nvmlDeviceGetCurrentClocksEventReasons)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = n->api.nvmlDeviceGetCurrentClocksEventReasons(n->gpus[g->gpu].device, &bits);
    value->value = bits;
    return status;
}

static int read_memory(const struct gauge *g, struct sensor_value *value)
{
    const struct nvml *n = &g->state->nvml;
    struct nvml_memory memory = {0, 0, 0};
    if (!n->api.nvmlDeviceGetMemoryInfo)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = n->api.nvmlDeviceGetMemoryInfo(n->gpus[g->gpu].device, &memory);
    value->value = memory.used;
    return status;
}

/* --- which GPU the engine uses --- */

struct use {
    unsigned processes;
    uint64_t memory; /* of those that tell; ABSENT when none does */
};

typedef int list_processes(nvml_device device, unsigned *count, struct nvml_process *list);

static int is_engine(const struct nvml_state *state, unsigned pid)
{
    for (size_t i = 0; i < state->pid_count; i++) {
        if (state->pids[i] == pid)
            return 1;
    }
    return 0;
}

static int add_use(const struct gauge *g, list_processes *list, struct use *use)
{
    struct nvml_process processes[NVML_PROCESSES_MAX];
    unsigned count = NVML_PROCESSES_MAX;
    if (!list)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = list(g->state->nvml.gpus[g->gpu].device, &count, processes);
    if (status != NVML_SUCCESS)
        return status;
    for (unsigned i = 0; i < count && i < NVML_PROCESSES_MAX; i++) {
        uint64_t memory = processes[i].used_memory;
        if (!is_engine(g->state, processes[i].pid))
            continue;
        use->processes++;
        if (memory != UINT64_MAX)
            use->memory = use->memory == ABSENT ? memory : use->memory + memory;
    }
    return NVML_SUCCESS;
}

/* A process that computes and draws is in both lists. */
static int find_use(const struct gauge *g, struct use *use)
{
    const struct nvml_api *api = &g->state->nvml.api;
    *use = (struct use){0, ABSENT};
    int status = add_use(g, api->nvmlDeviceGetComputeRunningProcesses_v3, use);
    if (!use->processes && add_use(g, api->nvmlDeviceGetGraphicsRunningProcesses_v3, use) == NVML_SUCCESS)
        status = NVML_SUCCESS;
    return status;
}

static int read_processes(const struct gauge *g, struct sensor_value *value)
{
    struct use use;
    int status = find_use(g, &use);
    value->value = use.processes;
    return status;
}

static int read_engine_memory(const struct gauge *g, struct sensor_value *value)
{
    struct use use;
    int status = find_use(g, &use);
    value->value = use.memory;
    return status;
}

/* --- channels --- */

/* What a channel is, and the ways to read it, the best one first. */
struct quantity {
    struct sensor_channel channel; /* name: behind the GPU's */
    uint64_t rail;
    read_gauge *read;
};

static const struct quantity energy[] = {
    {{SERIES_ENERGY, SCOPE_ENGINE, 1, "total energy", "mJ", NULL}, RAIL_BOARD, read_energy_field},
    {{SERIES_ENERGY, SCOPE_ENGINE, 1, "total energy", "mJ", NULL}, RAIL_BOARD, read_energy_call},
};

static const struct quantity power[] = {
    {{SERIES_POWER, SCOPE_ENGINE, 0, "instant power", "mW", NULL}, RAIL_BOARD, read_power_field},
    {{SERIES_POWER, SCOPE_ENGINE, 0, "power usage", "mW", NULL}, RAIL_BOARD, read_power_call},
};

static const struct quantity throttle = {
    {SERIES_DEVICE_THROTTLE, SCOPE_ENGINE, 0, "clocks event reasons", "bits", NULL}, ABSENT, read_throttle};

static const struct quantity use[] = {
    {{SERIES_DEVICE_PROCESSES, SCOPE_ENGINE, 0, "engine processes", "process", NULL}, ABSENT, read_processes},
    {{SERIES_DEVICE_MEMORY, SCOPE_ENGINE, 0, "engine memory", "byte", NULL}, ABSENT, read_engine_memory},
    {{SERIES_DEVICE_MEMORY_ALL, SCOPE_HOST, 0, "used memory", "byte", NULL}, ABSENT, read_memory},
};

/* Adds the quantity for one GPU if the card can say it now. */
static int add_quantity(struct nvml_state *s, unsigned gpu, const struct quantity *q)
{
    const struct gauge g = {s, gpu, q->read};
    struct sensor_value value = {.value = ABSENT, .source_t = ABSENT};
    struct sensor_channel channel = q->channel;
    struct sensor_rail rail = {q->rail, ABSENT, s->nvml.gpus[gpu].uuid, ""};
    char name[RAIL_NAME_MAX];
    if (q->read(&g, &value) != NVML_SUCCESS)
        return 0;
    snprintf(name, sizeof name, "gpu%u %s", gpu, q->channel.name);
    channel.name = name;
    rail.stamp = value.source_t == ABSENT ? "" : SENSOR_STAMP_REALTIME_US;
    int index = rail_set_add(&s->set, &channel, &rail);
    if (index >= 0)
        s->gauges[index] = g;
    return index >= 0;
}

static void add_best(struct nvml_state *s, const struct quantity *ways, size_t count)
{
    for (unsigned gpu = 0; gpu < s->nvml.count; gpu++) {
        for (size_t i = 0; i < count && !add_quantity(s, gpu, &ways[i]); i++)
            ;
    }
}

static int new_state(const struct nvml_context *context, struct nvml_state **s, struct error *e)
{
    *s = mem_zalloc(1, sizeof **s);
    if (!*s)
        return error_set(e, TT_NOMEM, "out of memory");
    int status = nvml_open(&(*s)->nvml, context->library, e);
    if (status)
        mem_free(*s);
    return status;
}

static void close_nvml(void *state)
{
    struct nvml_state *s = state;
    nvml_close(&s->nvml);
    mem_free(s);
}

static int finish_open(struct nvml_state *s, const char *what, void **state, struct error *e)
{
    if (s->set.count) {
        *state = s;
        return TT_OK;
    }
    close_nvml(s);
    return error_set(e, TT_NOTFOUND, "no GPU here tells its %s", what);
}

static int open_energy(void *context, void **state, struct error *e)
{
    struct nvml_state *s;
    int status = new_state(context, &s, e);
    if (status)
        return status;
    add_best(s, energy, 2);
    return finish_open(s, "energy", state, e);
}

static int open_power(void *context, void **state, struct error *e)
{
    struct nvml_state *s;
    int status = new_state(context, &s, e);
    if (status)
        return status;
    add_best(s, power, 2);
    for (unsigned gpu = 0; gpu < s->nvml.count; gpu++)
        add_quantity(s, gpu, &throttle);
    return finish_open(s, "power", state, e);
}

static int open_use(void *context, void **state, struct error *e)
{
    struct nvml_state *s;
    int status = new_state(context, &s, e);
    if (status)
        return status;
    for (unsigned gpu = 0; gpu < s->nvml.count; gpu++) {
        for (size_t i = 0; i < sizeof use / sizeof use[0]; i++)
            add_quantity(s, gpu, &use[i]);
    }
    return finish_open(s, "memory", state, e);
}

static void describe_layout(void *state, struct sensor_layout *layout)
{
    const struct nvml_state *s = state;
    rail_set_layout(&s->set, layout);
}

static int read_gauges(void *state, struct sensor_value *values)
{
    const struct nvml_state *s = state;
    size_t alive = 0;
    for (size_t i = 0; i < s->set.count; i++) {
        uint64_t begin = clock_ticks();
        if (s->gauges[i].read(&s->gauges[i], &values[i]) != NVML_SUCCESS) {
            values[i].value = ABSENT;
            continue;
        }
        alive++;
        values[i].t = begin;
        values[i].duration = clock_ticks() - begin;
    }
    return alive ? TT_OK : TT_NOTFOUND;
}

static void take_engine(void *state, const uint64_t *pids, size_t count)
{
    struct nvml_state *s = state;
    s->pid_count = count < PROCESS_LIST_MAX ? count : PROCESS_LIST_MAX;
    memcpy(s->pids, pids, s->pid_count * sizeof pids[0]);
}

const struct sensor_ops sensor_nvml_energy = {SOURCE,          0,           5000000,    open_energy,
                                              describe_layout, read_gauges, close_nvml, NULL};
const struct sensor_ops sensor_nvml_power = {SOURCE,          0,           100000,     open_power,
                                             describe_layout, read_gauges, close_nvml, NULL};
const struct sensor_ops sensor_nvml_use = {SOURCE,          1000000000u, 1000000,    open_use,
                                           describe_layout, read_gauges, close_nvml, take_engine};

/* --- the description --- */

static int describe_gpu(const struct nvml *n, unsigned gpu, cJSON *devices)
{
    cJSON *device = cJSON_CreateObject();
    if (!device || !cJSON_AddItemToArray(devices, device)) {
        cJSON_Delete(device);
        return TT_NOMEM;
    }
    int status = json_set_number(device, "index", gpu);
    if (!status && n->gpus[gpu].name[0])
        status = json_set_string(device, "name", n->gpus[gpu].name);
    if (!status && n->gpus[gpu].uuid[0])
        status = json_set_string(device, "uuid", n->gpus[gpu].uuid);
    return status;
}

int nvml_describe(void *context, cJSON *about)
{
    const struct nvml_context *c = context;
    struct nvml n;
    cJSON *devices = cJSON_CreateArray();
    int status = json_set(about, "devices", devices);
    if (status || nvml_open(&n, c->library, NULL))
        return status;
    if (n.driver[0])
        status = json_set_string(about, "driver", n.driver);
    for (unsigned gpu = 0; gpu < n.count && !status; gpu++)
        status = describe_gpu(&n, gpu, devices);
    nvml_close(&n);
    return status;
}

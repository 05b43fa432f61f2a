/* SPDX-License-Identifier: MIT */
#include "record/linux/nvml.h"

#include <dlfcn.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(sizeof(struct nvml_field_value) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct nvml_process) == 24, "nvmlProcessInfo_v2_t");

struct symbol {
    const char *name, *older; /* the same function's former name, or NULL */
    size_t offset;            /* of the function pointer in struct nvml_api */
    int is_needed;
};

#define SYMBOL(name, older, is_needed)                                                                       \
    {                                                                                                        \
#name, older, offsetof(struct nvml_api, name), is_needed                                             \
    }

static const struct symbol symbols[] = {
    SYMBOL(nvmlInit_v2, NULL, 1),
    SYMBOL(nvmlShutdown, NULL, 1),
    SYMBOL(nvmlErrorString, NULL, 1),
    SYMBOL(nvmlDeviceGetCount_v2, NULL, 1),
    SYMBOL(nvmlDeviceGetHandleByIndex_v2, NULL, 1),
    SYMBOL(nvmlSystemGetDriverVersion, NULL, 0),
    SYMBOL(nvmlDeviceGetUUID, NULL, 0),
    SYMBOL(nvmlDeviceGetName, NULL, 0),
    SYMBOL(nvmlDeviceGetFieldValues, NULL, 0),
    SYMBOL(nvmlDeviceGetTotalEnergyConsumption, NULL, 0),
    SYMBOL(nvmlDeviceGetPowerUsage, NULL, 0),
    SYMBOL(nvmlDeviceGetMemoryInfo, NULL, 0),
    SYMBOL(nvmlDeviceGetComputeRunningProcesses_v3, "nvmlDeviceGetComputeRunningProcesses_v2", 0),
    SYMBOL(nvmlDeviceGetGraphicsRunningProcesses_v3, "nvmlDeviceGetGraphicsRunningProcesses_v2", 0),
    SYMBOL(nvmlDeviceGetCurrentClocksEventReasons, "nvmlDeviceGetCurrentClocksThrottleReasons", 0),
};

/* By the loader's own search, then where containers and WSL have it. */
static const char *const places[] = {"libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1",
                                     "/usr/lib/wsl/lib/libnvidia-ml.so.1"};

static void *load(const char *library)
{
    void *handle = library ? dlopen(library, RTLD_NOW | RTLD_LOCAL) : NULL;
    for (size_t i = 0; !library && !handle && i < COUNT_OF(places); i++)
        handle = dlopen(places[i], RTLD_NOW | RTLD_LOCAL);
    return handle;
}

static int find_symbols(struct nvml_api *api, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(symbols); i++) {
        const struct symbol *s = &symbols[i];
        void *address = dlsym(api->library, s->name);
        if (!address && s->older)
            address = dlsym(api->library, s->older);
        if (!address && s->is_needed)
            return error_set(e, TT_IO, "libnvidia-ml.so.1 has no function %s", s->name);
        memcpy((unsigned char *)api + s->offset, &address, sizeof address);
    }
    return TT_OK;
}

/* A text that the library filled, ended in any case. */
static void end_text(char text[NVML_TEXT_MAX], int status)
{
    text[status == NVML_SUCCESS ? NVML_TEXT_MAX - 1 : 0] = '\0';
}

static void describe_gpu(const struct nvml_api *api, struct nvml_gpu *gpu)
{
    int has_uuid =
        api->nvmlDeviceGetUUID ? api->nvmlDeviceGetUUID(gpu->device, gpu->uuid, NVML_TEXT_MAX) : -1;
    int has_name =
        api->nvmlDeviceGetName ? api->nvmlDeviceGetName(gpu->device, gpu->name, NVML_TEXT_MAX) : -1;
    end_text(gpu->uuid, has_uuid);
    end_text(gpu->name, has_name);
}

/* Cards that this user may not see, or that fell off the bus, are left out. */
static int list_gpus(struct nvml *n, struct error *e)
{
    unsigned count = 0;
    int status = n->api.nvmlDeviceGetCount_v2(&count), last = NVML_SUCCESS;
    for (unsigned i = 0; status == NVML_SUCCESS && i < count && n->count < NVML_GPUS_MAX; i++) {
        struct nvml_gpu *gpu = &n->gpus[n->count];
        last = n->api.nvmlDeviceGetHandleByIndex_v2(i, &gpu->device);
        if (last != NVML_SUCCESS)
            continue;
        describe_gpu(&n->api, gpu);
        n->count++;
    }
    if (n->count)
        return TT_OK;
    status = status == NVML_SUCCESS ? last : status;
    if (status == NVML_SUCCESS)
        return error_set(e, TT_NOTFOUND, "NVML knows no GPU here");
    return error_set(e, TT_IO, "NVML shows no GPU: %s", n->api.nvmlErrorString(status));
}

static int start(struct nvml *n, struct error *e)
{
    int status = n->api.nvmlInit_v2();
    if (status == NVML_ERROR_DRIVER_NOT_LOADED)
        return error_set(e, TT_NOTFOUND, "NVML: %s", n->api.nvmlErrorString(status));
    if (status != NVML_SUCCESS)
        return error_set(e, TT_IO, "NVML does not start: %s", n->api.nvmlErrorString(status));
    int listed = list_gpus(n, e);
    if (!listed && n->api.nvmlSystemGetDriverVersion)
        end_text(n->driver, n->api.nvmlSystemGetDriverVersion(n->driver, NVML_TEXT_MAX));
    if (listed)
        n->api.nvmlShutdown();
    return listed;
}

int nvml_open(struct nvml *n, const char *library, struct error *e)
{
    memset(n, 0, sizeof *n);
    n->api.library = load(library);
    if (!n->api.library)
        return error_set(e, TT_NOTFOUND, "there is no libnvidia-ml.so.1");
    int status = find_symbols(&n->api, e);
    if (!status)
        status = start(n, e);
    if (status) {
        dlclose(n->api.library);
        n->api.library = NULL;
    }
    return status;
}

void nvml_close(struct nvml *n)
{
    if (!n->api.library)
        return;
    n->api.nvmlShutdown();
    dlclose(n->api.library);
    n->api.library = NULL;
}

int nvml_field(const struct nvml *n, unsigned gpu, enum nvml_field field, uint64_t *value, uint64_t *stamp_us)
{
    struct nvml_field_value v = {.field = field};
    *value = *stamp_us = UINT64_MAX;
    if (!n->api.nvmlDeviceGetFieldValues)
        return NVML_ERROR_NOT_SUPPORTED;
    int status = n->api.nvmlDeviceGetFieldValues(n->gpus[gpu].device, 1, &v);
    if (status == NVML_SUCCESS)
        status = v.status;
    if (status != NVML_SUCCESS)
        return status;
    switch (v.type) {
    case NVML_UNSIGNED_INT:
        *value = v.value.ui;
        break;
    case NVML_UNSIGNED_LONG:
        *value = v.value.ul;
        break;
    case NVML_UNSIGNED_LONG_LONG:
        *value = v.value.ull;
        break;
    default:
        return NVML_ERROR_NOT_SUPPORTED;
    }
    *stamp_us = v.timestamp_us > 0 ? (uint64_t)v.timestamp_us : UINT64_MAX;
    return NVML_SUCCESS;
}

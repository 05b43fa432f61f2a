/* SPDX-License-Identifier: MIT */
/* NVIDIA's management library, found at run time: nothing of it is needed to build, and a driver that lacks a
 * function only says less. Prototypes, structs and numbers are those of the NVML API reference
 * (docs.nvidia.com/deploy/nvml-api: nvml.h of CUDA 12 and 13); structs that grew have the version in their
 * function's name. */
#ifndef TOKTAPE_NVML_H
#define TOKTAPE_NVML_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define NVML_GPUS_MAX      16
#define NVML_PROCESSES_MAX 256
#define NVML_TEXT_MAX      96 /* NVML_DEVICE_UUID_V2_BUFFER_SIZE, NVML_DEVICE_NAME_V2_BUFFER_SIZE */

enum nvml_return {
    NVML_SUCCESS = 0,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_DRIVER_NOT_LOADED = 9
};

enum nvml_field {
    NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION = 83, /* mJ since the driver was loaded */
    NVML_FI_DEV_POWER_INSTANT = 186 /* mW; nvmlDeviceGetPowerUsage is a mean of 1 s on most cards */
};

/* nvmlValueType_t */
enum nvml_value_type { NVML_UNSIGNED_INT = 1, NVML_UNSIGNED_LONG = 2, NVML_UNSIGNED_LONG_LONG = 3 };

typedef struct nvmlDevice_st *nvml_device;

/* nvmlFieldValue_t */
struct nvml_field_value {
    unsigned field, scope;
    long long timestamp_us; /* since 1970: when the value was read */
    long long latency_us;
    int type;   /* enum nvml_value_type */
    int status; /* enum nvml_return, of this field */
    union {
        double d;
        unsigned ui;
        unsigned long ul;
        unsigned long long ull;
        long long sll;
    } value;
};

/* nvmlProcessInfo_v2_t, which nvmlDeviceGet…RunningProcesses_v3 fills too. */
struct nvml_process {
    unsigned pid;
    unsigned long long used_memory; /* byte; UINT64_MAX: not told */
    unsigned gpu_instance, compute_instance;
};

/* nvmlMemory_t */
struct nvml_memory {
    unsigned long long total, free, used; /* byte */
};

/* Each returns enum nvml_return. NULL where the library has no such function; the first five are never NULL.
 */
struct nvml_api {
    void *library;
    int (*nvmlInit_v2)(void);
    int (*nvmlShutdown)(void);
    const char *(*nvmlErrorString)(int status);
    int (*nvmlDeviceGetCount_v2)(unsigned *count);
    int (*nvmlDeviceGetHandleByIndex_v2)(unsigned index, nvml_device *device);
    int (*nvmlSystemGetDriverVersion)(char *text, unsigned size);
    int (*nvmlDeviceGetUUID)(nvml_device device, char *text, unsigned size);
    int (*nvmlDeviceGetName)(nvml_device device, char *text, unsigned size);
    int (*nvmlDeviceGetFieldValues)(nvml_device device, int count, struct nvml_field_value *values);
    int (*nvmlDeviceGetTotalEnergyConsumption)(nvml_device device, unsigned long long *mj);
    int (*nvmlDeviceGetPowerUsage)(nvml_device device, unsigned *mw);
    int (*nvmlDeviceGetMemoryInfo)(nvml_device device, struct nvml_memory *memory);
    int (*nvmlDeviceGetComputeRunningProcesses_v3)(nvml_device device, unsigned *count,
                                                   struct nvml_process *list);
    int (*nvmlDeviceGetGraphicsRunningProcesses_v3)(nvml_device device, unsigned *count,
                                                    struct nvml_process *list);
    int (*nvmlDeviceGetCurrentClocksEventReasons)(nvml_device device, unsigned long long *bits);
};

struct nvml_gpu {
    nvml_device device;
    char uuid[NVML_TEXT_MAX], name[NVML_TEXT_MAX]; /* "" when it does not say */
};

struct nvml {
    struct nvml_api api;
    char driver[NVML_TEXT_MAX];
    struct nvml_gpu gpus[NVML_GPUS_MAX];
    unsigned count;
};

/* Loads `library` (NULL: where drivers put it), starts it and lists the GPUs. TT_NOTFOUND when there is no
 * library or no GPU, TT_IO when there is one that cannot be used. */
int nvml_open(struct nvml *n, const char *library, struct error *e);
void nvml_close(struct nvml *n);

/* The value of one field as a number, with its stamp. ABSENT-like UINT64_MAX and not NVML_SUCCESS when the
 * card does not have it. */
int nvml_field(const struct nvml *n, unsigned gpu, enum nvml_field field, uint64_t *value,
               uint64_t *stamp_us);

#endif

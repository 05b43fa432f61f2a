/* SPDX-License-Identifier: MIT */
/* A library that answers as libnvidia-ml.so.1 does, for tests that load it the real way. Two GPUs: the first
 * draws 300 W, counts its energy in steps of 100 ms and runs the process of FAKE_NVML_PID; the second tells
 * less: no counter, no fields. FAKE_NVML_FAIL names one of: driver, none, lost. FAKE_NVML_COUNTER_US is the
 * CPU time that a reading of the counter takes, for benchmarks. Built a second time as FAKE_PARTIAL, it lacks
 * all but the oldest functions. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/linux/nvml.h"

#define STEP_NS 100000000u

int nvmlInit_v2(void);
int nvmlShutdown(void);
const char *nvmlErrorString(int status);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, nvml_device *device);
int nvmlDeviceGetPowerUsage(nvml_device device, unsigned *mw);

static char devices[2];

static int fails(const char *how)
{
    const char *fail = getenv("FAKE_NVML_FAIL");
    return fail && strcmp(fail, how) == 0;
}

static int is_first(nvml_device device)
{
    return (const void *)device == &devices[0];
}

int nvmlInit_v2(void)
{
    return fails("driver") ? NVML_ERROR_DRIVER_NOT_LOADED : NVML_SUCCESS;
}

int nvmlShutdown(void)
{
    return NVML_SUCCESS;
}

const char *nvmlErrorString(int status)
{
    return status == NVML_ERROR_DRIVER_NOT_LOADED ? "Driver Not Loaded" : "GPU is lost";
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = fails("none") ? 0 : 2;
    return NVML_SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, nvml_device *device)
{
    *device = (nvml_device)(void *)&devices[index];
    return NVML_SUCCESS;
}

int nvmlDeviceGetPowerUsage(nvml_device device, unsigned *mw)
{
    *mw = is_first(device) ? 299000 : 70000;
    return fails("lost") ? 15 : NVML_SUCCESS;
}

#ifndef FAKE_PARTIAL
int nvmlDeviceGetUUID(nvml_device device, char *text, unsigned size);
int nvmlDeviceGetName(nvml_device device, char *text, unsigned size);
int nvmlDeviceGetFieldValues(nvml_device device, int count, struct nvml_field_value *values);
int nvmlDeviceGetComputeRunningProcesses_v3(nvml_device device, unsigned *count, struct nvml_process *list);
int nvmlDeviceGetMemoryInfo(nvml_device device, struct nvml_memory *memory);
int nvmlDeviceGetCurrentClocksThrottleReasons(nvml_device device, unsigned long long *bits);

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int nvmlDeviceGetUUID(nvml_device device, char *text, unsigned size)
{
    strncpy(text, is_first(device) ? "GPU-11111111-aaaa" : "GPU-22222222-bbbb", size);
    return NVML_SUCCESS;
}

static void burn_cpu(const char *us)
{
    uint64_t end = now_ns() + (us ? strtoull(us, NULL, 10) * 1000 : 0);
    while (us && now_ns() < end)
        ;
}

/* Fills the whole buffer, without an end. */
int nvmlDeviceGetName(nvml_device device, char *text, unsigned size)
{
    memset(text, is_first(device) ? 'A' : 'B', size);
    return NVML_SUCCESS;
}

int nvmlDeviceGetFieldValues(nvml_device device, int count, struct nvml_field_value *values)
{
    uint64_t t = now_ns();
    if (fails("lost") || count != 1)
        return 15;
    values->timestamp_us = (long long)(t / 1000);
    values->status = is_first(device) ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
    if (values->field == NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION) {
        burn_cpu(getenv("FAKE_NVML_COUNTER_US"));
        values->type = NVML_UNSIGNED_LONG_LONG;
        values->value.ull = t / STEP_NS * 30000; /* mJ: 30 J in 100 ms */
    } else {
        values->type = NVML_UNSIGNED_INT;
        values->value.ui = 300000;
    }
    return NVML_SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(nvml_device device, unsigned *count, struct nvml_process *list)
{
    const char *pid = getenv("FAKE_NVML_PID");
    *count = is_first(device) ? 2 : 0;
    list[0] = (struct nvml_process){1, 123, UINT32_MAX, UINT32_MAX};
    list[1] = (struct nvml_process){pid ? (unsigned)strtoul(pid, NULL, 10) : 0, 5000000000u, UINT32_MAX,
                                    UINT32_MAX};
    return NVML_SUCCESS;
}

int nvmlDeviceGetMemoryInfo(nvml_device device, struct nvml_memory *memory)
{
    (void)device;
    *memory = (struct nvml_memory){80000000000u, 70000000000u, 10000000000u};
    return NVML_SUCCESS;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(nvml_device device, unsigned long long *bits)
{
    *bits = is_first(device) ? 4 : 1;
    return NVML_SUCCESS;
}
#endif

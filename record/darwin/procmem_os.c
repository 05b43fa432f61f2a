/* SPDX-License-Identifier: MIT */
/* macOS: proc_pid_rusage for processes; host_statistics64, sysctl and the thermal notification for the
 * machine. */
#include <dlfcn.h>
#include <libproc.h>
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "record/procmem.h"

const char procmem_source[] = "macos-libproc";
const char sysmem_source[] = "macos-host";

const struct sensor_channel procmem_channels[PROCMEM_FIELDS] = {
    [PROCMEM_RSS] = {SERIES_RSS, SCOPE_ENGINE, 0, "ri_resident_size", "byte", NULL},
    [PROCMEM_ANONYMOUS] = {SERIES_RSS_ANON, SCOPE_ENGINE, 0, "", "byte", NULL},
    [PROCMEM_FILE] = {SERIES_RSS_FILE, SCOPE_ENGINE, 0, "", "byte", NULL},
    [PROCMEM_FOOTPRINT] = {SERIES_FOOTPRINT, SCOPE_ENGINE, 0, "ri_phys_footprint", "byte", NULL},
    [PROCMEM_PEAK_RSS] = {SERIES_PEAK_RSS, SCOPE_ENGINE, 0, "", "byte", NULL},
    [PROCMEM_PEAK_FOOTPRINT] = {SERIES_PEAK_FOOTPRINT, SCOPE_ENGINE, 0, "ri_lifetime_max_phys_footprint",
                                "byte", NULL},
};

const struct sensor_channel sysmem_channels[SYSMEM_FIELDS] = {
    [SYSMEM_WIRED] = {SERIES_SYSTEM_WIRED, SCOPE_ENGINE, 0, "wire_count", "byte", NULL},
    [SYSMEM_SWAP] = {SERIES_SWAP_USED, SCOPE_ENGINE, 0, "vm.swapusage", "byte", NULL},
    [SYSMEM_PRESSURE] = {SERIES_MEMORY_PRESSURE, SCOPE_ENGINE, 0, "kern.memorystatus_vm_pressure_level",
                         "level", NULL},
    [SYSMEM_THERMAL] = {SERIES_THERMAL, SCOPE_ENGINE, 0, "com.apple.system.thermalpressurelevel", "level",
                        NULL},
};

/* <notify.h> is not everywhere that this is compiled. */
typedef uint32_t notify_register_check_fn(const char *name, int *token);
typedef uint32_t notify_get_state_fn(int token, uint64_t *state);

/* Version 4 of the struct has all that is needed, and every macOS on Apple silicon knows it. */
static int read_usage(int pid, struct rusage_info_v4 *usage)
{
    rusage_info_t *buffer = (rusage_info_t *)(void *)usage;
    return proc_pid_rusage(pid, RUSAGE_INFO_V4, buffer) == 0 ? TT_OK : TT_NOTFOUND;
}

int procmem_open(struct procmem_probe *probe, uint64_t pid)
{
    struct rusage_info_v4 usage;
    probe->pid = pid;
    probe->fd = -1;
    int status = read_usage((int)pid, &usage);
    probe->started = status ? 0 : usage.ri_proc_start_abstime;
    return status;
}

int procmem_read(struct procmem_probe *probe, struct procmem *memory)
{
    struct rusage_info_v4 usage;
    for (int i = 0; i < PROCMEM_FIELDS; i++)
        memory->bytes[i] = ABSENT;
    if (read_usage((int)probe->pid, &usage) || usage.ri_proc_start_abstime != probe->started)
        return TT_NOTFOUND;
    if (!usage.ri_resident_size && !usage.ri_phys_footprint)
        return TT_NOTFOUND; /* a zombie */
    memory->bytes[PROCMEM_RSS] = usage.ri_resident_size;
    memory->bytes[PROCMEM_FOOTPRINT] = usage.ri_phys_footprint;
    memory->bytes[PROCMEM_PEAK_FOOTPRINT] = usage.ri_lifetime_max_phys_footprint;
    return TT_OK;
}

typedef int reset_interval_fn(int pid);

/* libproc has it, but no public header: libproc_internal.h of xnu, int proc_reset_footprint_interval(pid_t).
 */
int procmem_reset_peak(const struct procmem_probe *probe)
{
    struct rusage_info_v4 usage;
    reset_interval_fn *reset;
    void *found = dlsym(RTLD_DEFAULT, "proc_reset_footprint_interval");
    memcpy(&reset, &found, sizeof reset);
    if (!found || read_usage((int)probe->pid, &usage) || usage.ri_proc_start_abstime != probe->started)
        return TT_NOTFOUND;
    return reset((int)probe->pid) == 0 ? TT_OK : TT_IO;
}

int procmem_read_peak(const struct procmem_probe *probe, struct procmem_peak *peak)
{
    struct rusage_info_v4 usage;
    peak->rss = peak->footprint = ABSENT;
    if (read_usage((int)probe->pid, &usage) || usage.ri_proc_start_abstime != probe->started)
        return TT_NOTFOUND;
    peak->footprint = usage.ri_interval_max_phys_footprint;
    return TT_OK;
}

void procmem_close(struct procmem_probe *probe)
{
    probe->pid = 0;
}

static int read_statistics(vm_statistics64_data_t *statistics)
{
    static host_t host;
    mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
    if (!host)
        host = mach_host_self(); /* a new reference each time it is asked for */
    return host_statistics64(host, HOST_VM_INFO64, (host_info64_t)statistics, &count) == KERN_SUCCESS;
}

static uint64_t read_wired(void)
{
    vm_statistics64_data_t statistics;
    return read_statistics(&statistics) ? (uint64_t)statistics.wire_count * (uint64_t)getpagesize() : ABSENT;
}

/* What is free, and what a file on disk backs or its owner gave up. */
uint64_t sysmem_available(void)
{
    vm_statistics64_data_t s;
    if (!read_statistics(&s))
        return ABSENT;
    return ((uint64_t)s.free_count + s.external_page_count + s.purgeable_count) * (uint64_t)getpagesize();
}

static uint64_t read_swap_used(void)
{
    struct xsw_usage usage;
    size_t size = sizeof usage;
    return sysctlbyname("vm.swapusage", &usage, &size, NULL, 0) == 0 ? usage.xsu_used : ABSENT;
}

static uint64_t read_pressure(void)
{
    int32_t level;
    size_t size = sizeof level;
    if (sysctlbyname("kern.memorystatus_vm_pressure_level", &level, &size, NULL, 0) != 0 || level < 0)
        return ABSENT;
    return (uint64_t)level;
}

static struct {
    pthread_once_t once;
    notify_get_state_fn *get_state;
    int token;
} thermal = {PTHREAD_ONCE_INIT, NULL, 0};

static void register_for_thermal_level(void)
{
    void *register_symbol = dlsym(RTLD_DEFAULT, "notify_register_check");
    void *state_symbol = dlsym(RTLD_DEFAULT, "notify_get_state");
    notify_register_check_fn *register_check;
    if (!register_symbol || !state_symbol)
        return;
    memcpy(&register_check, &register_symbol, sizeof register_check);
    if (register_check("com.apple.system.thermalpressurelevel", &thermal.token) == 0)
        memcpy(&thermal.get_state, &state_symbol, sizeof thermal.get_state);
}

static uint64_t read_thermal(void)
{
    uint64_t level;
    pthread_once(&thermal.once, register_for_thermal_level);
    return thermal.get_state && thermal.get_state(thermal.token, &level) == 0 ? level : ABSENT;
}

void sysmem_read(uint64_t values[SYSMEM_FIELDS])
{
    values[SYSMEM_WIRED] = read_wired();
    values[SYSMEM_SWAP] = read_swap_used();
    values[SYSMEM_PRESSURE] = read_pressure();
    values[SYSMEM_THERMAL] = read_thermal();
}

void sysmem_look(uint64_t values[SYSMEM_FIELDS])
{
    sysmem_read(values);
}

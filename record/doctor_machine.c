/* SPDX-License-Identifier: MIT */
/* What this machine offers to a recording. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "formats/json.h"
#include "record/clock.h"
#include "record/discipline.h"
#include "record/doctor.h"
#include "record/hostinfo.h"
#include "record/power.h"
#include "record/procmem.h"

#define DISK_ENOUGH ((unsigned long long)1 << 30)

typedef unsigned long long llu;

static void check_clock(struct doctor *d)
{
    struct clock_info info;
    clock_describe(&info);
    llu step = (llu)clock_ticks_to_ns(info.resolution_ticks);
    doctor_add(d, step <= 1000 ? DOCTOR_OK : DOCTOR_WARNING, "clock", NULL,
               "%s, steps of %llu ns, %llu ns a reading", info.name, step, (llu)info.read_cost_ns);
}

/* Longer than the slowest source takes between two publications. */
#define WATCH_NS UINT64_C(3000000000)

static void check_working(struct doctor *d, const struct power_source *source,
                          const struct power_check *check)
{
    char frozen[POWER_RAILS_TEXT];
    power_find_frozen(source, WATCH_NS, frozen);
    if (frozen[0])
        doctor_add(d, DOCTOR_WARNING, source->name,
                   "there will be no figure of these; another source or a meter may have one: docs/power.md",
                   "frozen for 3 s: %s; %s", frozen, source->measures);
    else
        doctor_add(d, DOCTOR_OK, source->name, NULL, "%s: %s", source->measures, check->rails);
}

static void check_source(struct doctor *d, const struct power_source *source)
{
    struct power_check check;
    power_check(source, &check);
    if (check.state == POWER_WORKS && check.rail_count)
        check_working(d, source, &check);
    else
        doctor_add(d, DOCTOR_MISSING, source->name, check.way_out, "%s: %s", source->measures,
                   check.why.text);
}

static void check_power(struct doctor *d)
{
    const struct power_source *sources;
    size_t count = power_sources(&sources);
    for (size_t i = 0; i < count; i++)
        check_source(d, &sources[i]);
    if (!count)
        doctor_add(d, DOCTOR_MISSING, "power", NULL, "no source of power is known for this system");
}

static void check_memory(struct doctor *d)
{
    uint64_t values[SYSMEM_FIELDS];
    sysmem_look(values);
    if (values[SYSMEM_SWAP] == ABSENT)
        doctor_add(d, DOCTOR_MISSING, "swap", NULL, "the system does not say how much is in use");
    else
        doctor_add(d, DOCTOR_OK, "swap", NULL, "%llu MiB in use", (llu)(values[SYSMEM_SWAP] >> 20));
    if (values[SYSMEM_PRESSURE] == ABSENT)
        doctor_add(d, DOCTOR_MISSING, "memory pressure", "boot the kernel with psi=1 (on Linux)",
                   "the system does not tell it");
    else
        doctor_add(d, DOCTOR_OK, "memory pressure", NULL, "%s", sysmem_channels[SYSMEM_PRESSURE].name);
    if (values[SYSMEM_THERMAL] == ABSENT)
        doctor_add(d, DOCTOR_MISSING, "thermal", NULL,
                   "the system does not tell it, as in many virtual machines");
    else
        doctor_add(d, DOCTOR_OK, "thermal", NULL, "%s, now %llu", sysmem_channels[SYSMEM_THERMAL].name,
                   (llu)values[SYSMEM_THERMAL]);
}

static void check_mode(struct doctor *d, const cJSON *host)
{
    struct discipline found = {0};
    const char *mode = json_string(host, "power_mode"), *governor = json_string(host, "governor");
    discipline_check_host(&found, host);
    const char *os = json_string(host, "os");
    int is_mac = os && strcmp(os, "macOS") == 0;
    if (found.count)
        doctor_add(d, DOCTOR_WARNING, "power mode",
                   is_mac ? "System Settings > Battery > Energy Mode, or: sudo pmset -a powermode 2"
                          : "powerprofilesctl set performance",
                   "%s", found.findings[0].text);
    else if (mode || governor)
        doctor_add(d, DOCTOR_OK, "power mode", NULL, "%s%s%s", mode ? mode : "",
                   mode && governor ? ", governor " : "", governor ? governor : "");
    else
        doctor_add(d, DOCTOR_MISSING, "power mode", NULL, "the system does not tell it");
}

static void check_disk(struct doctor *d)
{
    struct statvfs disk;
    if (statvfs(".", &disk) != 0)
        return;
    llu left = (llu)disk.f_bavail * (llu)disk.f_frsize;
    doctor_add(d, left >= DISK_ENOUGH ? DOCTOR_OK : DOCTOR_WARNING, "disk",
               left >= DISK_ENOUGH ? NULL : "record elsewhere: -o FOLDER/NAME.toktape",
               "%llu MiB free in this folder", left >> 20);
    if (access(".", W_OK) != 0)
        doctor_add(d, DOCTOR_WARNING, "folder", "record elsewhere: -o FOLDER/NAME.toktape",
                   "this folder cannot be written to");
}

/* Found as a shell would. */
static int is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    char name[4096];
    while (path && *path) {
        size_t len = strcspn(path, ":");
        snprintf(name, sizeof name, "%.*s/%s", (int)(len < 4000 ? len : 4000), path, program);
        if (access(name, X_OK) == 0)
            return 1;
        path += len + (path[len] == ':');
    }
    return 0;
}

static void check_gnuplot(struct doctor *d)
{
    if (is_in_path("gnuplot"))
        doctor_add(d, DOCTOR_OK, "gnuplot", NULL, "found: 'toktape plot' draws");
    else
        doctor_add(d, DOCTOR_MISSING, "gnuplot", "apt-get install gnuplot-nox, or: brew install gnuplot",
                   "not found: 'toktape plot' writes scripts and draws nothing");
}

int doctor_check_machine(struct doctor *d, struct error *e)
{
    cJSON *host = cJSON_CreateObject();
    if (!host || hostinfo_describe(host)) {
        cJSON_Delete(host);
        return error_set(e, TT_NOMEM, "out of memory");
    }
    check_clock(d);
    check_power(d);
    check_memory(d);
    check_mode(d, host);
    check_disk(d);
    check_gnuplot(d);
    cJSON_Delete(host);
    return TT_OK;
}

/* SPDX-License-Identifier: MIT */
/* macOS: sysctl for the hardware, the device tree for what it is sold as, IOKit for power. */
#include <stdio.h>
#include <string.h>
#include <sys/sysctl.h>

#include "formats/error.h"
#include "record/darwin/frameworks.h"
#include "record/darwin/power_mode.h"
#include "record/hostinfo.h"

#define TEXT_SIZE 256

static int set_sysctl_text(cJSON *object, const char *member, const char *name)
{
    char text[TEXT_SIZE];
    size_t size = sizeof text - 1;
    if (sysctlbyname(name, text, &size, NULL, 0) != 0)
        return TT_OK;
    text[size < sizeof text ? size : sizeof text - 1] = '\0';
    return hostinfo_set_text(object, member, text);
}

/* Values are 32 or 64 bits wide, depending on the name. */
static double sysctl_count(const char *name)
{
    union {
        int32_t narrow;
        int64_t wide;
    } value = {.wide = 0};
    size_t size = sizeof value;
    if (sysctlbyname(name, &value, &size, NULL, 0) != 0)
        return 0;
    return size == sizeof value.narrow ? (double)value.narrow : (double)value.wide;
}

static int describe_system(cJSON *object)
{
    char release[TEXT_SIZE], kernel[TEXT_SIZE + 8];
    size_t size = sizeof release - 1;
    int status = hostinfo_set_text(object, "os", "macOS");
    if (!status)
        status = set_sysctl_text(object, "os_version", "kern.osproductversion");
    if (!status)
        status = set_sysctl_text(object, "os_build", "kern.osversion");
    if (!status)
        status = set_sysctl_text(object, "arch", "hw.machine");
    if (status || sysctlbyname("kern.osrelease", release, &size, NULL, 0) != 0)
        return status;
    release[size < sizeof release ? size : sizeof release - 1] = '\0';
    snprintf(kernel, sizeof kernel, "Darwin %s", release);
    return hostinfo_set_text(object, "kernel", kernel);
}

/* Level 0 has the fastest cores, the last level the most frugal ones. */
static int describe_cores(cJSON *object)
{
    char last[64];
    int levels = (int)sysctl_count("hw.nperflevels");
    int status = hostinfo_set_count(object, "cores", sysctl_count("hw.logicalcpu"));
    if (!status)
        status = hostinfo_set_count(object, "cores_physical", sysctl_count("hw.physicalcpu"));
    if (status || levels < 2)
        return status;
    snprintf(last, sizeof last, "hw.perflevel%d.physicalcpu", levels - 1);
    status = hostinfo_set_count(object, "cores_performance", sysctl_count("hw.perflevel0.physicalcpu"));
    return status ? status : hostinfo_set_count(object, "cores_efficiency", sysctl_count(last));
}

static cf_ref new_string(const struct frameworks *f, const char *text)
{
    return f->CFStringCreateWithCString(NULL, text, CF_UTF8);
}

/* A text property of the device tree is data with a NUL behind it. */
static void copy_data(const struct frameworks *f, cf_ref data, char to[TEXT_SIZE])
{
    to[0] = '\0';
    if (!data || f->CFGetTypeID(data) != f->CFDataGetTypeID())
        return;
    long len = f->CFDataGetLength(data);
    size_t n = len < 0 ? 0 : len < TEXT_SIZE ? (size_t)len : TEXT_SIZE - 1;
    memcpy(to, f->CFDataGetBytePtr(data), n);
    to[n] = '\0';
}

static int describe_product(const struct frameworks *f, cJSON *object)
{
    static const char path[512] = "IODeviceTree:/product";
    char name[TEXT_SIZE];
    uint32_t entry = f->IORegistryEntryFromPath(0, path);
    cf_ref key = entry ? new_string(f, "product-name") : NULL;
    cf_ref value = key ? f->IORegistryEntryCreateCFProperty(entry, key, NULL, 0) : NULL;
    copy_data(f, value, name);
    if (value)
        f->CFRelease(value);
    if (key)
        f->CFRelease(key);
    if (entry)
        f->IOObjectRelease(entry);
    return hostinfo_set_text(object, "machine_name", name);
}

static int describe_power(const struct frameworks *f, cJSON *object)
{
    struct power_mode power;
    power_mode_read(f, &power);
    int status = hostinfo_set_text(object, "power_source", power.source);
    return status ? status : hostinfo_set_text(object, "power_mode", power.mode);
}

int hostinfo_os_describe(cJSON *object)
{
    const struct frameworks *f = frameworks_load();
    int status = describe_system(object);
    if (!status)
        status = set_sysctl_text(object, "machine", "hw.model");
    if (!status)
        status = set_sysctl_text(object, "chip", "machdep.cpu.brand_string");
    if (!status)
        status = hostinfo_set_count(object, "ram_bytes", sysctl_count("hw.memsize"));
    if (!status)
        status = describe_cores(object);
    if (!status && f)
        status = describe_product(f, object);
    return status || !f ? status : describe_power(f, object);
}

/* SPDX-License-Identifier: MIT */
/* Linux: /etc/os-release, /proc/cpuinfo and meminfo, and what the firmware and drivers say in /sys. */
#include "record/linux/hostinfo_os.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/json.h"
#include "record/hostinfo.h"
#include "record/linux/procfs.h"
#include "record/linux/roots.h"

#define VALUE_MAX   256        /* longer texts are cut */
#define CPUINFO_MAX (4u << 20) /* about 1.5 KB for each of many CPUs */
#define CORES_MAX   4096

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Printable, without blanks at either end, at most VALUE_MAX. */
static int put_trimmed(struct buf *out, const char *text, size_t len)
{
    while (len && is_blank(*text)) {
        text++;
        len--;
    }
    while (len && (is_blank(text[len - 1]) || text[len - 1] == '\r'))
        len--;
    for (size_t i = 0; i < len && i < VALUE_MAX; i++)
        buf_putc(out, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i]);
    return out->failed;
}

/* The next line of a text; 0 at the end. */
static int next_line(const char *text, size_t size, size_t *at, const char **line, size_t *len)
{
    if (*at >= size)
        return 0;
    *line = text + *at;
    const char *end = memchr(*line, '\n', size - *at);
    *len = end ? (size_t)(end - *line) : size - *at;
    *at += *len + 1;
    return 1;
}

int hostinfo_release_value(const char *text, size_t len, const char *name, struct buf *out)
{
    const char *line;
    size_t at = 0, n, name_len = strlen(name);
    while (next_line(text, len, &at, &line, &n)) {
        if (n <= name_len || strncmp(line, name, name_len) != 0 || line[name_len] != '=')
            continue;
        const char *value = line + name_len + 1;
        size_t value_len = n - name_len - 1;
        int quoted = value_len >= 2 && (*value == '"' || *value == '\'') && value[value_len - 1] == *value;
        return put_trimmed(out, value + quoted, value_len - 2 * (size_t)quoted);
    }
    return TT_OK;
}

/* "key   : value"; the value, or NULL when the line has another key. */
static const char *cpu_line_value(const char *line, size_t len, const char *key, size_t *value_len)
{
    size_t n = strlen(key);
    if (len <= n || strncmp(line, key, n) != 0)
        return NULL;
    while (n < len && is_blank(line[n]))
        n++;
    if (n >= len || line[n] != ':')
        return NULL;
    *value_len = len - n - 1;
    return line + n + 1;
}

int hostinfo_cpu_value(const char *text, size_t len, const char *key, struct buf *out)
{
    const char *line;
    size_t at = 0, n, value_len;
    while (next_line(text, len, &at, &line, &n)) {
        const char *value = cpu_line_value(line, n, key, &value_len);
        if (value)
            return put_trimmed(out, value, value_len);
    }
    return TT_OK;
}

static int cpu_line_number(const char *line, size_t len, const char *key, uint64_t *number)
{
    size_t value_len;
    const char *value = cpu_line_value(line, len, key, &value_len);
    while (value && value_len && is_blank(*value)) {
        value++;
        value_len--;
    }
    return value && procfs_number(value, value_len, number) > 0;
}

static size_t add_core(uint64_t *cores, size_t count, uint64_t core)
{
    for (size_t i = 0; i < count; i++) {
        if (cores[i] == core)
            return count;
    }
    if (count < CORES_MAX)
        cores[count++] = core;
    return count;
}

size_t hostinfo_physical_cores(const char *text, size_t len)
{
    uint64_t cores[CORES_MAX], package = 0, core;
    const char *line;
    size_t at = 0, n, count = 0;
    while (next_line(text, len, &at, &line, &n)) {
        cpu_line_number(line, n, "physical id", &package);
        if (cpu_line_number(line, n, "core id", &core))
            count = add_core(cores, count, package << 32 | (core & UINT32_MAX));
    }
    return count;
}

/* A small file's text, trimmed; "" when it is not there. */
static const char *read_text(const char *root, const char *name, struct buf *out)
{
    struct buf raw = BUF_INIT;
    buf_clear(out);
    if (procfs_read(root, 0, name, PROCFS_SMALL_MAX, &raw) == TT_OK)
        put_trimmed(out, buf_text(&raw), strcspn(buf_text(&raw), "\n"));
    buf_release(&raw);
    return buf_text(out);
}

static int set_from_file(const char *root, const char *name, cJSON *object, const char *member)
{
    struct buf text = BUF_INIT;
    read_text(root, name, &text);
    int status = text.failed ? text.failed : hostinfo_set_text(object, member, buf_text(&text));
    buf_release(&text);
    return status;
}

static int describe_release(const char *root, cJSON *object)
{
    struct buf text = BUF_INIT, name = BUF_INIT, version = BUF_INIT, build = BUF_INIT;
    procfs_read(root, 0, "etc/os-release", PROCFS_SMALL_MAX, &text);
    hostinfo_release_value(buf_text(&text), text.len, "NAME", &name);
    hostinfo_release_value(buf_text(&text), text.len, "VERSION_ID", &version);
    hostinfo_release_value(buf_text(&text), text.len, "BUILD_ID", &build);
    int status = name.failed || version.failed || build.failed ? TT_NOMEM : TT_OK;
    if (!status)
        status = hostinfo_set_text(object, "os", name.len ? buf_text(&name) : "Linux");
    if (!status)
        status = hostinfo_set_text(object, "os_version", buf_text(&version));
    if (!status)
        status = hostinfo_set_text(object, "os_build", buf_text(&build));
    buf_release(&text);
    buf_release(&name);
    buf_release(&version);
    buf_release(&build);
    return status;
}

static int describe_kernel(cJSON *object)
{
    struct utsname names;
    char kernel[sizeof names.sysname + sizeof names.release + 1];
    if (uname(&names) != 0)
        return TT_OK;
    snprintf(kernel, sizeof kernel, "%s %s", names.sysname, names.release);
    int status = hostinfo_set_text(object, "kernel", kernel);
    return status ? status : hostinfo_set_text(object, "arch", names.machine);
}

/* "Vendor Product" of the firmware, or what the device tree of a small board says. */
static void read_machine(const char *root, struct buf *machine)
{
    struct buf product = BUF_INIT;
    read_text(root, "sys/class/dmi/id/product_name", &product);
    read_text(root, product.len ? "sys/class/dmi/id/sys_vendor" : "sys/firmware/devicetree/base/model",
              machine);
    if (product.len && strncmp(buf_text(&product), buf_text(machine), machine->len) == 0)
        buf_clear(machine); /* many products repeat their vendor */
    if (product.len && machine->len)
        buf_putc(machine, ' ');
    if (product.len)
        buf_append(machine, product.data, product.len);
    buf_release(&product);
}

static int describe_machine(const char *root, cJSON *object)
{
    struct buf machine = BUF_INIT;
    read_machine(root, &machine);
    int status = machine.failed ? machine.failed : hostinfo_set_text(object, "machine", buf_text(&machine));
    buf_release(&machine);
    return status;
}

static int describe_chip(const struct buf *cpuinfo, cJSON *object)
{
    static const char *const keys[] = {"model name", "Model", "Hardware", "cpu model", "cpu"};
    struct buf chip = BUF_INIT;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && !chip.len; i++)
        hostinfo_cpu_value(buf_text(cpuinfo), cpuinfo->len, keys[i], &chip);
    int status = chip.failed ? chip.failed : hostinfo_set_text(object, "chip", buf_text(&chip));
    buf_release(&chip);
    return status;
}

static int describe_cpus(const char *root, cJSON *object)
{
    struct buf cpuinfo = BUF_INIT;
    procfs_read(root, 0, "proc/cpuinfo", CPUINFO_MAX, &cpuinfo);
    int status = describe_chip(&cpuinfo, object);
    if (!status)
        status = hostinfo_set_count(object, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    if (!status)
        status = hostinfo_set_count(object, "cores_physical",
                                    (double)hostinfo_physical_cores(buf_text(&cpuinfo), cpuinfo.len));
    buf_release(&cpuinfo);
    return status;
}

static int describe_memory(const char *root, cJSON *object)
{
    struct buf meminfo = BUF_INIT;
    procfs_read(root, 0, "proc/meminfo", PROCFS_SMALL_MAX, &meminfo);
    uint64_t total = procfs_field(buf_text(&meminfo), meminfo.len, "MemTotal");
    buf_release(&meminfo);
    return total == UINT64_MAX ? TT_OK : hostinfo_set_count(object, "ram_bytes", (double)total);
}

/* What one power supply adds to the picture: a mains adapter that is plugged in decides. */
static void look_at_supply(const char *root, const char *name, int *mains, int *battery)
{
    char path[PATH_MAX];
    struct buf type = BUF_INIT, online = BUF_INIT;
    int written = snprintf(path, sizeof path, "sys/class/power_supply/%s/type", name);
    if (written > 0 && (size_t)written < sizeof path)
        read_text(root, path, &type);
    written = snprintf(path, sizeof path, "sys/class/power_supply/%s/online", name);
    if (written > 0 && (size_t)written < sizeof path)
        read_text(root, path, &online);
    int is_mains = strcmp(buf_text(&type), "Mains") == 0 || strcmp(buf_text(&type), "USB") == 0;
    if (is_mains && strcmp(buf_text(&online), "1") == 0)
        *mains = 1;
    if (strcmp(buf_text(&type), "Battery") == 0)
        *battery = 1;
    buf_release(&type);
    buf_release(&online);
}

static int describe_power_source(const char *root, cJSON *object)
{
    char path[PATH_MAX];
    int written = snprintf(path, sizeof path, "%s/sys/class/power_supply", root), mains = 0, battery = 0;
    DIR *dir = written > 0 && (size_t)written < sizeof path ? opendir(path) : NULL;
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            look_at_supply(root, entry->d_name, &mains, &battery);
    }
    if (dir)
        closedir(dir);
    return hostinfo_set_text(object, "power_source", mains ? "ac" : battery ? "battery" : NULL);
}

int hostinfo_describe_root(const char *root, cJSON *object)
{
    int status = describe_release(root, object);
    if (!status)
        status = describe_kernel(object);
    if (!status)
        status = describe_machine(root, object);
    if (!status)
        status = describe_cpus(root, object);
    if (!status)
        status = describe_memory(root, object);
    if (!status)
        status = set_from_file(root, "sys/firmware/acpi/platform_profile", object, "power_mode");
    if (!status)
        status =
            set_from_file(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", object, "governor");
    if (!status)
        status = set_from_file(root, "sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference",
                               object, "energy_performance_preference");
    return status ? status : describe_power_source(root, object);
}

int hostinfo_os_describe(cJSON *object)
{
    return hostinfo_describe_root(root_of_system(), object);
}

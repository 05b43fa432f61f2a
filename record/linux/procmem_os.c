/* SPDX-License-Identifier: MIT */
/* Linux: PID/status for processes; meminfo and pressure/memory for the machine. */
#include "record/linux/procmem_os.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/io.h"
#include "record/clock.h"
#include "record/linux/procfs.h"
#include "record/linux/roots.h"

#define STATUS_MAX   16384 /* members of many groups make it long; the memory lines come behind those */
#define FULL_READ_NS 1000000000u

const char procmem_source[] = "linux-procfs";
const char sysmem_source[] = "linux-procfs";

const struct sensor_channel procmem_channels[PROCMEM_FIELDS] = {
    [PROCMEM_RSS] = {SERIES_RSS, SCOPE_ENGINE, 0, "VmRSS", "byte", NULL},
    [PROCMEM_ANONYMOUS] = {SERIES_RSS_ANON, SCOPE_ENGINE, 0, "RssAnon+RssShmem", "byte", NULL},
    [PROCMEM_FILE] = {SERIES_RSS_FILE, SCOPE_ENGINE, 0, "RssFile", "byte", NULL},
    [PROCMEM_FOOTPRINT] = {SERIES_FOOTPRINT, SCOPE_ENGINE, 0, "", "byte", NULL},
    [PROCMEM_PEAK_RSS] = {SERIES_PEAK_RSS, SCOPE_ENGINE, 0, "VmHWM", "byte", NULL},
    [PROCMEM_PEAK_FOOTPRINT] = {SERIES_PEAK_FOOTPRINT, SCOPE_ENGINE, 0, "", "byte", NULL},
};

const struct sensor_channel sysmem_channels[SYSMEM_FIELDS] = {
    [SYSMEM_WIRED] = {SERIES_SYSTEM_WIRED, SCOPE_ENGINE, 0, "Unevictable", "byte", NULL},
    [SYSMEM_SWAP] = {SERIES_SWAP_USED, SCOPE_ENGINE, 0, "SwapTotal-SwapFree", "byte", NULL},
    [SYSMEM_PRESSURE] = {SERIES_MEMORY_PRESSURE, SCOPE_ENGINE, 1, "pressure/memory some total", "us", NULL},
    [SYSMEM_THERMAL] = {SERIES_THERMAL, SCOPE_ENGINE, 1, "throttle events", "event", NULL},
};

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a == ABSENT || b == ABSENT || a > ABSENT - 1 - b ? ABSENT : a + b;
}

int procmem_parse_status(const char *text, size_t len, struct procmem *memory)
{
    memory->bytes[PROCMEM_RSS] = procfs_field(text, len, "VmRSS");
    memory->bytes[PROCMEM_ANONYMOUS] =
        sum(procfs_field(text, len, "RssAnon"), procfs_field(text, len, "RssShmem"));
    memory->bytes[PROCMEM_FILE] = procfs_field(text, len, "RssFile");
    memory->bytes[PROCMEM_FOOTPRINT] = ABSENT;
    memory->bytes[PROCMEM_PEAK_RSS] = procfs_field(text, len, "VmHWM");
    memory->bytes[PROCMEM_PEAK_FOOTPRINT] = ABSENT;
    return memory->bytes[PROCMEM_RSS] == ABSENT ? TT_NOTFOUND : TT_OK;
}

static int open_file(uint64_t pid, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%llu/%s", root_of_proc(), (unsigned long long)pid, name);
    return io_open_read(path, NULL);
}

int procmem_open(struct procmem_probe *probe, uint64_t pid)
{
    *probe = (struct procmem_probe){.pid = pid, .fd = open_file(pid, "status"), .statm_fd = -1};
    if (probe->fd < 0)
        return TT_NOTFOUND;
    probe->statm_fd = open_file(pid, "statm");
    return TT_OK;
}

static int read_status(const struct procmem_probe *probe, struct procmem *memory)
{
    char text[STATUS_MAX];
    ssize_t n = pread(probe->fd, text, sizeof text, 0);
    return n > 0 ? procmem_parse_status(text, (size_t)n, memory) : TT_NOTFOUND;
}

/* Takes note of what statm says; whether that is what it said before. Reading it costs half of what reading
 * status does, and while an engine answers its memory seldom changes. */
static int says_the_same(struct procmem_probe *probe)
{
    char now[sizeof probe->statm] = "";
    ssize_t n = probe->statm_fd < 0 ? -1 : pread(probe->statm_fd, now, sizeof now - 1, 0);
    int is_same = n > 0 && memcmp(now, probe->statm, sizeof now) == 0;
    memcpy(probe->statm, now, sizeof now);
    return is_same;
}

int procmem_read(struct procmem_probe *probe, struct procmem *memory)
{
    int is_same = says_the_same(probe), status = TT_OK;
    if (!is_same || clock_ticks() >= probe->until) {
        status = read_status(probe, &probe->memory);
        probe->until = clock_after_ns(status ? 0 : FULL_READ_NS);
    }
    *memory = probe->memory;
    return status;
}

/* clear_refs takes "5": set VmHWM back to the present RSS. Unlike its other orders it walks no pages. */
int procmem_reset_peak(const struct procmem_probe *probe)
{
    char path[PATH_MAX];
    struct procmem memory;
    if (read_status(probe, &memory))
        return TT_NOTFOUND;
    snprintf(path, sizeof path, "%s/%llu/clear_refs", root_of_proc(), (unsigned long long)probe->pid);
    return procfs_write(path, "5");
}

int procmem_read_peak(const struct procmem_probe *probe, struct procmem_peak *peak)
{
    struct procmem memory;
    int status = read_status(probe, &memory);
    peak->rss = status ? ABSENT : memory.bytes[PROCMEM_PEAK_RSS];
    peak->footprint = ABSENT;
    return status;
}

void procmem_close(struct procmem_probe *probe)
{
    if (probe->fd >= 0)
        io_close(probe->fd, "status", NULL);
    if (probe->statm_fd >= 0)
        io_close(probe->statm_fd, "statm", NULL);
    probe->fd = probe->statm_fd = -1;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345": microseconds in which some task waited for memory. */
static uint64_t parse_pressure(const char *text)
{
    uint64_t total;
    const char *some = strstr(text, "some "), *at = some ? strstr(some, "total=") : NULL;
    if (!at)
        return ABSENT;
    at += strlen("total=");
    return procfs_number(at, strlen(at), &total) ? total : ABSENT;
}

static uint64_t read_swap_used(const struct buf *meminfo)
{
    uint64_t total = procfs_field(buf_text(meminfo), meminfo->len, "SwapTotal");
    uint64_t left = procfs_field(buf_text(meminfo), meminfo->len, "SwapFree");
    return total == ABSENT || left == ABSENT || left > total ? ABSENT : total - left;
}

void sysmem_read_from(const char *proc, uint64_t values[SYSMEM_FIELDS])
{
    struct buf text = BUF_INIT;
    for (int i = 0; i < SYSMEM_FIELDS; i++)
        values[i] = ABSENT;
    if (procfs_read(proc, 0, "meminfo", PROCFS_SMALL_MAX, &text) == TT_OK) {
        values[SYSMEM_WIRED] = procfs_field(buf_text(&text), text.len, "Unevictable");
        values[SYSMEM_SWAP] = read_swap_used(&text);
    }
    buf_clear(&text);
    if (procfs_read(proc, 0, "pressure/memory", PROCFS_SMALL_MAX, &text) == TT_OK)
        values[SYSMEM_PRESSURE] = parse_pressure(buf_text(&text));
    buf_release(&text);
}

void sysmem_read(uint64_t values[SYSMEM_FIELDS])
{
    sysmem_read_from(root_of_proc(), values);
}

uint64_t sysmem_available(void)
{
    struct buf text = BUF_INIT;
    uint64_t bytes = ABSENT;
    if (procfs_read(root_of_proc(), 0, "meminfo", PROCFS_SMALL_MAX, &text) == TT_OK)
        bytes = procfs_field(buf_text(&text), text.len, "MemAvailable");
    buf_release(&text);
    return bytes;
}

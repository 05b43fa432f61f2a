/* SPDX-License-Identifier: MIT */
/* Memory of one process and of the machine, as the kernel counts it. Kinds are never merged into one number:
 * which one holds the weights depends on how the engine loaded them. ABSENT: this system does not say. */
#ifndef TOKTAPE_PROCMEM_H
#define TOKTAPE_PROCMEM_H

#include <stdint.h>

#include "record/sensor.h"

enum procmem_field {
    PROCMEM_RSS,       /* resident pages, file-backed ones included */
    PROCMEM_ANONYMOUS, /* … without those that a file on disk backs */
    PROCMEM_FILE,      /* … only those: a mapped model file */
    PROCMEM_FOOTPRINT, /* macOS: what the process is charged for, GPU buffers included, clean file pages not
                        */
    PROCMEM_PEAK_RSS,  /* highest RSS since it started, tracked by the kernel */
    PROCMEM_PEAK_FOOTPRINT, /* likewise */
    PROCMEM_FIELDS
};

struct procmem {
    uint64_t bytes[PROCMEM_FIELDS];
};

/* One process whose memory is read again and again. On Linux it holds open files, which can never come to
 * mean another process that got the same pid. */
struct procmem_probe {
    uint64_t pid;
    int fd;           /* Linux */
    uint64_t started; /* macOS: the process's own start, by which a reused pid is known */

    /* Linux: `memory` is read anew when statm, a shorter file, says something else, or at that time (ticks).
     */
    int statm_fd; /* -1: none */
    char statm[128];
    uint64_t until;
    struct procmem memory;
};

/* Both return TT_OK, or TT_NOTFOUND when the process is gone or hides its memory. A peak that came and went
 * between two reads, or was taken back, may be told up to a second late. */
int procmem_open(struct procmem_probe *probe, uint64_t pid);
int procmem_read(struct procmem_probe *probe, struct procmem *memory);
void procmem_close(struct procmem_probe *probe);

/* The kernel's own peak over an interval that we begin: nothing between two samples is missed. */
struct procmem_peak {
    uint64_t rss, footprint; /* bytes; ABSENT: this system does not track it */
};

/* Begins an interval. On Linux it also takes back the process's VmHWM, for whoever else reads that. TT_OK,
 * TT_NOTFOUND when the process is gone or the system has nothing of the kind, TT_IO when it is not allowed
 * (another user's process). */
int procmem_reset_peak(const struct procmem_probe *probe);

/* The highest since then, or since the process began. TT_OK or TT_NOTFOUND. */
int procmem_read_peak(const struct procmem_probe *probe, struct procmem_peak *peak);

enum sysmem_field {
    SYSMEM_WIRED,    /* pages that cannot be paged out */
    SYSMEM_SWAP,     /* swap space in use */
    SYSMEM_PRESSURE, /* the system's own measure of it */
    SYSMEM_THERMAL,  /* the system's own measure of being too hot */
    SYSMEM_FIELDS
};

/* Values in the units that sysmem_channels states. */
void sysmem_read(uint64_t values[SYSMEM_FIELDS]);

/* Likewise, with what a sensor of its own samples: throttle events on Linux, of all cores or of all packages,
 * whichever are more. Reads two files a processor there. */
void sysmem_look(uint64_t values[SYSMEM_FIELDS]);

/* Bytes that a program could have at once without anything being swapped out; ABSENT when the system does
 * not say. */
uint64_t sysmem_available(void);

/* Name, unit and kind of each field on this system; per OS. */
extern const char procmem_source[], sysmem_source[];
extern const struct sensor_channel procmem_channels[PROCMEM_FIELDS];
extern const struct sensor_channel sysmem_channels[SYSMEM_FIELDS];

#endif

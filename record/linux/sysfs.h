/* SPDX-License-Identifier: MIT */
/* Small files and folders of Linux's /sys, below a root that tests can replace. What drivers and firmware say
 * there is checked like anything else from outside. */
#ifndef TOKTAPE_SYSFS_H
#define TOKTAPE_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"

#define SYSFS_PATH_MAX  256 /* below the root */
#define SYSFS_TEXT_MAX  128
#define SYSFS_NAME_MAX  64
#define SYSFS_NAMES_MAX 256

/* Writes a path; one that is too long becomes "", which is nowhere. */
void sysfs_path(char path[SYSFS_PATH_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first line of ROOT/PATH without blanks at its ends, cut at SYSFS_TEXT_MAX − 1. TT_OK, TT_NOTFOUND or
 * TT_IO (also for lack of permission). */
int sysfs_text(const char *root, const char *path, char text[SYSFS_TEXT_MAX], struct error *e);

/* The number in ROOT/PATH, without its sign: some drivers count a current that leaves as negative. As above;
 * TT_NOTFOUND when it holds no number. */
int sysfs_number(const char *root, const char *path, uint64_t *value, struct error *e);

int sysfs_exists(const char *root, const char *path);

/* Names in the folder ROOT/PATH that begin with `prefix`, in order of length, then of bytes ("hwmon2" before
 * "hwmon10"): at most SYSFS_NAMES_MAX; longer names are left out. */
struct sysfs_names {
    char names[SYSFS_NAMES_MAX][SYSFS_NAME_MAX];
    size_t count;
};
void sysfs_list(const char *root, const char *path, const char *prefix, struct sysfs_names *names);

#endif

/* SPDX-License-Identifier: MIT */
#include "record/linux/sysfs.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/io.h"
#include "record/linux/procfs.h"

void sysfs_path(char path[SYSFS_PATH_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(path, SYSFS_PATH_MAX, format, args);
    va_end(args);
    if (n < 0 || n >= SYSFS_PATH_MAX)
        path[0] = '\0';
}

/* The full path, or 0 when it is too long. */
static int full_path(const char *root, const char *path, char full[PATH_MAX])
{
    int n = snprintf(full, PATH_MAX, "%s/%s", root, path);
    return path[0] && n > 0 && n < PATH_MAX;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Moves the first line, without blanks around it, to the front. */
static void trim_line(char *text)
{
    size_t len = strcspn(text, "\n"), at = 0;
    while (len && is_blank(text[len - 1]))
        len--;
    while (at < len && is_blank(text[at]))
        at++;
    memmove(text, text + at, len - at);
    text[len - at] = '\0';
}

int sysfs_text(const char *root, const char *path, char text[SYSFS_TEXT_MAX], struct error *e)
{
    char full[PATH_MAX];
    text[0] = '\0';
    if (!full_path(root, path, full))
        return error_set(e, TT_NOTFOUND, "'%.60s…' is too long a path", path);
    int fd = io_open_read(full, e);
    if (fd < 0)
        return fd == TT_NOTFOUND ? TT_NOTFOUND : TT_IO;
    long n = io_read_some(fd, text, SYSFS_TEXT_MAX - 1, full, e);
    io_close(fd, full, NULL);
    if (n < 0)
        return TT_IO; /* ENODEV: the device went away; ENODATA, EAGAIN: it has nothing to say now */
    text[n] = '\0';
    trim_line(text);
    return TT_OK;
}

int sysfs_number(const char *root, const char *path, uint64_t *value, struct error *e)
{
    char text[SYSFS_TEXT_MAX];
    int status = sysfs_text(root, path, text, e);
    if (status)
        return status;
    const char *digits = text + (text[0] == '-');
    size_t len = strlen(digits);
    if (!len || procfs_number(digits, len, value) != len)
        return error_set(e, TT_NOTFOUND, "'%s/%s' holds no number", root, path);
    return TT_OK;
}

int sysfs_exists(const char *root, const char *path)
{
    char full[PATH_MAX];
    return full_path(root, path, full) && io_exists(full);
}

static int compare_names(const void *a, const void *b)
{
    size_t x = strlen(a), y = strlen(b);
    return x != y ? (x > y) - (x < y) : strcmp(a, b);
}

void sysfs_list(const char *root, const char *path, const char *prefix, struct sysfs_names *names)
{
    char full[PATH_MAX];
    const struct dirent *entry;
    DIR *dir = full_path(root, path, full) ? opendir(full) : NULL;
    names->count = 0;
    while (dir && names->count < SYSFS_NAMES_MAX && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || len >= SYSFS_NAME_MAX ||
            strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        memcpy(names->names[names->count++], entry->d_name, len + 1);
    }
    if (dir)
        closedir(dir);
    qsort(names->names, names->count, sizeof names->names[0], compare_names);
}

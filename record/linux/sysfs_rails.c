/* SPDX-License-Identifier: MIT */
#include "record/linux/sysfs_rails.h"

#include <stdio.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/linux/roots.h"

const char *sysfs_root(const struct sysfs_context *context)
{
    return context->root ? context->root : root_of_sys();
}

struct sysfs_rails *sysfs_rails_new(const struct sysfs_context *context)
{
    struct sysfs_rails *r = mem_zalloc(1, sizeof *r);
    if (r)
        r->root = sysfs_root(context);
    return r;
}

static int read_meaning(const char *root, const struct sysfs_file *file, uint64_t *value, struct error *e)
{
    char text[SYSFS_TEXT_MAX];
    int status = sysfs_text(root, file->path, text, e);
    if (!status)
        *value = file->meaning(text);
    return status;
}

static int read_file(const char *root, const struct sysfs_file *file, uint64_t *value, struct error *e)
{
    uint64_t factor;
    if (file->meaning)
        return read_meaning(root, file, value, e);
    int status = sysfs_number(root, file->path, value, e);
    if (status || !file->times[0])
        return status;
    status = sysfs_number(root, file->times, &factor, e);
    if (!status && factor && *value > (UINT64_MAX - 1) / factor)
        return error_set(e, TT_NOTFOUND, "'%s' × '%s' is over 64 bits", file->path, file->times);
    *value = status ? ABSENT : *value * factor;
    return status;
}

void sysfs_rails_add(struct sysfs_rails *r, const struct sysfs_file *file,
                     const struct sensor_channel *channel, const struct sensor_rail *rail)
{
    char origin[2 * SYSFS_PATH_MAX + 16]; /* cut by the set */
    struct sensor_rail own = *rail;
    struct error why = {TT_OK, ""};
    uint64_t value;
    int status = read_file(r->root, file, &value, &why);
    if (status) {
        if (status != TT_NOTFOUND && !r->refused.code)
            r->refused = why;
        return;
    }
    snprintf(origin, sizeof origin, "/sys/%s%s%s", file->path, file->times[0] ? " × " : "", file->times);
    own.origin = origin;
    int index = rail_set_add(&r->set, channel, &own);
    if (index >= 0)
        r->files[index] = *file;
}

int sysfs_rails_open(struct sysfs_rails *r, const char *what, void **state, struct error *e)
{
    int status = TT_OK;
    if (!r)
        return error_set(e, TT_NOMEM, "out of memory");
    if (!r->set.count && r->refused.code)
        status = error_set(e, TT_IO, "%s", r->refused.text);
    else if (!r->set.count)
        status = error_set(e, TT_NOTFOUND, "this machine shows no %s", what);
    if (status)
        mem_free(r);
    else
        *state = r;
    return status;
}

void sysfs_rails_layout(void *state, struct sensor_layout *layout)
{
    const struct sysfs_rails *r = state;
    rail_set_layout(&r->set, layout);
}

/* A file that cannot be read now leaves its channel without a value; the source is away when all are. */
int sysfs_rails_read(void *state, struct sensor_value *values)
{
    const struct sysfs_rails *r = state;
    size_t alive = 0;
    for (size_t i = 0; i < r->set.count; i++) {
        uint64_t begin = clock_ticks(), value;
        if (read_file(r->root, &r->files[i], &value, NULL))
            continue;
        alive++;
        values[i].value = value;
        values[i].t = begin;
        values[i].duration = clock_ticks() - begin;
    }
    return alive ? TT_OK : TT_NOTFOUND;
}

void sysfs_rails_close(void *state)
{
    mem_free(state);
}

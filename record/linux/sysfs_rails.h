/* SPDX-License-Identifier: MIT */
/* A sensor each of whose channels is a file below /sys that holds a number, or two whose product counts. */
#ifndef TOKTAPE_SYSFS_RAILS_H
#define TOKTAPE_SYSFS_RAILS_H

#include "record/linux/sysfs.h"
#include "record/rail_set.h"

/* Context of these sensors: tests give another root. */
struct sysfs_context {
    const char *root; /* NULL: /sys */
};
const char *sysfs_root(const struct sysfs_context *context);

/* Turns the text of a file into a value; ABSENT when it says nothing. */
typedef uint64_t sysfs_meaning(const char *text);

struct sysfs_file {
    char path[SYSFS_PATH_MAX];
    char times[SYSFS_PATH_MAX]; /* a second file whose number is multiplied in; "" for none */
    sysfs_meaning *meaning;     /* NULL: its number */
};

struct sysfs_rails {
    const char *root;
    struct rail_set set;
    struct sysfs_file files[SENSOR_CHANNELS_MAX];
    struct error refused; /* why the first file that could not be read was not */
};

/* A state with no channels; NULL when memory is out. */
struct sysfs_rails *sysfs_rails_new(const struct sysfs_context *context);

/* Adds a channel if its files can be read now; otherwise remembers why not. rail->origin is ignored: it is
 * the file's path. A channel too many is left out. */
void sysfs_rails_add(struct sysfs_rails *r, const struct sysfs_file *file,
                     const struct sensor_channel *channel, const struct sensor_rail *rail);

/* What `open` returns once all were added: *state is `r`, or `r` is freed and the error says that there is
 * none of `what`, or that none may be read. */
int sysfs_rails_open(struct sysfs_rails *r, const char *what, void **state, struct error *e);

/* For struct sensor_ops. */
void sysfs_rails_layout(void *state, struct sensor_layout *layout);
int sysfs_rails_read(void *state, struct sensor_value *values);
void sysfs_rails_close(void *state);

#endif

/* SPDX-License-Identifier: MIT */
#include "record/darwin/powermetrics.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "record/clock.h"
#include "record/darwin/powermetrics_text.h"
#include "record/rail_set.h"
#include "record/shell.h"

#define WHAT          "powermetrics"
#define READ_SIZE     16384
#define READS_MAX     64 /* of one call: what a pipe holds, and as much again */
#define GRACE_MS      1000
#define LOOK_EVERY_MS 10

struct powermetrics_state {
    struct rail_set set;
    enum powermetrics_energy energies[POWERMETRICS_ENERGIES]; /* of each channel */
    uint64_t sums_uj[POWERMETRICS_ENERGIES];                  /* likewise */
    uint64_t t;                                               /* when the last list was whole; 0: none was */
    uint64_t breaks; /* lists whose energy is not known: a counter does not go on across one */
    struct buf text;
    int is_skipping; /* a list that is too long, up to its end */
    int pipe;
    pid_t pid;
};

/* --- the process --- */

static int make_pipe(int ends[2], struct error *e)
{
    if (pipe(ends) != 0)
        return error_errno(e, TT_IO, "cannot make a pipe for " WHAT);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return TT_OK;
}

static int start(struct powermetrics_state *s, const char *command, struct error *e)
{
    int ends[2];
    int status = make_pipe(ends, e);
    if (status)
        return status;
    s->pipe = ends[0];
    FILE *output = fdopen(ends[1], "w");
    if (!output) {
        close(ends[1]);
        return error_errno(e, TT_IO, "cannot make a pipe for " WHAT);
    }
    status = shell_spawn(command, -1, output, WHAT, &s->pid, e);
    fclose(output);
    return status;
}

static void nap(void)
{
    clock_sleep_ns(LOOK_EVERY_MS * UINT64_C(1000000));
}

static void stop(struct powermetrics_state *s)
{
    int waited = 0;
    if (s->pipe >= 0)
        close(s->pipe);
    if (s->pid <= 0)
        return;
    kill(-s->pid, SIGTERM);
    while (waitpid(s->pid, NULL, WNOHANG) == 0 && waited < GRACE_MS) {
        nap();
        waited += LOOK_EVERY_MS;
    }
    if (waited >= GRACE_MS) {
        kill(-s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
}

/* --- its output --- */

/* Whether the list had every energy that is counted. */
static int add_up(struct powermetrics_state *s, const struct powermetrics_sample *sample)
{
    int is_complete = 1;
    for (size_t i = 0; i < s->set.count; i++) {
        uint64_t energy = sample->energy_uj[s->energies[i]];
        is_complete &= energy != ABSENT;
        s->sums_uj[i] += energy == ABSENT ? 0 : energy;
    }
    return is_complete;
}

/* The first list says which energies this Mac has. */
static void add_channels(struct powermetrics_state *s, const struct powermetrics_sample *sample)
{
    static const char *const names[] = {"cpu_energy", "gpu_energy", "ane_energy"};
    static const uint64_t rails[] = {RAIL_CPU, RAIL_GPU, RAIL_ANE};
    for (int i = 0; i < POWERMETRICS_ENERGIES; i++) {
        struct sensor_channel channel = {SERIES_ENERGY, SCOPE_ENGINE, 1, names[i], "uJ", NULL};
        struct sensor_rail rail = {rails[i], ABSENT, names[i], ""};
        int index = sample->energy_uj[i] == ABSENT ? -1 : rail_set_add(&s->set, &channel, &rail);
        if (index >= 0)
            s->energies[index] = (enum powermetrics_energy)i;
    }
}

static void take_list(struct powermetrics_state *s)
{
    struct powermetrics_sample sample;
    int status = powermetrics_parse(buf_text(&s->text), s->text.len, &sample);
    if (!s->t && !status)
        add_channels(s, &sample);
    if (status || !add_up(s, &sample))
        s->breaks++;
    if (!status)
        s->t = clock_ticks();
}

/* Lists end with </plist>; the NUL comes only with the next one, half a second later. */
static int is_whole(const struct buf *text)
{
    static const char end[] = "</plist>";
    size_t len = sizeof end - 1;
    return text->len >= len && memcmp(text->data + text->len - len, end, len) == 0;
}

static void take_byte(struct powermetrics_state *s, unsigned char byte)
{
    if (byte == '\0') {
        buf_clear(&s->text);
        s->is_skipping = 0;
        return;
    }
    if (s->is_skipping)
        return;
    if (buf_putc(&s->text, byte)) {
        s->is_skipping = 1;
        s->breaks++;
    } else if (byte == '>' && is_whole(&s->text)) {
        take_list(s);
        buf_clear(&s->text);
    }
}

/* 0 when the process has closed its end. */
static int drain(struct powermetrics_state *s)
{
    unsigned char bytes[READ_SIZE];
    for (int reads = 0; reads < READS_MAX; reads++) {
        ssize_t len = read(s->pipe, bytes, sizeof bytes);
        if (len <= 0)
            return len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
        for (ssize_t i = 0; i < len; i++)
            take_byte(s, bytes[i]);
    }
    return 1;
}

/* --- the sensor --- */

static int wait_for_first(struct powermetrics_state *s, double patience_s, struct error *e)
{
    uint64_t end = clock_after_s(patience_s);
    struct pollfd ready = {.fd = s->pipe, .events = POLLIN};
    while (!s->t) {
        if (clock_ticks() >= end)
            return error_set(e, TT_IO, WHAT " tells no energy within %g s", patience_s);
        poll(&ready, 1, LOOK_EVERY_MS);
        if (!drain(s) && !s->t)
            return error_set(e, TT_IO, WHAT " ended without telling an energy");
    }
    return TT_OK;
}

static void close_powermetrics(void *state)
{
    struct powermetrics_state *s = state;
    stop(s);
    buf_release(&s->text);
    mem_free(s);
}

static int open_powermetrics(void *context, void **state, struct error *e)
{
    const struct powermetrics_context *c = context;
    if (c->needs_root && geteuid() != 0)
        return error_set(e, TT_IO, WHAT " wants root");
    struct powermetrics_state *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    buf_init(&s->text, POWERMETRICS_SAMPLE_MAX);
    s->pipe = -1;
    int status = start(s, c->command, e);
    if (!status)
        status = wait_for_first(s, c->patience_s, e);
    if (status)
        close_powermetrics(s);
    else
        *state = s;
    return status;
}

static void describe_layout(void *state, struct sensor_layout *layout)
{
    const struct powermetrics_state *s = state;
    rail_set_layout(&s->set, layout);
    layout->version = s->breaks;
}

/* Between two lists the values are the same as before, and no news. */
static int read_powermetrics(void *state, struct sensor_value *values)
{
    struct powermetrics_state *s = state;
    if (!drain(s))
        return TT_NOTFOUND;
    for (size_t i = 0; i < s->set.count; i++) {
        values[i].value = s->sums_uj[i];
        values[i].t = s->t;
    }
    return TT_OK;
}

const struct sensor_ops sensor_powermetrics = {
    WHAT, 0, 300000, open_powermetrics, describe_layout, read_powermetrics, close_powermetrics, NULL};

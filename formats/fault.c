/* SPDX-License-Identifier: MIT */
#include "formats/fault.h"

#ifdef TOKTAPE_FAULTS
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { FAILS, FAILS_ON, SHORTENS, KILLS };

static const struct action {
    const char *name;
    enum kind kind;
    int error;
} actions[] = {
    {"fail", FAILS, EIO},    {"eio", FAILS, EIO},      {"enospc", FAILS_ON, ENOSPC},
    {"eintr", FAILS, EINTR}, {"short", SHORTENS, EIO}, {"kill", KILLS, 0},
};

static const char *const point_names[FAULT_POINTS] = {"alloc", "open",   "read",  "write",
                                                      "sync",  "rename", "remove"};

static struct fault_plan {
    int is_read; /* the environment was asked */
    char text[64];
    enum fault_point point;
    const struct action *action; /* NULL: no plan */
    unsigned long nth;
} plan;

static atomic_ulong calls[FAULT_POINTS];
static atomic_int struck;
static atomic_long memory;
static fault_observer *observer;
static void *observer_context;

static const struct action *action_named(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    }
    return NULL;
}

static void parse(const char *text)
{
    for (int p = 0; p < FAULT_POINTS; p++) {
        size_t len = strlen(point_names[p]);
        char *rest;
        if (strncmp(text, point_names[p], len) != 0 || text[len] != ':')
            continue;
        plan.point = (enum fault_point)p;
        plan.nth = strtoul(text + len + 1, &rest, 10);
        plan.action = action_named(*rest == ':' ? rest + 1 : "fail");
    }
}

void fault_plan(const char *text)
{
    memset(&plan, 0, sizeof plan);
    plan.is_read = 1;
    struck = 0;
    for (int p = 0; p < FAULT_POINTS; p++)
        atomic_store(&calls[p], 0);
    if (!text)
        return;
    strncpy(plan.text, text, sizeof plan.text - 2);
    parse(plan.text);
}

int fault_has_struck(void)
{
    return atomic_load(&struck);
}

/* Not through formats/io.h, whose calls are what is being counted. */
static void log_strike(void)
{
    const char *path = getenv("TOKTAPE_FAULT_LOG");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    size_t len = strlen(plan.text);
    plan.text[len] = '\n';
    (void)!write(fd, plan.text, len + 1);
    plan.text[len] = '\0';
    close(fd);
}

static int act(void)
{
    if (!atomic_exchange(&struck, 1))
        log_strike();
    if (plan.action->kind == KILLS)
        raise(SIGKILL);
    errno = plan.action->error;
    return plan.action->kind == SHORTENS ? 1 : -1;
}

static int is_due(unsigned long call)
{
    return call == plan.nth || (call > plan.nth && plan.action->kind == FAILS_ON);
}

int fault_hits(enum fault_point point)
{
    if (!plan.is_read)
        fault_plan(getenv("TOKTAPE_FAULT"));
    unsigned long call = atomic_fetch_add(&calls[point], 1) + 1;
    return plan.action && plan.point == point && is_due(call) ? act() : 0;
}

void fault_observe(fault_observer *see, void *context)
{
    observer = see;
    observer_context = context;
}

void fault_happened(const struct fault_event *event)
{
    if (observer)
        observer(observer_context, event);
}

void fault_memory_given(int change)
{
    atomic_fetch_add(&memory, change);
}

long fault_memory_held(void)
{
    return atomic_load(&memory);
}
#else
typedef int fault_points_are_compiled_out;
#endif

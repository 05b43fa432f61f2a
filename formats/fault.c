/* SPDX-License-Identifier: MIT */
#include "formats/fault.h"

#ifdef TOKTAPE_FAULTS
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct fault_plan {
    int armed; /* 0 not read yet, 1 set, -1 none */
    enum fault_point point;
    unsigned long nth;
    char action[16];
};

static const char *const point_names[FAULT_POINTS] = {"alloc", "write", "sync"};
static struct fault_plan plan;
static atomic_ulong calls[FAULT_POINTS];

static void read_plan(void)
{
    const char *text = getenv("TOKTAPE_FAULT");
    plan.armed = -1;
    for (int p = 0; text && p < FAULT_POINTS; p++) {
        size_t len = strlen(point_names[p]);
        if (strncmp(text, point_names[p], len) != 0 || text[len] != ':')
            continue;
        char *rest;
        plan.point = (enum fault_point)p;
        plan.nth = strtoul(text + len + 1, &rest, 10);
        strncpy(plan.action, *rest == ':' ? rest + 1 : "fail", sizeof plan.action - 1);
        plan.armed = 1;
    }
}

/* 1 asks for a shortened call, -1 reports a failure with errno set. */
static int act(void)
{
    if (strcmp(plan.action, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(plan.action, "short") == 0)
        return 1;
    errno = strcmp(plan.action, "eintr") == 0 ? EINTR : strcmp(plan.action, "eio") == 0 ? EIO : ENOSPC;
    return -1;
}

/* A full disk stays full; every other fault strikes once. */
static int is_due(unsigned long call)
{
    return call == plan.nth || (call > plan.nth && strcmp(plan.action, "enospc") == 0);
}

int fault_hits(enum fault_point point)
{
    if (!plan.armed)
        read_plan();
    unsigned long call = atomic_fetch_add(&calls[point], 1) + 1;
    if (plan.armed < 0 || plan.point != point || !is_due(call))
        return 0;
    return act();
}
#else
typedef int fault_points_are_compiled_out;
#endif

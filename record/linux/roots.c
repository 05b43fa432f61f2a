/* SPDX-License-Identifier: MIT */
#include "record/linux/roots.h"

#ifdef TOKTAPE_FAULTS
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static char system_root[PATH_MAX / 2], proc[PATH_MAX], sys[PATH_MAX];

static void find_roots(void)
{
    const char *root = getenv("TOKTAPE_ROOT");
    snprintf(system_root, sizeof system_root, "%s", root ? root : "");
    snprintf(proc, sizeof proc, "%s/proc", system_root);
    snprintf(sys, sizeof sys, "%s/sys", system_root);
}

static const char *found(const char *root)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_roots);
    return root;
}

const char *root_of_system(void)
{
    return found(system_root);
}

const char *root_of_proc(void)
{
    return found(proc);
}

const char *root_of_sys(void)
{
    return found(sys);
}
#else
const char *root_of_system(void)
{
    return "";
}

const char *root_of_proc(void)
{
    return "/proc";
}

const char *root_of_sys(void)
{
    return "/sys";
}
#endif

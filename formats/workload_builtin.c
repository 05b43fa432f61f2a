/* SPDX-License-Identifier: MIT */
#include "formats/workload_builtin.h"

#include <string.h>

#include "formats/io.h"

typedef int workload_make_fn(struct workload *w, struct error *e);

struct builtin {
    const char *name;
    workload_make_fn *make;
};

static const struct builtin builtins[] = {
    {AGENTIC_NAME, workload_agentic},
    {AGENT_LOOP_NAME, workload_agent_loop},
};

#define BUILTINS (sizeof builtins / sizeof *builtins)

static int unknown_name(const char *name, struct error *e)
{
    struct buf known = BUF_INIT;
    for (size_t i = 0; i < BUILTINS; i++)
        buf_printf(&known, "%s'%s'", i ? " and " : "", builtins[i].name);
    int status = error_set(e, TT_NOTFOUND, "no built-in workload '%s'; there is %s", name, buf_text(&known));
    buf_release(&known);
    return status;
}

static const struct builtin *find(const char *name)
{
    for (size_t i = 0; i < BUILTINS; i++) {
        if (strcmp(builtins[i].name, name) == 0)
            return &builtins[i];
    }
    return NULL;
}

int workload_is_builtin(const char *name)
{
    return find(name) != NULL;
}

int workload_builtin(struct workload *w, const char *name, struct error *e)
{
    const struct builtin *found = find(name);
    memset(w, 0, sizeof *w);
    return found ? found->make(w, e) : unknown_name(name, e);
}

int workload_open(struct workload *w, const char *name, struct error *e)
{
    struct error why = {0};
    if (workload_is_builtin(name))
        return workload_builtin(w, name, e);
    unknown_name(name, &why);
    memset(w, 0, sizeof *w);
    if (!io_exists(name))
        return error_set(e, TT_USAGE, "no file '%s', and %s", name, why.text);
    return workload_load(w, name, e);
}

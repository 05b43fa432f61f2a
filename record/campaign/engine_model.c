/* SPDX-License-Identifier: MIT */
#include "record/campaign/engine_model.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/engine_visit.h"

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

int engine_model_is(const char *served, const char *wanted)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (*served == '/' && realpath(served, a) && realpath(wanted, b))
        return strcmp(a, b) == 0;
    return strcmp(file_name(served), file_name(wanted)) == 0;
}

int engine_model_check(const struct probe_job *job, const char *wanted, struct error *e)
{
    struct engine_visit *v = mem_alloc(sizeof *v);
    if (!v)
        return error_set(e, TT_NOMEM, "out of memory");
    int status = engine_visit(v, job, e);
    const char *served = v->id.model_file;
    if (!status && served && !engine_model_is(served, wanted))
        status = error_set(e, TT_NOTFOUND, "wrong model: the engine serves '%s', the plan says '%s'",
                           file_name(served), file_name(wanted));
    engine_visit_release(v);
    mem_free(v);
    return status;
}

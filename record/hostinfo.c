/* SPDX-License-Identifier: MIT */
#include "record/hostinfo.h"

#include <stdlib.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/json.h"

int hostinfo_set_text(cJSON *object, const char *name, const char *text)
{
    return text && *text ? json_set_string(object, name, text) : TT_OK;
}

int hostinfo_set_count(cJSON *object, const char *name, double count)
{
    return count > 0 ? json_set_number(object, name, count) : TT_OK;
}

static int set_load_average(cJSON *object)
{
    double loads[3];
    if (getloadavg(loads, 3) != 3)
        return TT_OK;
    for (int i = 0; i < 3; i++)
        loads[i] = (double)(long)(loads[i] * 100 + 0.5) / 100; /* the system does not know more */
    return json_set(object, "load_average", cJSON_CreateDoubleArray(loads, 3));
}

int hostinfo_describe(cJSON *object)
{
    int status = hostinfo_os_describe(object);
    if (!status)
        status = hostinfo_set_count(object, "page_bytes", (double)sysconf(_SC_PAGESIZE));
    return status ? status : set_load_average(object);
}

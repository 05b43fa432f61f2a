/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "record/darwin/ioreport.h"

#define LIBRARY         "/usr/lib/libIOReport.dylib" /* in the cache of the loader; no file on the disk */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SYMBOL(name)    FRAMEWORK_SYMBOL(ioreport_api, name)

static struct ioreport_api loaded;
static const char *missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct framework_symbol symbols[] = {
    SYMBOL(IOReportCopyChannelsInGroup),   SYMBOL(IOReportCreateSubscription),
    SYMBOL(IOReportCreateSamples),         SYMBOL(IOReportSimpleGetIntegerValue),
    SYMBOL(IOReportChannelGetChannelName), SYMBOL(IOReportChannelGetUnitLabel),
};

static void load(void)
{
    loaded.f = frameworks_load();
    missing = loaded.f ? frameworks_find(LIBRARY, symbols, COUNT_OF(symbols), &loaded) : "CoreFoundation";
}

const struct ioreport_api *ioreport_load(struct error *e)
{
    pthread_once(&once, load);
    if (!missing)
        return &loaded;
    error_set(e, TT_NOTFOUND, "this macOS has no %s", missing);
    return NULL;
}

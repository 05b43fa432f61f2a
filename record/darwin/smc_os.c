/* SPDX-License-Identifier: MIT */
#include <mach/mach.h>
#include <pthread.h>

#include "record/darwin/smc.h"

#define LIBRARY         "/System/Library/Frameworks/IOKit.framework/IOKit"
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SYMBOL(name)    FRAMEWORK_SYMBOL(smc_api, name)

static struct smc_api loaded;
static const char *missing;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct framework_symbol symbols[] = {
    SYMBOL(IOServiceMatching),
    SYMBOL(IOServiceGetMatchingServices),
    SYMBOL(IOIteratorNext),
    SYMBOL(IOObjectRelease),
    SYMBOL(IOServiceOpen),
    SYMBOL(IOServiceClose),
    SYMBOL(IOConnectCallStructMethod),
};

static void load(void)
{
    missing = frameworks_find(LIBRARY, symbols, COUNT_OF(symbols), &loaded);
    loaded.task = mach_task_self();
}

const struct smc_api *smc_load(struct error *e)
{
    pthread_once(&once, load);
    if (!missing)
        return &loaded;
    error_set(e, TT_NOTFOUND, "this macOS has no %s", missing);
    return NULL;
}

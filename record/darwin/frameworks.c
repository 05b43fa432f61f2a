/* SPDX-License-Identifier: MIT */
#include "record/darwin/frameworks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define FRAMEWORK(name) "/System/Library/Frameworks/" name ".framework/" name
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct frameworks loaded;
static int complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct symbol {
    const char *name;
    size_t offset; /* of the function pointer in struct frameworks */
};

#define SYMBOL(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct frameworks, name)                                                             \
    }

static const struct symbol core_foundation[] = {
    SYMBOL(CFRelease),          SYMBOL(CFGetTypeID),
    SYMBOL(CFStringGetTypeID),  SYMBOL(CFDataGetTypeID),
    SYMBOL(CFNumberGetTypeID),  SYMBOL(CFDictionaryGetTypeID),
    SYMBOL(CFStringGetCString), SYMBOL(CFStringCreateWithCString),
    SYMBOL(CFDataGetBytePtr),   SYMBOL(CFDataGetLength),
    SYMBOL(CFNumberGetValue),   SYMBOL(CFDictionaryGetValue),
};

static const struct symbol io_kit[] = {
    SYMBOL(IORegistryEntryFromPath),
    SYMBOL(IORegistryEntryCreateCFProperty),
    SYMBOL(IOObjectRelease),
    SYMBOL(IOPSCopyPowerSourcesInfo),
    SYMBOL(IOPSGetProvidingPowerSourceType),
    SYMBOL(IOPMCopyActivePMPreferences),
    SYMBOL(IOPMFeatureIsAvailable),
};

/* The library stays open for as long as the program runs. */
static int find_all(const char *library, const struct symbol *symbols, size_t count)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    for (size_t i = 0; handle && i < count; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address)
            return 0;
        memcpy((unsigned char *)&loaded + symbols[i].offset, &address, sizeof address);
    }
    return handle != NULL;
}

static void load(void)
{
    complete = find_all(FRAMEWORK("CoreFoundation"), core_foundation, COUNT_OF(core_foundation)) &&
               find_all(FRAMEWORK("IOKit"), io_kit, COUNT_OF(io_kit));
}

const struct frameworks *frameworks_load(void)
{
    pthread_once(&once, load);
    return complete ? &loaded : NULL;
}

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

#define SYMBOL(name) FRAMEWORK_SYMBOL(frameworks, name)

static const struct framework_symbol core_foundation[] = {
    SYMBOL(CFRelease),
    SYMBOL(CFGetTypeID),
    SYMBOL(CFStringGetTypeID),
    SYMBOL(CFDataGetTypeID),
    SYMBOL(CFNumberGetTypeID),
    SYMBOL(CFDictionaryGetTypeID),
    SYMBOL(CFStringGetCString),
    SYMBOL(CFStringCreateWithCString),
    SYMBOL(CFDataGetBytePtr),
    SYMBOL(CFDataGetLength),
    SYMBOL(CFNumberGetValue),
    SYMBOL(CFDictionaryGetValue),
    SYMBOL(CFDictionaryCreateMutableCopy),
    SYMBOL(CFDictionarySetValue),
    SYMBOL(CFArrayGetTypeID),
    SYMBOL(CFArrayGetCount),
    SYMBOL(CFArrayGetValueAtIndex),
    SYMBOL(CFArrayCreateMutableCopy),
    SYMBOL(CFArrayRemoveValueAtIndex),
};

static const struct framework_symbol io_kit[] = {
    SYMBOL(IORegistryEntryFromPath),
    SYMBOL(IORegistryEntryCreateCFProperty),
    SYMBOL(IOObjectRelease),
    SYMBOL(IOPSCopyPowerSourcesInfo),
    SYMBOL(IOPSGetProvidingPowerSourceType),
    SYMBOL(IOPMCopyActivePMPreferences),
    SYMBOL(IOPMFeatureIsAvailable),
};

const char *frameworks_find(const char *library, const struct framework_symbol *symbols, size_t count,
                            void *table)
{
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    for (size_t i = 0; handle && i < count; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address)
            return symbols[i].name;
        memcpy((unsigned char *)table + symbols[i].offset, &address, sizeof address);
    }
    return handle ? NULL : library;
}

static void load(void)
{
    complete =
        !frameworks_find(FRAMEWORK("CoreFoundation"), core_foundation, COUNT_OF(core_foundation), &loaded) &&
        !frameworks_find(FRAMEWORK("IOKit"), io_kit, COUNT_OF(io_kit), &loaded);
}

const struct frameworks *frameworks_load(void)
{
    pthread_once(&once, load);
    return complete ? &loaded : NULL;
}

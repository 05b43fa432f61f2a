/* SPDX-License-Identifier: MIT */
/* The few functions of CoreFoundation and IOKit that are used, found at run time: the build needs no SDK, and
 * a system that lacks one of them only says less. */
#ifndef TOKTAPE_FRAMEWORKS_H
#define TOKTAPE_FRAMEWORKS_H

#include <stdint.h>

typedef const void *cf_ref; /* any CoreFoundation object */

#define CF_UTF8          0x08000100u
#define CF_NUMBER_SINT32 3

struct frameworks {
    void (*CFRelease)(cf_ref object);
    unsigned long (*CFGetTypeID)(cf_ref object);
    unsigned long (*CFStringGetTypeID)(void);
    unsigned long (*CFDataGetTypeID)(void);
    unsigned long (*CFNumberGetTypeID)(void);
    unsigned long (*CFDictionaryGetTypeID)(void);
    cf_ref (*CFStringCreateWithCString)(cf_ref allocator, const char *text, uint32_t encoding);
    unsigned char (*CFStringGetCString)(cf_ref string, char *to, long size, uint32_t encoding);
    const unsigned char *(*CFDataGetBytePtr)(cf_ref data);
    long (*CFDataGetLength)(cf_ref data);
    unsigned char (*CFNumberGetValue)(cf_ref number, long type, void *to);
    cf_ref (*CFDictionaryGetValue)(cf_ref dictionary, cf_ref key);
    uint32_t (*IORegistryEntryFromPath)(uint32_t port, const char path[512]);
    cf_ref (*IORegistryEntryCreateCFProperty)(uint32_t entry, cf_ref key, cf_ref allocator, uint32_t options);
    int (*IOObjectRelease)(uint32_t object);
    cf_ref (*IOPSCopyPowerSourcesInfo)(void);
    cf_ref (*IOPSGetProvidingPowerSourceType)(cf_ref info); /* not to be released */
    cf_ref (*IOPMCopyActivePMPreferences)(void);
    unsigned char (*IOPMFeatureIsAvailable)(cf_ref feature, cf_ref source);
};

/* NULL unless all were found. Thread-safe. */
const struct frameworks *frameworks_load(void);

#endif

/* SPDX-License-Identifier: MIT */
/* The few functions of CoreFoundation and IOKit that are used, found at run time: the build needs no SDK, and
 * a system that lacks one of them only says less. Prototypes are those of CoreFoundation's CFBase.h,
 * CFString.h, CFData.h, CFNumber.h, CFArray.h and CFDictionary.h and of IOKit's IOKitLib.h and
 * ps/IOPowerSources.h, with every object as cf_ref, mach_port_t as uint32_t and kern_return_t as int;
 * IOPMCopyActivePMPreferences and IOPMFeatureIsAvailable are in IOKit's private pwr_mgt/IOPMLibPrivate.h.
 *
 * As there: what a function with Copy or Create in its name returns is the caller's to CFRelease, what Get
 * returns is not. */
#ifndef TOKTAPE_FRAMEWORKS_H
#define TOKTAPE_FRAMEWORKS_H

#include <stddef.h>
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
    cf_ref (*CFDictionaryCreateMutableCopy)(cf_ref allocator, long capacity, cf_ref dictionary);
    void (*CFDictionarySetValue)(cf_ref dictionary, cf_ref key, cf_ref value);
    unsigned long (*CFArrayGetTypeID)(void);
    long (*CFArrayGetCount)(cf_ref array);
    cf_ref (*CFArrayGetValueAtIndex)(cf_ref array, long index);
    cf_ref (*CFArrayCreateMutableCopy)(cf_ref allocator, long capacity, cf_ref array);
    void (*CFArrayRemoveValueAtIndex)(cf_ref array, long index);
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

struct framework_symbol {
    const char *name;
    size_t offset; /* of the function pointer in the table */
};

#define FRAMEWORK_SYMBOL(table, name)                                                                        \
    {                                                                                                        \
#name, offsetof(struct table, name)                                                                  \
    }

/* Fills a table from a library, which stays open for as long as the program runs. NULL when all were found;
 * else what was not: the library's name, or the first function's. */
const char *frameworks_find(const char *library, const struct framework_symbol *symbols, size_t count,
                            void *table);

#endif

/* SPDX-License-Identifier: MIT */
#include "record/darwin/power_mode.h"

#include <string.h>

#define TEXT_SIZE 64

/* The setting is called LowPowerMode also where it can be "high"; it is left out while it has its default. */
static const char *read_power_mode(const struct frameworks *f, cf_ref preferences, cf_ref source)
{
    static const char *const modes[] = {"automatic", "low", "high"};
    const char *mode = NULL;
    int32_t number = 0;
    cf_ref key = f->CFStringCreateWithCString(NULL, "LowPowerMode", CF_UTF8);
    cf_ref settings = preferences && source ? f->CFDictionaryGetValue(preferences, source) : NULL;
    if (key && settings && f->CFGetTypeID(settings) == f->CFDictionaryGetTypeID() &&
        f->IOPMFeatureIsAvailable(key, source)) {
        cf_ref value = f->CFDictionaryGetValue(settings, key);
        if (value && f->CFGetTypeID(value) == f->CFNumberGetTypeID())
            f->CFNumberGetValue(value, CF_NUMBER_SINT32, &number);
        mode = number >= 0 && number <= 2 ? modes[number] : NULL;
    }
    if (key)
        f->CFRelease(key);
    return mode;
}

static const char *power_source_name(const struct frameworks *f, cf_ref source)
{
    char text[TEXT_SIZE];
    if (!source || !f->CFStringGetCString(source, text, sizeof text, CF_UTF8))
        return NULL;
    if (strcmp(text, "AC Power") == 0)
        return "ac";
    return strcmp(text, "Battery Power") == 0 ? "battery" : NULL;
}

void power_mode_read(const struct frameworks *f, struct power_mode *power)
{
    cf_ref info = f->IOPSCopyPowerSourcesInfo(), preferences = f->IOPMCopyActivePMPreferences();
    cf_ref source = info ? f->IOPSGetProvidingPowerSourceType(info) : NULL;
    power->source = power_source_name(f, source);
    power->mode = read_power_mode(f, preferences, source);
    if (preferences)
        f->CFRelease(preferences);
    if (info)
        f->CFRelease(info);
}

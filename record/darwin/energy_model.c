/* SPDX-License-Identifier: MIT */
#include "record/darwin/energy_model.h"

#include <string.h>

#include "formats/schema.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Names of one rail, the best first; '#' stands for a number. What else looks alike ("EACC_CPU", "PACC0_CPU",
 * "CPU SRAM", "GPU SRAM0") is a part of these. */
static const struct {
    const char *name;
    uint64_t rail;
} forms[] = {
    {"CPU Energy", RAIL_CPU}, {"DIE_#_CPU Energy", RAIL_CPU},
    {"GPU Energy", RAIL_GPU}, {"GPU#_#", RAIL_GPU},
    {"GPU#", RAIL_GPU},       {"GPU", RAIL_GPU},
    {"ANE", RAIL_ANE},        {"ANE#", RAIL_ANE},
    {"ANE#_#", RAIL_ANE},     {"DRAM", RAIL_DRAM},
    {"DRAM#", RAIL_DRAM},     {"DRAM#_#", RAIL_DRAM},
    {"DCS", RAIL_FABRIC},     {"DCS#", RAIL_FABRIC},
    {"DCS#_#", RAIL_FABRIC},
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int fits(const char *form, const char *name)
{
    for (; *form; form++) {
        if (*form != '#' && *form != *name)
            return 0;
        if (*form == '#' && !is_digit(*name))
            return 0;
        name++;
        while (*form == '#' && is_digit(*name))
            name++;
    }
    return !*name;
}

static int form_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (fits(forms[i].name, name))
            return (int)i;
    }
    return -1;
}

const char *energy_model_unit(const char *label)
{
    static const char *const units[] = {"nJ", "uJ", "mJ", "J", "pJ"};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(units[i], label) == 0)
            return units[i];
    }
    return NULL;
}

static int is_first_of_its_name(const struct energy_channel *channels, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(channels[k].name, channels[i].name) == 0)
            return 0;
    }
    return 1;
}

/* Whether a better form of the same rail is there and can be summed. */
static int has_better(const unsigned char *is_there, int form)
{
    for (int i = 0; i < form; i++) {
        if (is_there[i] && forms[i].rail == forms[form].rail)
            return 1;
    }
    return 0;
}

void energy_model_choose(struct energy_channel *channels, size_t count)
{
    unsigned char is_there[COUNT_OF(forms)] = {0};
    for (size_t i = 0; i < count; i++) {
        int form = form_of(channels[i].name);
        if (form >= 0 && energy_model_unit(channels[i].unit))
            is_there[form] = 1;
    }
    for (size_t i = 0; i < count; i++) {
        int form = form_of(channels[i].name);
        channels[i].rail = ABSENT;
        if (form < 0 || !is_first_of_its_name(channels, i) || has_better(is_there, form))
            continue;
        channels[i].rail = energy_model_unit(channels[i].unit) ? forms[form].rail : RAIL_OTHER;
    }
}

/* SPDX-License-Identifier: MIT */
#include "record/discipline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "record/resident.h"

#define MIB ((uint64_t)1 << 20)

typedef unsigned long long llu;

static const char *const names[DISCIPLINE_CHECKS] = {[CHECK_RESIDENT] = "resident",
                                                     [CHECK_CONTEXT] = "context",
                                                     [CHECK_POWER_MODE] = "power-mode",
                                                     [CHECK_SWAP] = "swap",
                                                     [CHECK_THERMAL] = "thermal"};

/* ---- what a person accepts ---- */

static unsigned bit_of(const char *word, size_t len)
{
    if (len == 3 && memcmp(word, "all", 3) == 0)
        return (1u << DISCIPLINE_CHECKS) - 1;
    for (unsigned i = 0; i < DISCIPLINE_CHECKS; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], word, len) == 0)
            return 1u << i;
    }
    return 0;
}

int discipline_parse_accepted(const char *list, unsigned *accepted, struct error *e)
{
    *accepted = 0;
    while (list) {
        size_t len = strcspn(list, ",");
        unsigned bit = bit_of(list, len);
        if (!bit)
            return error_set(e, TT_USAGE,
                             "--accept takes resident, context, power-mode, swap, thermal or all, not '%.*s'",
                             (int)(len < 40 ? len : 40), list);
        *accepted |= bit;
        list = list[len] ? list + len + 1 : NULL;
    }
    return TT_OK;
}

/* ---- the checks ---- */

static void find(struct discipline *d, enum discipline_check check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void find(struct discipline *d, enum discipline_check check, const char *format, ...)
{
    va_list args;
    if (d->count == DISCIPLINE_FINDINGS_MAX)
        return;
    struct discipline_finding *finding = &d->findings[d->count++];
    finding->check = check;
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
}

static int check_resident(struct discipline *d, const struct process_list *own)
{
    struct resident_engine found[RESIDENT_MAX];
    char list[120] = "";
    size_t len = 0;
    int count = resident_engines(own, found);
    if (count <= 0)
        return count == TT_NOMEM ? TT_NOMEM : TT_OK;
    for (int i = 0; i < count && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s (process %llu)", i ? ", " : "",
                                engine_name(found[i].kind), (llu)found[i].pid);
    find(d, CHECK_RESIDENT, "another engine was resident: %s", list);
    return TT_OK;
}

void discipline_check_context(struct discipline *d, const struct discipline_subject *subject)
{
    if (subject->context == ABSENT || subject->context_needed == ABSENT ||
        subject->context >= subject->context_needed)
        return;
    find(d, CHECK_CONTEXT,
         "the engine's context of %llu tokens is below the about %llu that the workload needs",
         (llu)subject->context, (llu)subject->context_needed);
}

void discipline_check_host(struct discipline *d, const cJSON *host)
{
    const char *os = json_string(host, "os"), *machine = json_string(host, "machine_name"),
               *mode = json_string(host, "power_mode");
    int is_mac = os && strcmp(os, "macOS") == 0, is_laptop = machine && strncmp(machine, "MacBook", 7) == 0;
    if (!mode)
        return;
    if (is_mac && is_laptop && strcmp(mode, "high") != 0)
        find(d, CHECK_POWER_MODE, "the laptop was not in High Power Mode but in '%.20s'", mode);
    else if (strncmp(mode, "low", 3) == 0)
        find(d, CHECK_POWER_MODE, "the machine was in the power mode '%.20s'", mode);
}

/* A level is a state, a counter says something only by growing. */
static void check_thermal_now(struct discipline *d)
{
    uint64_t level = d->machine[SYSMEM_THERMAL];
    if (!sysmem_channels[SYSMEM_THERMAL].is_counter && level != ABSENT && level > 0)
        find(d, CHECK_THERMAL, "the machine was under thermal pressure before the first run (level %llu)",
             (llu)level);
}

int discipline_look(struct discipline *d, const struct discipline_subject *subject)
{
    int status = TT_OK;
    for (int i = 0; i < SYSMEM_FIELDS; i++)
        d->machine[i] = ABSENT;
    discipline_check_context(d, subject);
    if (!subject->is_local)
        return TT_OK;
    sysmem_look(d->machine);
    status = check_resident(d, subject->own);
    discipline_check_host(d, subject->host);
    check_thermal_now(d);
    return status;
}

void discipline_compare(const uint64_t before[SYSMEM_FIELDS], const uint64_t now[SYSMEM_FIELDS],
                        struct discipline *after)
{
    uint64_t swap = before[SYSMEM_SWAP], heat = before[SYSMEM_THERMAL];
    int counts = (int)sysmem_channels[SYSMEM_THERMAL].is_counter;
    if (swap != ABSENT && now[SYSMEM_SWAP] != ABSENT && now[SYSMEM_SWAP] > swap &&
        now[SYSMEM_SWAP] - swap > DISCIPLINE_SWAP_GROWTH)
        find(after, CHECK_SWAP, "swap in use grew by %llu MiB during the recording",
             (llu)((now[SYSMEM_SWAP] - swap) / MIB));
    if (heat == ABSENT || now[SYSMEM_THERMAL] == ABSENT || now[SYSMEM_THERMAL] <= heat)
        return;
    if (counts)
        find(after, CHECK_THERMAL, "the processor throttled %llu times during the recording",
             (llu)(now[SYSMEM_THERMAL] - heat));
    else
        find(after, CHECK_THERMAL, "the machine came under thermal pressure (level %llu)",
             (llu)now[SYSMEM_THERMAL]);
}

void discipline_look_again(struct discipline *d, struct discipline *after)
{
    uint64_t now[SYSMEM_FIELDS];
    memset(after, 0, sizeof *after);
    after->accepted = d->accepted;
    sysmem_look(now);
    discipline_compare(d->machine, now, after);
}

int discipline_refuse(const struct discipline *d, struct error *e)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct discipline_finding *f = &d->findings[i];
        if (!(d->accepted >> f->check & 1))
            return error_set(e, TT_USAGE, "%s; change that, or record all the same with --accept %s", f->text,
                             names[f->check]);
    }
    return TT_OK;
}

/* ---- in the trace ---- */

static int add_finding(cJSON *list, const struct discipline_finding *f)
{
    cJSON *item = cJSON_CreateObject();
    if (!item || json_set_string(item, "check", names[f->check]) || json_set_string(item, "text", f->text) ||
        !cJSON_AddItemToArray(list, item)) {
        cJSON_Delete(item);
        return TT_NOMEM;
    }
    return TT_OK;
}

cJSON *discipline_findings(const struct discipline *d)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < d->count; i++) {
        if (add_finding(list, &d->findings[i])) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static cJSON *accepted_names(const struct discipline *d)
{
    const char *list[DISCIPLINE_CHECKS];
    int count = 0;
    for (int i = 0; i < DISCIPLINE_CHECKS; i++) {
        if (d->accepted >> i & 1)
            list[count++] = names[i];
    }
    return cJSON_CreateStringArray(list, count);
}

cJSON *discipline_describe(const struct discipline *d, int is_strict)
{
    cJSON *object = cJSON_CreateObject();
    int status = object ? json_set(object, "strict", cJSON_CreateBool(is_strict)) : TT_NOMEM;
    if (!status)
        status = json_set(object, "accepted", accepted_names(d));
    if (!status)
        status = json_set(object, "findings", discipline_findings(d));
    if (status) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

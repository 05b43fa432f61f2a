/* SPDX-License-Identifier: MIT */
#include "replay/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/framing.h"

enum fault_level { ON_EVENTS, ON_WIRE, ON_ANSWER };

static const struct fault_def {
    const char *name;
    enum fault_kind kind;
    enum fault_level level;
    const char *argument_name; /* NULL: takes none */
    uint64_t argument, least;  /* default and smallest */
    const char *help;
} defs[] = {
    {"cut", FAULT_CUT, ON_WIRE, "BYTES", 2000, 0, "close the connection after so many bytes"},
    {"stall", FAULT_STALL, ON_WIRE, "BYTES", 2000, 0, "fall silent after so many bytes"},
    {"die", FAULT_DIE, ON_WIRE, "BYTES", 2000, 0, "cut, and the engine ends"},
    {"bad-chunk", FAULT_BAD_CHUNK, ON_WIRE, "BYTES", 2000, 0, "a broken chunk header after so many bytes"},
    {"split-frames", FAULT_SPLIT_FRAMES, ON_WIRE, "N", 3, 2, "each write goes out in N pieces"},
    {"slow-header", FAULT_SLOW_HEADER, ON_WIRE, "MS", 5, 0, "the head byte by byte, so far apart"},
    {"not-http", FAULT_NOT_HTTP, ON_WIRE, NULL, 0, 0, "bytes that are no HTTP, and a cut"},
    {"status", FAULT_STATUS, ON_ANSWER, "CODE", 500, 400, "an error document with that status"},
    {"broken-json", FAULT_BROKEN_JSON, ON_EVENTS, "EVENT", 3, 0, "half of that event (0 is the first)"},
    {"error-mid", FAULT_ERROR_MID, ON_EVENTS, "EVENT", 3, 0,
     "an error object in place of that event, and the end"},
    {"error-string", FAULT_ERROR_STRING, ON_EVENTS, "EVENT", 3, 0, "the same, the error being a string"},
    {"crlf", FAULT_CRLF, ON_EVENTS, NULL, 0, 0, "lines of events end in CR LF"},
    {"multi-line", FAULT_MULTI_LINE, ON_EVENTS, NULL, 0, 0, "each event on two data lines"},
    {"no-done", FAULT_NO_DONE, ON_EVENTS, NULL, 0, 0, "leave out [DONE]"},
    {"no-usage", FAULT_NO_USAGE, ON_EVENTS, NULL, 0, 0, "leave out the usage event"},
    {"no-finish", FAULT_NO_FINISH, ON_EVENTS, NULL, 0, 0, "leave out the finish event"},
    {"empty", FAULT_EMPTY, ON_EVENTS, NULL, 0, 0, "leave out every event"},
    {"endless", FAULT_ENDLESS, ON_EVENTS, "MS", 10, 1, "repeat the last token for ever, so far apart"},
};

#define HELP_COLUMN        30
#define FAULT_ARGUMENT_MAX ((uint64_t)1 << 40)
#define DEF_COUNT          (sizeof defs / sizeof defs[0])

void faults_describe(struct buf *out)
{
    buf_puts(out, "faults (several: KIND,KIND or --fault again; KIND@N: only in completion N, from 0):\n");
    for (size_t i = 0; i < DEF_COUNT; i++) {
        const struct fault_def *d = &defs[i];
        size_t begin = out->len;
        buf_printf(out, "  %s%s%s", d->name, d->argument_name ? ":" : "",
                   d->argument_name ? d->argument_name : "");
        buf_printf(out, "%*s%s", (int)(begin + HELP_COLUMN - out->len), "", d->help);
        if (d->argument_name)
            buf_printf(out, " (default %llu)", (unsigned long long)d->argument);
        buf_putc(out, '\n');
    }
}

static const struct fault_def *def_of_name(const char *name, size_t len)
{
    for (size_t i = 0; i < DEF_COUNT; i++) {
        if (strlen(defs[i].name) == len && memcmp(defs[i].name, name, len) == 0)
            return &defs[i];
    }
    return NULL;
}

static const struct fault_def *def_of_kind(enum fault_kind kind)
{
    for (size_t i = 0; i < DEF_COUNT; i++) {
        if (defs[i].kind == kind)
            return &defs[i];
    }
    return NULL;
}

/* Takes a whole number off the front of *text. */
static int take_number(const char **text, uint64_t *value)
{
    char *end;
    if (**text < '0' || **text > '9')
        return TT_USAGE;
    errno = 0;
    *value = strtoull(*text, &end, 10);
    *text = end;
    return errno || *value > FAULT_ARGUMENT_MAX ? TT_USAGE : TT_OK;
}

static int parse_one(struct fault *fault, const char *text, struct error *e)
{
    size_t len = strcspn(text, ":@");
    const struct fault_def *def = def_of_name(text, len);
    const char *rest = text + len;
    int status = TT_OK;
    if (!def)
        return error_set(e, TT_USAGE, "unknown fault '%s'; 'toktape serve --help' lists them", text);
    *fault = (struct fault){def->kind, def->argument, ABSENT};
    if (*rest == ':') {
        rest++;
        status = def->argument_name ? take_number(&rest, &fault->argument) : TT_USAGE;
    }
    if (!status && *rest == '@') {
        rest++;
        status = take_number(&rest, &fault->request);
    }
    if (status || *rest || fault->argument < def->least ||
        (def->kind == FAULT_STATUS && fault->argument > 599))
        return error_set(e, TT_USAGE, "fault '%s' is not of the form KIND%s[@REQUEST]", text,
                         def->argument_name ? "[:NUMBER]" : "");
    return TT_OK;
}

int faults_parse(struct fault_list *list, const char *text, struct error *e)
{
    for (;;) {
        char item[64];
        size_t len = strcspn(text, ",");
        if (len >= sizeof item || list->count == FAULTS_MAX)
            return error_set(e, TT_USAGE, "fault '%.40s' is too long, or there are over %d of them", text,
                             FAULTS_MAX);
        memcpy(item, text, len);
        item[len] = '\0';
        int status = parse_one(&list->items[list->count], item, e);
        if (status)
            return status;
        list->count++;
        if (!text[len])
            return TT_OK;
        text += len + 1;
    }
}

static int wrap(const struct fault *fault, struct feed *layer(const struct fault *, struct feed *),
                struct engine_answer *a)
{
    a->feed = layer(fault, a->feed);
    return a->feed ? TT_OK : TT_NOMEM;
}

/* A replaced answer has nothing left that another fault could break. Only what has events is taken out of a
 * recorded message's framing. */
static int apply_one(const struct fault *fault, enum fault_level level, struct engine_answer *a)
{
    int status = TT_OK;
    if (a->form == ANSWER_NOW)
        return TT_OK;
    if (level == ON_ANSWER)
        return engine_answer_error(a, (int)fault->argument, "server_error", "the engine was told to fail");
    if (level == ON_WIRE)
        return wrap(fault, fault_on_wire, a);
    if (a->form == ANSWER_WIRE)
        status = framing_strip(a);
    if (status)
        return status;
    int has_events = strncmp(a->content_type, ANSWER_SSE, strlen(ANSWER_SSE)) == 0;
    return wrap(fault, has_events ? fault_on_events : fault_on_document, a);
}

static int apply_level(const struct fault_list *list, uint64_t request, enum fault_level level,
                       struct engine_answer *a)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct fault *fault = &list->items[i];
        if (def_of_kind(fault->kind)->level != level ||
            (fault->request != ABSENT && fault->request != request))
            continue;
        int status = apply_one(fault, level, a);
        if (status)
            return status;
    }
    return TT_OK;
}

int faults_apply(const struct fault_list *list, uint64_t request, struct engine_answer *a, const char *mark)
{
    int status = apply_level(list, request, ON_ANSWER, a);
    if (!status)
        status = apply_level(list, request, ON_EVENTS, a);
    if (!status)
        status = framing_add(a, mark);
    return status ? status : apply_level(list, request, ON_WIRE, a);
}

/* SPDX-License-Identifier: MIT */
/* The built-in workload "agentic-8": which text goes into which phase. */
#include <string.h>

#include "formats/agentic_text.h"
#include "formats/jsonout.h"
#include "formats/workload_builtin.h"

#define CONTEXT      65536 /* the largest prompt and its answer, with the least thrifty tokeniser measured */
#define SHORT_ANSWER 400
#define LONG_ANSWER  200

struct phase_plan {
    const char *name;
    enum agentic_which system, user;
    int cold, headline, is_long;
};

static const struct phase_plan phase_plans[] = {
    {"cold", AGENTIC_SYSTEM_A, AGENTIC_USER_X, 1, 0, 0},
    {"warm", AGENTIC_SYSTEM_A, AGENTIC_USER_X, 0, 1, 0},
    {"prefix-test-1", AGENTIC_SYSTEM_A, AGENTIC_USER_Y, 0, 0, 0},
    {"prefix-test-2", AGENTIC_SYSTEM_A, AGENTIC_USER_X, 0, 0, 0},
    {"prefix-test-3", AGENTIC_SYSTEM_A, AGENTIC_USER_Y, 0, 0, 0},
    {"cold-prefix", AGENTIC_SYSTEM_B, AGENTIC_USER_X, 1, 0, 0},
    {"long-context", AGENTIC_SYSTEM_A, AGENTIC_USER_LONG, 1, 1, 1},
    {"long-prefix", AGENTIC_SYSTEM_A, AGENTIC_USER_LONG, 0, 0, 1},
};

static void write_message(struct jsonout *j, const char *role, const struct buf *text)
{
    jsonout_object(j);
    jsonout_field_string(j, "role", role);
    jsonout_key(j, "content");
    jsonout_string_n(j, text->data, text->len);
    jsonout_end(j, '}');
}

static void write_phase(struct jsonout *j, const struct phase_plan *plan,
                        const struct buf texts[AGENTIC_TEXTS])
{
    jsonout_object(j);
    jsonout_field_string(j, "name", plan->name);
    jsonout_field_u64(j, "max_tokens", plan->is_long ? LONG_ANSWER : SHORT_ANSWER);
    jsonout_key(j, "messages");
    jsonout_array(j);
    write_message(j, "system", &texts[plan->system]);
    write_message(j, "user", &texts[plan->user]);
    jsonout_end(j, ']');
    jsonout_field_bool(j, "cold", plan->cold);
    jsonout_field_bool(j, "headline", plan->headline);
    jsonout_field_bool(j, "long", plan->is_long);
    jsonout_end(j, '}');
}

int agentic_workload(struct workload *w, const struct buf texts[AGENTIC_TEXTS], uint64_t context,
                     struct error *e)
{
    struct buf document = BUF_INIT;
    struct jsonout j;
    jsonout_init(&j, &document, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "name", AGENTIC_NAME);
    jsonout_field_u64(&j, "context", context);
    jsonout_key(&j, "phases");
    jsonout_array(&j);
    for (size_t i = 0; i < sizeof phase_plans / sizeof *phase_plans; i++)
        write_phase(&j, &phase_plans[i], texts);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    int status = document.failed;
    if (status)
        error_set(e, (enum tt_err)status, "no room for the workload '%s'", AGENTIC_NAME);
    else
        status = workload_parse(w, document.data, document.len, e);
    buf_release(&document);
    return status;
}

static int usual_text(enum agentic_which which, struct buf *text, struct error *e)
{
    struct agentic_source source;
    int status = agentic_source_open(&source, which, e);
    if (!status)
        status = agentic_source_grow(&source, source.usual, e);
    if (!status)
        agentic_source_text(&source, source.usual, (struct bytes){NULL, 0}, text);
    if (!status && text->failed)
        status = error_set(e, (enum tt_err)text->failed, "no room for the texts of '%s'", AGENTIC_NAME);
    agentic_source_release(&source);
    return status;
}

int workload_agentic(struct workload *w, struct error *e)
{
    struct buf texts[AGENTIC_TEXTS];
    int status = TT_OK;
    memset(w, 0, sizeof *w);
    for (int i = 0; i < AGENTIC_TEXTS; i++) {
        buf_init(&texts[i], 0);
        if (!status)
            status = usual_text((enum agentic_which)i, &texts[i], e);
    }
    if (!status)
        status = agentic_workload(w, texts, CONTEXT, e);
    for (int i = 0; i < AGENTIC_TEXTS; i++)
        buf_release(&texts[i]);
    return status;
}

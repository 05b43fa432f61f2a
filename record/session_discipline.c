/* SPDX-License-Identifier: MIT */
/* What a session checks before its first run and after its last, and the facts that follow. */
#include "formats/alloc.h"
#include "formats/json.h"
#include "record/hostinfo.h"
#include "record/model_hash.h"
#include "record/session_state.h"

#define STRICT_WORKLOAD "agentic-8" /* its figures are compared with other people's */

/* All phases: what the workload says. A selection of them may need less. */
static uint64_t context_needed(const struct session *s)
{
    const struct workload *w = s->workload;
    uint64_t largest = 0;
    if (s->chosen_count == w->phase_count)
        return w->context_needed;
    for (size_t i = 0; i < w->phase_count; i++) {
        uint64_t need = s->chosen[i] ? workload_phase_context(&w->phases[i]) : 0;
        largest = need > largest ? need : largest;
    }
    return largest < w->context_needed ? largest : w->context_needed;
}

static void own_processes(struct session *s, struct process_list *own)
{
    struct process_facts processes[ENGINE_FACTS_MAX];
    size_t count = session_processes(s, processes);
    own->count = 0;
    for (size_t i = 0; i < count; i++) {
        process_list_add(own, processes[i].id.pid);
        process_release_facts(&processes[i]);
    }
}

static int look(struct session *s)
{
    struct process_list own;
    cJSON *host = cJSON_CreateObject();
    int status = host ? hostinfo_describe(host) : TT_NOMEM;
    own_processes(s, &own);
    struct discipline_subject subject = {.context = s->identity.context,
                                         .context_needed = context_needed(s),
                                         .is_local = s->is_local && !s->is_forwarded,
                                         .own = &own,
                                         .host = host};
    if (!status)
        status = discipline_look(&s->discipline, &subject);
    cJSON_Delete(host);
    return status;
}

static void tell(const struct session *s, const struct discipline *d)
{
    for (size_t i = 0; i < d->count; i++)
        session_remark(s, "%s", d->findings[i].text);
}

/* A recording of a recording measures nothing. */
int session_check_discipline(struct session *s, struct error *e)
{
    s->discipline.accepted = s->options->accepted;
    s->is_strict = !s->playback[0] && (s->options->strict || strcmp(s->workload->name, STRICT_WORKLOAD) == 0);
    if (s->playback[0])
        return TT_OK;
    if (look(s))
        return error_set(e, TT_NOMEM, "out of memory");
    if (s->is_strict && discipline_refuse(&s->discipline, e))
        return TT_USAGE;
    tell(s, &s->discipline);
    return TT_OK;
}

/* ---- afterwards ---- */

/* Takes over `value`. */
static int add_fact(cJSON *facts, const char *path, cJSON *value, const char *how)
{
    cJSON *fact = cJSON_CreateObject();
    int status = json_set(fact, "value", value);
    if (!status)
        status = json_set_string(fact, "path", path);
    if (!status)
        status = json_set_string(fact, "how", how);
    if (!status && cJSON_AddItemToArray(facts, fact))
        return TT_OK;
    cJSON_Delete(fact);
    return TT_NOMEM;
}

static int add_after(struct session *s, cJSON *facts)
{
    struct discipline after;
    if (s->playback[0] || !s->is_local || s->is_forwarded)
        return TT_OK;
    discipline_look_again(&s->discipline, &after);
    tell(s, &after);
    return after.count ? add_fact(facts, "discipline.after", discipline_findings(&after),
                                  "the machine's state before and after the runs")
                       : TT_OK;
}

/* After the last run: the file would not come from a cold disk cache any more. */
static int add_hash(struct session *s, cJSON *facts)
{
    char hex[SHA256_HEX_BYTES];
    struct error why = {0};
    if (!s->options->hash_model || session_is_interrupted(s))
        return TT_OK;
    if (!s->is_local || !s->identity.model_file) {
        session_remark(s, "the model is not hashed: %s",
                       s->is_local ? "the engine does not say which file it is"
                                   : "it is not on this machine");
        return TT_OK;
    }
    session_remark(s, "hashing the model's file");
    int status = model_hash(s->identity.model_file, s->interrupted, hex, &why);
    if (!status)
        return add_fact(facts, "model.sha256", cJSON_CreateString(hex), "the file, read after the last run");
    session_remark(s, "the model is not hashed: %s", why.text);
    return status == TT_NOMEM ? status : TT_OK;
}

static int add_script_facts(const struct session_script *script, cJSON *facts)
{
    cJSON *list = script->facts(script->context), *fact;
    int status = list ? TT_OK : TT_NOMEM;
    while (!status && (fact = cJSON_DetachItemFromArray(list, 0)) != NULL) {
        if (!cJSON_AddItemToArray(facts, fact)) {
            cJSON_Delete(fact);
            status = TT_NOMEM;
        }
    }
    cJSON_Delete(list);
    return status;
}

int session_tell_after(struct session *s, struct error *e)
{
    cJSON *facts = cJSON_CreateArray();
    int status = facts ? add_after(s, facts) : TT_NOMEM;
    if (!status && s->options->script)
        status = add_script_facts(s->options->script, facts);
    if (!status)
        status = add_hash(s, facts);
    if (status)
        error_set(e, TT_NOMEM, "out of memory for facts");
    else if (cJSON_GetArraySize(facts) > 0)
        status = session_tell_facts(s, facts, e);
    cJSON_Delete(facts);
    return status;
}

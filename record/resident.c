/* SPDX-License-Identifier: MIT */
#include "record/resident.h"

#include "record/engine_table.h"

static enum engine_kind kind_of(uint64_t pid)
{
    struct process_facts facts;
    enum engine_kind kind = ENGINE_UNKNOWN;
    if (process_read_facts(pid, NULL, &facts, NULL) == TT_OK) {
        struct engine_process p = {facts.executable, {facts.arguments.data, facts.arguments.len}, {NULL, 0}};
        kind = engine_of_process(&p);
    }
    process_release_facts(&facts);
    return kind;
}

static int is_a_stranger(enum engine_kind kind)
{
    return kind != ENGINE_UNKNOWN && kind != ENGINE_TOKTAPE;
}

/* Children of an ancestor (a shell, init) are no family: only those of the engine itself. */
static int family_of(const struct process_list *own, struct process_list *family)
{
    struct process_table table = {NULL, 0, 0};
    struct process_list ancestors = *own;
    *family = *own;
    int status = process_table_read(&table);
    if (!status) {
        process_list_add_children(family, &table);
        process_list_add_ancestors(&ancestors, &table);
    }
    for (size_t i = 0; i < ancestors.count; i++)
        process_list_add(family, ancestors.pids[i]);
    process_table_release(&table);
    return status;
}

int resident_engines(const struct process_list *own, struct resident_engine found[RESIDENT_MAX])
{
    struct process_list listeners, family;
    int count = 0;
    int status = family_of(own, &family);
    if (!status)
        status = process_all_listeners(&listeners);
    if (status)
        return status;
    for (size_t i = 0; i < listeners.count && count < RESIDENT_MAX; i++) {
        enum engine_kind kind =
            process_list_has(&family, listeners.pids[i]) ? ENGINE_UNKNOWN : kind_of(listeners.pids[i]);
        if (is_a_stranger(kind))
            found[count++] = (struct resident_engine){kind, listeners.pids[i]};
    }
    return count;
}

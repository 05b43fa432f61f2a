/* SPDX-License-Identifier: MIT */
#include "record/engine_watch.h"

#include <string.h>

#include "formats/error.h"
#include "record/clock.h"

#define SEARCH_PERIOD_NS 60000000000u /* nothing that was found is believed for longer */

void engine_watch_init(struct engine_watch *w, const struct engine_target *target,
                       const struct row_sink *sink, const struct scrubber *scrubber)
{
    memset(w, 0, sizeof *w);
    w->target = *target;
    w->sink = *sink;
    w->scrubber = scrubber;
    w->place = target->is_local || target->pid ? ENGINE_PLACE_UNKNOWN : ENGINE_PLACE_ELSEWHERE;
    w->generation = ABSENT;
}

static void forget_facts(struct engine_watch *w)
{
    for (size_t i = 0; i < w->facts_count; i++)
        process_release_facts(&w->facts[i]);
    w->facts_count = 0;
}

static void forget_member(struct engine_watch *w, size_t index)
{
    procmem_close(&w->members[index].probe);
    memmove(&w->members[index], &w->members[index + 1], (w->count - index - 1) * sizeof w->members[0]);
    w->count--;
}

void engine_watch_release(struct engine_watch *w)
{
    while (w->count)
        forget_member(w, w->count - 1);
    forget_facts(w);
    process_table_release(&w->table);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, text ? strlen(text) : 0};
}

static void emit_process(struct engine_watch *w, const struct process_facts *facts, const char *role)
{
    struct buf executable = BUF_INIT, arguments = BUF_INIT;
    int hides_arguments =
        w->place == ENGINE_PLACE_FORWARDED; /* a tunnel's are full of other people's hosts */
    if (facts->executable)
        scrub_text(w->scrubber, &executable, facts->executable, strlen(facts->executable));
    if (!hides_arguments)
        scrub_arguments(w->scrubber, &arguments, buf_text(&facts->arguments), facts->arguments.len);
    struct process_row row = {.generation = w->generation,
                              .t = clock_ticks(),
                              .pid = facts->id.pid,
                              .parent_pid = facts->id.parent_pid,
                              .start_time = facts->id.start_time,
                              .role = bytes_of(role),
                              .executable = {executable.data, executable.failed ? 0 : executable.len},
                              .arguments = {arguments.data, arguments.failed ? 0 : arguments.len}};
    row_sink_emit(&w->sink, TABLE_PROCESS, &row);
    buf_release(&executable);
    buf_release(&arguments);
}

static void emit_mark(struct engine_watch *w, const char *kind, const char *text)
{
    struct mark_row row = {clock_ticks(), ABSENT, ABSENT, bytes_of(kind), bytes_of(text)};
    row_sink_emit(&w->sink, TABLE_MARK, &row);
}

static struct engine_member *find_member(struct engine_watch *w, uint64_t pid)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->members[i].id.pid == pid)
            return &w->members[i];
    }
    return NULL;
}

static int is_current(const struct engine_watch *w, const struct process *p)
{
    const struct process *now = process_table_find(&w->table, p->pid);
    return now && now->start_time == p->start_time;
}

static void drop_the_dead(struct engine_watch *w)
{
    for (size_t i = w->count; i-- > 0;) {
        if (!is_current(w, &w->members[i].id))
            forget_member(w, i);
    }
}

/* The process that was named, not a later one that got its pid. */
static int named_process_lives(struct engine_watch *w)
{
    const struct process *p = w->target.pid ? process_table_find(&w->table, w->target.pid) : NULL;
    if (!p)
        return 0;
    if (!w->named_start_time)
        w->named_start_time = p->start_time;
    return p->start_time == w->named_start_time;
}

/* Those who listened at the last search, if they all still live and it was not long ago. */
static int listeners_are_known(const struct engine_watch *w, struct process_list *listeners)
{
    if (clock_ticks() >= w->next_search)
        return 0;
    for (size_t i = 0; i < w->count; i++) {
        if (!w->members[i].listens)
            continue;
        if (!is_current(w, &w->members[i].id))
            return 0;
        process_list_add(listeners, w->members[i].id.pid);
    }
    return listeners->count > 0;
}

static int search_listeners(struct engine_watch *w, struct process_list *listeners)
{
    const struct engine_target *t = &w->target;
    if (!t->port || !t->is_local)
        return TT_OK;
    int status =
        process_listeners(t->port, t->address.version ? &t->address : NULL, listeners, &w->hidden, NULL);
    w->next_search = clock_after_ns(SEARCH_PERIOD_NS);
    return status == TT_NOTFOUND ? TT_OK : status;
}

/* Who is the engine right now: the process that was named while it lives, otherwise the listeners. */
static int find_listeners(struct engine_watch *w, struct process_list *listeners)
{
    listeners->count = 0;
    if (named_process_lives(w)) {
        process_list_add(listeners, w->target.pid);
        return TT_OK;
    }
    if (listeners_are_known(w, listeners))
        return TT_OK;
    listeners->count = 0;
    return search_listeners(w, listeners);
}

void engine_watch_search(struct engine_watch *w)
{
    w->next_search = w->next_scan = 0;
}

/* Does one who listened before still do so? */
static int is_same_life(const struct engine_watch *w, const struct process_list *listeners)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct engine_member *m = &w->members[i];
        if (m->listens && is_current(w, &m->id) && process_list_has(listeners, m->id.pid))
            return 1;
    }
    return 0;
}

static enum engine_place place_of(const struct engine_watch *w, const struct process_list *listeners)
{
    if (w->target.pid && process_list_has(listeners, w->target.pid))
        return ENGINE_PLACE_HERE;
    for (size_t i = 0; i < listeners->count; i++) {
        struct process_facts facts;
        int status = process_read_facts(listeners->pids[i], NULL, &facts, NULL);
        int forwards = !status && process_is_forwarder(facts.executable);
        process_release_facts(&facts);
        if (!status && !forwards)
            return ENGINE_PLACE_HERE;
    }
    return ENGINE_PLACE_FORWARDED;
}

static void begin_life(struct engine_watch *w, const struct process_list *listeners)
{
    while (w->count)
        forget_member(w, w->count - 1);
    forget_facts(w);
    w->place = place_of(w, listeners);
    w->generation = w->generation == ABSENT ? 0 : w->generation + 1;
}

static const char *role_of(const struct engine_watch *w, const struct engine_member *m)
{
    if (w->place == ENGINE_PLACE_FORWARDED)
        return "forwarder";
    return m->listens ? "listener" : "child";
}

/* Keeps the facts for whoever asks; *facts is taken over or released. */
static void keep_facts(struct engine_watch *w, struct process_facts *facts)
{
    if (w->facts_count < ENGINE_FACTS_MAX)
        w->facts[w->facts_count++] = *facts;
    else
        process_release_facts(facts);
}

static void add_member(struct engine_watch *w, uint64_t pid, int listens)
{
    struct process_facts facts;
    struct engine_member m = {.listens = listens};
    struct engine_member *known = find_member(w, pid);
    if (known)
        known->listens = known->listens || listens;
    if (known || w->count == PROCESS_LIST_MAX)
        return;
    if (procmem_open(&m.probe, pid))
        return; /* ended since the table was read */
    if (process_read_facts(pid, scrub_environment_name, &facts, NULL)) {
        procmem_close(&m.probe);
        process_release_facts(&facts);
        return;
    }
    m.id = facts.id;
    emit_process(w, &facts, role_of(w, &m));
    w->members[w->count++] = m;
    keep_facts(w, &facts);
}

static void add_members(struct engine_watch *w, const struct process_list *listeners)
{
    struct process_list tree = *listeners;
    for (size_t i = 0; i < listeners->count; i++)
        add_member(w, listeners->pids[i], 1);
    if (w->place != ENGINE_PLACE_HERE)
        return;
    process_list_add_children(&tree, &w->table);
    for (size_t i = listeners->count; i < tree.count; i++)
        add_member(w, tree.pids[i], 0);
}

static void update(struct engine_watch *w, const struct process_list *listeners)
{
    int had_members = w->count > 0;
    int goes_on = is_same_life(w, listeners);
    drop_the_dead(w);
    if (listeners->count && !goes_on)
        begin_life(w, listeners);
    if (listeners->count)
        add_members(w, listeners);
    if (had_members && !w->count)
        emit_mark(w, "engine_gone", "no process of the engine is left");
    w->is_stale = 0;
}

/* No process has been started since the last scan, and no member has gone: it would find the same. */
static int nothing_is_new(const struct engine_watch *w, uint64_t births)
{
    return births && births == w->births && w->place == ENGINE_PLACE_HERE && w->count && !w->is_stale &&
           clock_ticks() < w->next_scan;
}

int engine_watch_scan(struct engine_watch *w, const struct engine_lock *lock)
{
    struct process_list listeners;
    uint64_t births = process_births();
    if (w->place == ENGINE_PLACE_ELSEWHERE || nothing_is_new(w, births))
        return TT_OK;
    int status = process_table_read(&w->table);
    if (!status)
        status = find_listeners(w, &listeners);
    if (status)
        return status;
    w->births = births;
    w->next_scan = clock_after_ns(SEARCH_PERIOD_NS);
    if (lock)
        lock->lock(lock->context);
    update(w, &listeners);
    if (lock)
        lock->unlock(lock->context);
    return TT_OK;
}

static void add_known(uint64_t *sum, uint64_t more)
{
    if (more != ABSENT)
        *sum = *sum == ABSENT ? more : *sum + more;
}

static void add_to_sum(struct procmem *sum, const struct procmem *more)
{
    for (int i = 0; i < PROCMEM_FIELDS; i++)
        add_known(&sum->bytes[i], more->bytes[i]);
}

int engine_watch_memory(struct engine_watch *w, struct procmem *sum)
{
    int alive = 0;
    for (int i = 0; i < PROCMEM_FIELDS; i++)
        sum->bytes[i] = ABSENT;
    for (size_t i = 0; i < w->count && w->place == ENGINE_PLACE_HERE; i++) {
        struct procmem memory;
        if (procmem_read(&w->members[i].probe, &memory)) {
            w->is_stale = 1;
            continue;
        }
        add_to_sum(sum, &memory);
        alive++;
    }
    return alive ? TT_OK : TT_NOTFOUND;
}

int engine_watch_reset_peaks(const struct engine_watch *w)
{
    int status = TT_NOTFOUND;
    for (size_t i = 0; i < w->count && w->place == ENGINE_PLACE_HERE; i++) {
        int one = procmem_reset_peak(&w->members[i].probe);
        if (one == TT_IO)
            return TT_IO;
        status = one == TT_OK ? TT_OK : status;
    }
    return status;
}

int engine_watch_read_peaks(const struct engine_watch *w, struct procmem_peak *sum, uint64_t *processes)
{
    *sum = (struct procmem_peak){ABSENT, ABSENT};
    *processes = 0;
    for (size_t i = 0; i < w->count && w->place == ENGINE_PLACE_HERE; i++) {
        struct procmem_peak peak;
        if (procmem_read_peak(&w->members[i].probe, &peak))
            continue;
        add_known(&sum->rss, peak.rss);
        add_known(&sum->footprint, peak.footprint);
        ++*processes;
    }
    return *processes ? TT_OK : TT_NOTFOUND;
}

int engine_watch_facts(const struct engine_watch *w, struct process_facts *to)
{
    for (size_t i = 0; i < w->facts_count; i++) {
        if (process_copy_facts(&to[i], &w->facts[i])) {
            for (size_t k = 0; k <= i; k++)
                process_release_facts(&to[k]);
            return TT_NOMEM;
        }
    }
    return (int)w->facts_count;
}

/* SPDX-License-Identifier: MIT */
#include "record/strays.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "record/clock.h"
#include "record/shell.h"

#define LOOK_EVERY_NS UINT64_C(100000000)
#define KILLED_S      5 /* a process that was killed is gone by then, if ever */

int strays_put_mark(struct buf *out, const char *mark)
{
    buf_puts(out, "export ");
    shell_quote(out, mark);
    return buf_putc(out, '\n');
}

static int keeps_marks(const char *name, size_t len)
{
    return (len == strlen(STRAYS_CAMPAIGN) && memcmp(name, STRAYS_CAMPAIGN, len) == 0) ||
           (len == strlen(STRAYS_ENGINE) && memcmp(name, STRAYS_ENGINE, len) == 0);
}

static int is_marked(uint64_t pid, const char *mark)
{
    struct process_facts facts;
    size_t at = 0, len = strlen(mark) + 1;
    int marked = 0, status = process_read_facts(pid, keeps_marks, &facts, NULL);
    for (; !status && !marked && at + len <= facts.environment.len;
         at += strlen((const char *)facts.environment.data + at) + 1)
        marked = memcmp(facts.environment.data + at, mark, len) == 0;
    process_release_facts(&facts);
    return marked;
}

static size_t find(const char *mark, struct process_list *found)
{
    struct process_table table = {0};
    found->count = 0;
    if (process_table_read(&table) == TT_OK) {
        for (size_t i = 0; i < table.count; i++) {
            uint64_t pid = table.entries[i].pid;
            if (pid != (uint64_t)getpid() && is_marked(pid, mark))
                process_list_add(found, pid);
        }
    }
    process_table_release(&table);
    return found->count;
}

static void signal_all(const struct process_list *list, int number)
{
    for (size_t i = 0; i < list->count; i++)
        kill((pid_t)list->pids[i], number);
}

void strays_stop(const char *mark, unsigned grace_s, struct process_list *found)
{
    struct process_list left;
    uint64_t grace = clock_after_s(grace_s), end = clock_after_s(grace_s + KILLED_S);
    if (!find(mark, found))
        return;
    signal_all(found, SIGTERM);
    while (find(mark, &left) && clock_ticks() < end) {
        if (clock_ticks() >= grace)
            signal_all(&left, SIGKILL);
        clock_sleep_ns(LOOK_EVERY_NS);
    }
}

/* SPDX-License-Identifier: MIT */
#include "replay/script_bursts.h"

#include <string.h>

#include "formats/alloc.h"

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory for conversations");
}

/* Sorts the runs by repeat, keeping their order, and finds where each repeat that has runs begins. */
static void sort_runs(struct script_bursts *b, const struct script *script, size_t *counts)
{
    size_t place = 0;
    for (size_t i = 0; i < script->count; i++)
        counts[script->runs[i].repeat]++;
    for (uint64_t r = 0; r < script->repeats; r++) {
        size_t count = counts[r];
        counts[r] = place;
        if (count)
            b->starts[b->conversations++] = place;
        place += count;
    }
    b->starts[b->conversations] = place;
    for (size_t i = 0; i < script->count; i++)
        b->order[counts[script->runs[i].repeat]++] = i;
}

static int sort_conversations(struct script_bursts *b, const struct script *script, struct error *e)
{
    size_t *counts = mem_zalloc((size_t)script->repeats, sizeof *counts);
    b->order = mem_alloc(script->count * sizeof *b->order);
    b->starts = mem_alloc(((size_t)script->repeats + 1) * sizeof *b->starts);
    int status = counts && b->order && b->starts ? TT_OK : no_memory(e);
    if (!status)
        sort_runs(b, script, counts);
    mem_free(counts);
    return status;
}

static int add_repeat(struct script_bursts *b, size_t conversation, size_t runs_max, struct error *e)
{
    b->runs += b->starts[conversation + 1] - b->starts[conversation];
    if (b->runs > runs_max)
        return error_set(e, TT_LIMIT, "the recording makes more than the %zu runs that a trace may have",
                         runs_max);
    if (mem_grow(&b->conversation, &b->capacity, b->repeats + 1, sizeof *b->conversation))
        return no_memory(e);
    b->conversation[b->repeats++] = conversation;
    return TT_OK;
}

static uint64_t burst_of(const struct script_bursts *b, const struct script *script, size_t conversation)
{
    return script->runs[b->order[b->starts[conversation]]].repeat / script->concurrency;
}

/* Conversations `first` … `end` - 1 were one burst. */
static int add_burst(struct script_bursts *b, size_t first, size_t end, uint64_t concurrency, size_t runs_max,
                     struct error *e)
{
    size_t count = end - first, bursts = (count + (size_t)concurrency - 1) / (size_t)concurrency;
    int status = TT_OK;
    for (size_t i = 0; i < bursts * concurrency && !status; i++)
        status = add_repeat(b, first + i % count, runs_max, e);
    return status;
}

int script_bursts_make(struct script_bursts *b, const struct script *script, uint64_t concurrency,
                       size_t runs_max, struct error *e)
{
    memset(b, 0, sizeof *b);
    int status = sort_conversations(b, script, e);
    for (size_t first = 0, end; !status && first < b->conversations; first = end) {
        uint64_t burst = burst_of(b, script, first);
        for (end = first + 1; end < b->conversations && burst_of(b, script, end) == burst;)
            end++;
        status = add_burst(b, first, end, concurrency, runs_max, e);
    }
    return status;
}

void script_bursts_release(struct script_bursts *b)
{
    mem_free(b->order);
    mem_free(b->starts);
    mem_free(b->conversation);
    memset(b, 0, sizeof *b);
}

size_t script_bursts_length(const struct script_bursts *b, uint64_t repeat)
{
    size_t conversation = b->conversation[repeat % b->repeats];
    return b->starts[conversation + 1] - b->starts[conversation];
}

size_t script_bursts_index(const struct script_bursts *b, uint64_t repeat, uint64_t turn)
{
    return b->order[b->starts[b->conversation[repeat % b->repeats]] + turn];
}

uint64_t script_bursts_turn(const struct script_bursts *b, uint64_t repeat, uint64_t index)
{
    size_t length = script_bursts_length(b, repeat);
    for (uint64_t turn = 0; turn < length; turn++) {
        if (script_bursts_index(b, repeat, turn) == index)
            return turn;
    }
    return ABSENT;
}

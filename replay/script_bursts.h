/* SPDX-License-Identifier: MIT */
/* The requests of a trace as conversations that go on beside each other. */
#ifndef TOKTAPE_SCRIPT_BURSTS_H
#define TOKTAPE_SCRIPT_BURSTS_H

#include "replay/script.h"

/* A conversation is a repeat of the recording. Each recorded burst of them becomes as many bursts of
 * `concurrency` as it takes; where there are fewer than that, they are sent several times at once. */
struct script_bursts {
    size_t *order;  /* indices of the script's runs, conversation by conversation */
    size_t *starts; /* per conversation: where it begins in `order`; one more for the end */
    size_t conversations;
    size_t *conversation; /* of each repeat of one pass over the recording */
    size_t repeats, runs; /* of one pass */
    size_t capacity;
};

/* Release with script_bursts_release in every case. TT_NOMEM; TT_LIMIT when one pass has more than `runs_max`
 * runs. */
int script_bursts_make(struct script_bursts *bursts, const struct script *script, uint64_t concurrency,
                       size_t runs_max, struct error *e);
void script_bursts_release(struct script_bursts *bursts);

/* `repeat` counts over all passes. */
size_t script_bursts_length(const struct script_bursts *bursts, uint64_t repeat);
size_t script_bursts_index(const struct script_bursts *bursts, uint64_t repeat, uint64_t turn);

/* The turn of its conversation that run `index` of the script is; ABSENT when it is of another one. */
uint64_t script_bursts_turn(const struct script_bursts *bursts, uint64_t repeat, uint64_t index);

#endif

/* SPDX-License-Identifier: MIT */
/* What a trace is a recording of: the cell (one row of a table) and the block (the rows that may be
 * compared). */
#ifndef TOKTAPE_IDENTITY_H
#define TOKTAPE_IDENTITY_H

#include <stdint.h>

#include "analyze/tape.h"
#include "analyze/text_list.h"
#include "formats/digest.h"

/* Strings are owned and never NULL; "" is unknown. */
struct identity {
    char *machine, *chip, *power_mode;
    uint64_t ram_bytes; /* ABSENT when unknown */
    char *quant_class;
    char *model, *model_file, *quant;
    char *engine, *engine_version; /* the version in full */
    char *speculative;             /* "none", "mtp", "eagle3", "draft", "ngram", "other" */
    uint64_t concurrency;          /* conversations at once */
    char *arguments;               /* those that change figures: "context 65536, slots 4, KV q8_0" */
    char *label;                   /* "Model · engine version ▲MTP" */
    char *cell;                    /* readable name of the cell, unique by the digest at its end */
    char digest[SHA256_HEX_BYTES]; /* of everything that makes two cells different */
};

/* Reads it from a trace. `labels` ("machine=…", "model=…", may be NULL) win over the trace's own. Release
 * with identity_release, also after a failure. TT_OK or TT_NOMEM. */
int identity_read(struct identity *id, const struct tape *tape, const struct text_list *labels,
                  struct error *e);
void identity_release(struct identity *id);

/* Appends the label, with or without the engine's version. Returns text->failed. */
int identity_put_label(const struct identity *id, int with_version, struct buf *text);

/* Whether two cells differ in nothing but the engine's version. */
int identity_same_but_version(const struct identity *a, const struct identity *b);

/* What two rows must have in common to stand in one block; bits. */
enum block_by { BLOCK_MACHINE = 1 << 0, BLOCK_POWER = 1 << 1, BLOCK_QUANT = 1 << 2 };
#define BLOCK_USUAL (BLOCK_MACHINE | BLOCK_POWER | BLOCK_QUANT)

int identity_same_block(const struct identity *a, const struct identity *b, unsigned by);

/* "Machine 64 GB · Q4", as far as the block is one of these; mem_free. NULL when memory is out. */
char *identity_block_title(const struct identity *id, unsigned by);

/* "machine,power,quant" in any selection, or "none". TT_USAGE. */
int block_by_parse(unsigned *by, const char *text, struct error *e);

/* A count that META holds as a number or, being large, as text; ABSENT when it has none. */
uint64_t meta_count(const struct tape *tape, const char *dotted);

#endif

/* SPDX-License-Identifier: MIT */
/* Writing a trace without its content: every row passes through here on its way to the writer, and leaves
 * with its words masked and its hashes keyed (FORMAT.md §11). Nothing unmasked reaches the writer. */
#ifndef TOKTAPE_TRACE_MASKER_H
#define TOKTAPE_TRACE_MASKER_H

#include <cjson/cJSON.h>

#include "formats/trace_writer.h"

struct trace_masker;

/* With a random key that nothing else knows and that ends with the masker. TT_OK, TT_NOMEM or TT_IO. */
int trace_masker_new(struct trace_masker **masker, struct error *e);

/* As trace_writer_row and trace_writer_read. Segments of a body are held back until its row tells in which
 * order they stand; token ids of prompts are left out. Rows of one run come in order. */
int trace_masker_row(struct trace_masker *m, struct trace_writer *w, enum table_id table, const void *row,
                     struct error *e);
int trace_masker_read(struct trace_masker *m, struct trace_writer *w, const struct read_row *row,
                      const void *wire, struct error *e);

/* Writes what was held back; before trace_writer_finish. */
int trace_masker_finish(struct trace_masker *m, struct trace_writer *w, struct error *e);
void trace_masker_free(struct trace_masker *m);

/* The first META document of a masked trace: its privacy level, and without the words of options.extra_body.
 * TT_OK or TT_NOMEM. */
int trace_masker_describe(cJSON *meta);

#endif

/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/import_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/cells.h"
#include "formats/import.h"
#include "formats/io.h"

static void require(int condition, const char *what, const struct error *e)
{
    if (condition)
        return;
    fprintf(stderr, "%s: %s\n", what, e->text);
    abort();
}

/* The figures of what was imported, as a report needs them. */
static void analyse(const char *path, uint64_t runs)
{
    struct error e = {0};
    struct tape tape;
    struct tape_options reading = {.hash_content = 1};
    struct identity id;
    struct cell cell;
    struct report_row row;
    struct cache_policy policy = {CACHE_CONVERSATION, 0};
    require(tape_load(&tape, path, &reading, &e) == TT_OK, "cannot be read", &e);
    require(tape.run_count == runs, "other runs", &e);
    require(identity_read(&id, &tape, NULL, &e) == TT_OK, "no identity", &e);
    cell_init(&cell, &id, policy);
    require(cell_add(&cell, &tape, &e) == TT_OK && row_init(&row) == TT_OK, "no cell", &e);
    require(cell_row(&cell, &row) == TT_OK, "no row", &e);
    row_release(&row);
    cell_release(&cell);
    tape_release(&tape);
}

void fuzz_import(const char *format, const uint8_t *bytes, size_t len)
{
    char path[64];
    struct import_result result;
    struct import_options options = {.format = format};
    struct error e = {0};
    snprintf(path, sizeof path, "fuzz-import.%ld.toktape", (long)getpid());
    unlink(path);
    int status = import_memory(bytes, len, path, &options, &result, &e);
    require(status == (int)e.code, "a status without its sentence", &e);
    require(status == TT_OK || e.text[0], "no sentence", &e);
    require((status == TT_OK) == (io_exists(path) != 0), "a trace is left behind", &e);
    if (status == TT_OK)
        analyse(path, result.runs);
    unlink(path);
}

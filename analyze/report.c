/* SPDX-License-Identifier: MIT */
#include "analyze/report.h"

#include <string.h>

#include "analyze/report_prompts.h"
#include "formats/alloc.h"
#include "formats/json.h"

void report_init(struct report *report)
{
    memset(report, 0, sizeof *report);
    report->block_by = BLOCK_USUAL;
}

static void block_release(struct report_block *block)
{
    for (size_t i = 0; i < block->row_count; i++)
        row_release(&block->rows[i]);
    mem_free(block->rows);
    mem_free(block->title);
}

void report_release(struct report *report)
{
    for (size_t i = 0; i < report->block_count; i++)
        block_release(&report->blocks[i]);
    for (size_t i = 0; i < report->cell_count; i++)
        cell_release(&report->cells[i]);
    mem_free(report->blocks);
    mem_free(report->cells);
    text_list_release(&report->labels);
    text_list_release(&report->warnings);
    memset(report, 0, sizeof *report);
}

/* The trace that holds the same recording, NULL when there is none. */
static const struct cell_trace *find_recording(const struct report *report, const char *content_id)
{
    for (size_t i = 0; *content_id && i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->trace_count; k++) {
            if (strcmp(cell->traces[k].content_id, content_id) == 0)
                return &cell->traces[k];
        }
    }
    return NULL;
}

/* The cell of that identity, made when it is new. Takes the identity over, or releases it. */
static struct cell *find_cell(struct report *report, struct identity *id)
{
    for (size_t i = 0; i < report->cell_count; i++) {
        if (strcmp(report->cells[i].id.digest, id->digest) == 0) {
            identity_release(id);
            return &report->cells[i];
        }
    }
    if (mem_grow(&report->cells, &report->cell_capacity, report->cell_count + 1, sizeof *report->cells)) {
        identity_release(id);
        return NULL;
    }
    struct cell *cell = &report->cells[report->cell_count++];
    cell_init(cell, id, report->policy);
    cell->itl = report->itl;
    return cell;
}

int report_label(struct report *report, const char *label, struct error *e)
{
    static const char *const known[] = {"model=", "machine="};
    if (strncmp(label, known[0], strlen(known[0])) != 0 && strncmp(label, known[1], strlen(known[1])) != 0)
        return error_set(e, TT_USAGE, "--label wants 'model=NAME' or 'machine=NAME', not '%s'", label);
    return text_list_add(&report->labels, label) ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

static int add_names(struct report *report, const cJSON *names, const char *kind, struct error *e)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        if (!cJSON_IsString(name) || !*name->valuestring)
            return error_set(e, TT_USAGE, "the name of %s '%s' is no text", kind,
                             name->string ? name->string : "");
        if (text_list_addf(&report->labels, "%s:%s=%s", kind, name->string, name->valuestring))
            return error_set(e, TT_NOMEM, "out of memory");
    }
    return TT_OK;
}

int report_names(struct report *report, const char *path, struct error *e)
{
    static const char *const known[] = {"models", "machines", NULL};
    cJSON *names = json_read_file(path, JSON_DOCUMENT_MAX, e);
    if (!names)
        return e && e->code ? (int)e->code : TT_NOMEM;
    int status = json_only_known(names, known, "names", e);
    if (!status)
        status = add_names(report, json_member(names, "models"), "model", e);
    if (!status)
        status = add_names(report, json_member(names, "machines"), "machine", e);
    cJSON_Delete(names);
    if (status && e)
        error_prefix(e, "'%s'", path);
    return status;
}

int report_add(struct report *report, const struct tape *tape, struct error *e)
{
    struct identity id;
    const struct cell_trace *same = find_recording(report, tape->content_id);
    if (same) {
        int status = text_list_addf(&report->warnings, "'%s' is the same recording as '%s'; it counts once",
                                    tape->path, same->path);
        return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    }
    int status = identity_read(&id, tape, &report->labels, e);
    if (status) {
        identity_release(&id);
        return status;
    }
    struct cell *cell = find_cell(report, &id);
    return cell ? cell_add(cell, tape, e) : error_set(e, TT_NOMEM, "out of memory");
}

static struct report_block *find_block(struct report *report, const struct identity *id)
{
    for (size_t i = 0; i < report->block_count; i++) {
        if (identity_same_block(report->blocks[i].id, id, report->block_by))
            return &report->blocks[i];
    }
    if (mem_grow(&report->blocks, &report->block_capacity, report->block_count + 1, sizeof *report->blocks))
        return NULL;
    struct report_block *block = &report->blocks[report->block_count];
    memset(block, 0, sizeof *block);
    block->title = identity_block_title(id, report->block_by);
    block->id = id;
    if (!block->title)
        return NULL;
    report->block_count++;
    return block;
}

static int add_row(struct report *report, size_t index)
{
    struct report_block *block = find_block(report, &report->cells[index].id);
    if (!block || mem_grow(&block->rows, &block->row_capacity, block->row_count + 1, sizeof *block->rows))
        return TT_NOMEM;
    struct report_row *row = &block->rows[block->row_count++];
    int status = row_init(row);
    row->source = index;
    return status ? status : cell_row(&report->cells[index], row);
}

/* Blocks whose titles agree differ in the power mode: say so. */
static int tell_blocks_apart(struct report *report)
{
    for (size_t i = 0; i < report->block_count; i++) {
        for (size_t k = 0; k < report->block_count; k++) {
            struct report_block *block = &report->blocks[i];
            if (k == i || !identity_same_block(block->id, report->blocks[k].id,
                                               report->block_by & ~(unsigned)BLOCK_POWER))
                continue;
            struct buf title = BUF_INIT;
            const char *mode = block->id->power_mode;
            buf_printf(&title, "%s \xC2\xB7 %s power mode", block->title, *mode ? mode : "unknown");
            mem_free(block->title);
            block->title = buf_detach(&title);
            if (!block->title)
                return TT_NOMEM;
            break;
        }
    }
    return TT_OK;
}

/* Rows that look alike differ in their arguments: say so. */
static int tell_rows_apart(const struct report *report, struct report_block *block)
{
    for (size_t i = 0; i < block->row_count; i++) {
        size_t twins = 0;
        for (size_t k = 0; k < block->row_count; k++)
            twins += strcmp(block->rows[i].label, block->rows[k].label) == 0;
        const struct identity *id = &report->cells[block->rows[i].source].id;
        if (twins > 1 && text_list_addf(&block->rows[i].notes, "%s, %s", id->quant, id->arguments))
            return TT_NOMEM;
    }
    return TT_OK;
}

int report_finish(struct report *report, const struct gates *gates, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < report->cell_count; i++)
        status = add_row(report, i);
    if (!status)
        status = tell_blocks_apart(report);
    if (!status)
        status = report_compare_prompts(report);
    for (size_t i = 0; !status && i < report->block_count; i++) {
        status = tell_rows_apart(report, &report->blocks[i]);
        if (!status)
            status = gates_judge(gates, report->blocks[i].rows, report->blocks[i].row_count);
    }
    return status ? error_set(e, (enum tt_err)status, "out of memory") : TT_OK;
}

int report_has_failed_gate(const struct report *report)
{
    for (size_t i = 0; i < report->block_count; i++) {
        for (size_t k = 0; k < report->blocks[i].row_count; k++) {
            if (report->blocks[i].rows[k].level == LEVEL_ELIMINATED)
                return 1;
        }
    }
    return 0;
}

int report_is_partial(const struct report *report)
{
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; k < report->cells[i].trace_count; k++) {
            const char *closed = report->cells[i].traces[k].closed;
            if (strcmp(closed, "incomplete") == 0 || strcmp(closed, "repaired") == 0)
                return 1;
        }
    }
    return 0;
}

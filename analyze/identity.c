/* SPDX-License-Identifier: MIT */
#include "analyze/identity.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "analyze/engine_args.h"
#include "analyze/model_name.h"
#include "formats/alloc.h"
#include "formats/json.h"

#define GIB        1073741824.0
#define NAME_BYTES 100 /* bytes */

struct reader {
    struct identity *id;
    const struct tape *tape;
    const struct text_list *labels;
    int status;
};

/* Moves what was built into the slot. */
static void keep(struct reader *r, char **slot, struct buf *text)
{
    *slot = buf_detach(text);
    if (!*slot)
        r->status = TT_NOMEM;
}

/* A name of bounded length, cut between code points: nothing in META may flood a table. */
static void keep_text(struct reader *r, char **slot, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len > NAME_BYTES) {
        len = NAME_BYTES;
        while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    *slot = mem_strndup(text ? text : "", len);
    if (!*slot)
        r->status = TT_NOMEM;
}

/* Moves what was built into the slot, as a name. */
static void keep_name(struct reader *r, char **slot, struct buf *text)
{
    if (text->failed)
        r->status = TT_NOMEM;
    keep_text(r, slot, buf_text(text));
    buf_release(text);
}

/* A label given on the command line, else one in the trace; NULL when there is none or it is empty. */
static const char *label(const struct reader *r, const char *name)
{
    char dotted[64];
    size_t len = strlen(name);
    for (size_t i = 0; r->labels && i < r->labels->count; i++) {
        const char *item = r->labels->items[i];
        if (strncmp(item, name, len) == 0 && item[len] == '=' && item[len + 1])
            return item + len + 1;
    }
    memcpy(dotted, "labels.", 7);
    memcpy(dotted + 7, name, len + 1);
    const char *text = tape_text(r->tape, dotted);
    return text && *text ? text : NULL;
}

/* What a names file calls that machine, or the model of that file: its entries are labels "model:FILE=NAME".
 */
static const char *listed_name(const struct reader *r, const char *kind, const char *own)
{
    const char *base = own ? base_name(own) : "";
    size_t kind_len = strlen(kind), len = strlen(base);
    for (size_t i = 0; len && r->labels && i < r->labels->count; i++) {
        const char *item = r->labels->items[i];
        if (strncmp(item, kind, kind_len) == 0 && item[kind_len] == ':' &&
            strncmp(item + kind_len + 1, base, len) == 0 && item[kind_len + 1 + len] == '=')
            return item + kind_len + 1 + len + 1;
    }
    return NULL;
}

/* The first path that holds a non-empty text. */
static const char *first_text(const struct reader *r, const char *const *paths)
{
    for (size_t i = 0; paths[i]; i++) {
        const char *text = tape_text(r->tape, paths[i]);
        if (text && *text)
            return text;
    }
    return NULL;
}

uint64_t meta_count(const struct tape *tape, const char *dotted)
{
    const char *name = strrchr(dotted, '.');
    char section[32] = "";
    if (!name || (size_t)(name - dotted) >= sizeof section)
        return json_u64(tape->meta, dotted);
    memcpy(section, dotted, (size_t)(name - dotted));
    return json_u64(json_path(tape->meta, section), name + 1);
}

static void read_machine(struct reader *r)
{
    static const char *const names[] = {"host.machine_name", "host.model_name", "host.chip", NULL};
    const char *machine = label(r, "machine"), *own = first_text(r, names);
    if (!machine)
        machine = listed_name(r, "machine", own);
    if (!machine)
        machine = own;
    keep_text(r, &r->id->machine, machine ? machine : "unknown machine");
    keep_text(r, &r->id->chip, tape_text(r->tape, "host.chip"));
    keep_text(r, &r->id->power_mode, tape_text(r->tape, "host.power_mode"));
    r->id->ram_bytes = meta_count(r->tape, "host.ram_bytes");
}

static void read_quant(struct reader *r, const char *name)
{
    struct buf quant = BUF_INIT, class = BUF_INIT;
    size_t len = 0;
    const char *stated = tape_text(r->tape, "model.quant");
    const char *in_name = quant_in_name(base_name(name), &len);
    if (stated && *stated)
        quant_display(stated, &quant);
    else if (in_name)
        buf_append(&quant, in_name, len);
    quant_class(buf_text(&quant), &class);
    keep_name(r, &r->id->quant, &quant);
    keep_name(r, &r->id->quant_class, &class);
}

static void read_model(struct reader *r)
{
    static const char *const names[] = {"model.id", "model.file", NULL};
    struct buf display = BUF_INIT;
    const char *file = tape_text(r->tape, "model.file"), *name = first_text(r, names),
               *chosen = label(r, "model");
    if (!chosen)
        chosen = listed_name(r, "model", file && *file ? file : name);
    if (chosen)
        buf_puts(&display, chosen);
    else
        model_display_name(name ? name : "unknown model", &display);
    keep_name(r, &r->id->model, &display);
    keep_text(r, &r->id->model_file, file ? base_name(file) : "");
    read_quant(r, file && *file ? file : name ? name : "");
}

/* The ids that tables print. */
static const char *engine_id(const char *name)
{
    static const struct {
        const char *alias, *id;
    } aliases[] = {
        {"llama.cpp", "llamacpp"}, {"llama-server", "llamacpp"}, {"llama-cpp", "llamacpp"},
        {"mlx_lm", "mlx-lm"},      {"mlx-vlm", "mlx_vlm"},       {"rapid_mlx", "rapid-mlx"},
        {"vllm_mlx", "vllm-mlx"},  {"lm-studio", "lmstudio"},
    };
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcasecmp(name, aliases[i].alias) == 0)
            return aliases[i].id;
    }
    return name;
}

static int drafts_in_stream(const struct tape *tape)
{
    for (size_t i = 0; i < tape->run_count; i++) {
        if (tape_run_at(tape, i)->draft_tokens != ABSENT && tape_run_at(tape, i)->draft_tokens > 0)
            return 1;
    }
    return 0;
}

static void read_engine(struct reader *r)
{
    struct buf arguments = BUF_INIT;
    const cJSON *args = json_path(r->tape->meta, "engine.args");
    const char *name = tape_text(r->tape, "engine.name"), *stated = tape_text(r->tape, "speculative.kind");
    keep_text(r, &r->id->engine, name && *name ? engine_id(name) : "unknown engine");
    keep_text(r, &r->id->engine_version, tape_text(r->tape, "engine.version"));
    engine_args_describe(args, meta_count(r->tape, "engine.context"), meta_count(r->tape, "engine.slots"),
                         &arguments);
    const char *import = tape_text(r->tape, "import.format");
    if (import) /* by another tool's definitions: no recording of ours is the same cell */
        buf_printf(&arguments, "%simported from %.40s", arguments.len ? ", " : "", import);
    keep(r, &r->id->arguments, &arguments);
    r->id->concurrency = r->tape->concurrency;
    const char *kind = stated ? speculative_kind(stated) : NULL;
    if (!kind || strcmp(kind, "none") == 0)
        kind = engine_args_speculative(args);
    if ((!kind || strcmp(kind, "none") == 0) && drafts_in_stream(r->tape))
        kind = "other";
    keep_text(r, &r->id->speculative, kind ? kind : "none");
}

int identity_put_label(const struct identity *id, int with_version, struct buf *text)
{
    static const struct {
        const char *kind, *mark;
    } marks[] = {
        {"mtp", "MTP"}, {"eagle3", "EAGLE3"}, {"draft", "draft"}, {"ngram", "ngram"}, {"other", "spec"}};
    buf_printf(text, "%s \xC2\xB7 %s", id->model, id->engine);
    size_t version = strcspn(id->engine_version, "-");
    if (version && with_version) {
        buf_putc(text, ' ');
        buf_append(text, id->engine_version, version);
    }
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].kind, id->speculative) == 0)
            buf_printf(text, " \xE2\x96\xB2%s", marks[i].mark);
    }
    if (id->concurrency > 1)
        buf_printf(text, " \xC2\xB7 %llu at once", (unsigned long long)id->concurrency);
    return text->failed;
}

static void build_label(struct reader *r)
{
    struct buf text = BUF_INIT;
    const char *import = tape_text(r->tape, "import.format");
    identity_put_label(r->id, 1, &text);
    if (import)
        buf_printf(&text, " [%.40s]", import);
    keep(r, &r->id->label, &text);
}

/* Everything that makes two cells different, first for the digest, then for people. */
static void build_cell(struct reader *r)
{
    struct identity *id = r->id;
    const char *const parts[] = {id->machine, id->power_mode,     id->model,       id->quant,
                                 id->engine,  id->engine_version, id->speculative, NULL};
    unsigned char digest[SHA256_BYTES];
    struct buf text = BUF_INIT, all = BUF_INIT;
    for (size_t i = 0; parts[i]; i++) {
        buf_append(&all, parts[i], strlen(parts[i]) + 1);
        buf_printf(&text, "%s%s", i ? "/" : "", *parts[i] ? parts[i] : "-");
    }
    buf_printf(&all, "%llu", (unsigned long long)id->ram_bytes);
    buf_append(&all, "", 1);
    buf_append(&all, id->model_file, strlen(id->model_file) + 1);
    buf_append(&all, id->arguments, strlen(id->arguments) + 1);
    if (id->concurrency > 1)
        buf_printf(&all, "%llu", (unsigned long long)id->concurrency);
    if (all.failed)
        r->status = all.failed;
    else
        sha256_of(all.data, all.len, digest);
    buf_release(&all);
    if (!r->status)
        sha256_hex(digest, id->digest);
    buf_printf(&text, "/%.8s", id->digest);
    keep(r, &id->cell, &text);
}

int identity_read(struct identity *id, const struct tape *tape, const struct text_list *labels,
                  struct error *e)
{
    struct reader r = {id, tape, labels, TT_OK};
    memset(id, 0, sizeof *id);
    read_machine(&r);
    read_model(&r);
    read_engine(&r);
    if (!r.status)
        build_label(&r);
    if (!r.status)
        build_cell(&r);
    return r.status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

int identity_same_but_version(const struct identity *a, const struct identity *b)
{
    return strcmp(a->machine, b->machine) == 0 && strcmp(a->power_mode, b->power_mode) == 0 &&
           a->ram_bytes == b->ram_bytes && strcmp(a->model, b->model) == 0 &&
           strcmp(a->model_file, b->model_file) == 0 && strcmp(a->quant, b->quant) == 0 &&
           strcmp(a->engine, b->engine) == 0 && strcmp(a->speculative, b->speculative) == 0 &&
           strcmp(a->arguments, b->arguments) == 0;
}

void identity_release(struct identity *id)
{
    char *const texts[] = {id->machine,    id->chip,  id->power_mode, id->quant_class,    id->model,
                           id->model_file, id->quant, id->engine,     id->engine_version, id->speculative,
                           id->arguments,  id->label, id->cell};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        mem_free(texts[i]);
    memset(id, 0, sizeof *id);
}

int identity_same_block(const struct identity *a, const struct identity *b, unsigned by)
{
    if ((by & BLOCK_MACHINE) && (strcmp(a->machine, b->machine) != 0 || a->ram_bytes != b->ram_bytes))
        return 0;
    if ((by & BLOCK_POWER) && strcmp(a->power_mode, b->power_mode) != 0)
        return 0;
    return !(by & BLOCK_QUANT) || strcmp(a->quant_class, b->quant_class) == 0;
}

char *identity_block_title(const struct identity *id, unsigned by)
{
    struct buf text = BUF_INIT;
    buf_puts(&text, by & BLOCK_MACHINE ? id->machine : "all machines");
    if ((by & BLOCK_MACHINE) && id->ram_bytes != ABSENT)
        buf_printf(&text, " %.0f GB", floor((double)id->ram_bytes / GIB + 0.5));
    if (by & BLOCK_QUANT)
        buf_printf(&text, " \xC2\xB7 %s", id->quant_class);
    return buf_detach(&text);
}

int block_by_parse(unsigned *by, const char *text, struct error *e)
{
    static const char *const names[] = {"machine", "power", "quant"};
    *by = 0;
    if (strcmp(text, "none") == 0)
        return TT_OK;
    for (const char *word = text;; word++) {
        size_t len = strcspn(word, ","), i = 0;
        while (i < 3 && (strlen(names[i]) != len || strncmp(names[i], word, len) != 0))
            i++;
        if (i == 3)
            return error_set(e, TT_USAGE,
                             "blocks are made by machine, power and quant, or none, not by '%.*s'", (int)len,
                             word);
        *by |= 1u << i;
        word += len;
        if (!*word)
            return TT_OK;
    }
}

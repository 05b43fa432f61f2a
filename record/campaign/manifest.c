/* SPDX-License-Identifier: MIT */
#include "record/campaign/manifest.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"

#define FORMAT            "toktape-campaign-1"
#define TRACE_ENDING      ".toktape"
#define MANIFEST_NAME_MAX 120u
/* What all reasons may have in bytes, and one of them where that is more; each may take six in JSON. With
 * these all entries fit into MANIFEST_MAX. */
#define REASONS_MAX ((size_t)4 << 20)
#define REASON_CUT  200u

static const char *const state_names[] = {"pending", "running", "done", "failed"};
#define STATES (sizeof state_names / sizeof state_names[0])

const char *cell_state_name(enum cell_state state)
{
    return state_names[state];
}

int manifest_set_text(char **slot, const char *text)
{
    char *copy = text ? mem_strdup(text) : NULL;
    if (text && !copy)
        return TT_NOMEM;
    mem_free(*slot);
    *slot = copy;
    return TT_OK;
}

int manifest_init(struct manifest *m, const char *campaign)
{
    memset(m, 0, sizeof *m);
    m->idle_w = NAN;
    return manifest_set_text(&m->campaign, campaign);
}

void manifest_release(struct manifest *m)
{
    for (size_t i = 0; i < m->count; i++) {
        mem_free(m->entries[i].cell);
        mem_free(m->entries[i].trace);
        mem_free(m->entries[i].reason);
    }
    mem_free(m->entries);
    mem_free(m->campaign);
    memset(m, 0, sizeof *m);
}

/* ---- entries ---- */

static struct manifest_entry *find(const struct manifest *m, const char *cell, uint64_t repeat,
                                   int is_sentinel)
{
    for (size_t i = 0; i < m->count; i++) {
        struct manifest_entry *entry = &m->entries[i];
        if (entry->repeat == repeat && entry->is_sentinel == is_sentinel && strcmp(entry->cell, cell) == 0)
            return entry;
    }
    return NULL;
}

static struct manifest_entry *add(struct manifest *m, const char *cell, uint64_t repeat, int is_sentinel)
{
    if (mem_grow(&m->entries, &m->capacity, m->count + 1, sizeof *m->entries))
        return NULL;
    struct manifest_entry *entry = &m->entries[m->count];
    *entry = (struct manifest_entry){.repeat = repeat, .is_sentinel = is_sentinel};
    if (manifest_set_text(&entry->cell, cell))
        return NULL;
    m->count++;
    return entry;
}

struct manifest_entry *manifest_find(const struct manifest *m, const struct recording *r)
{
    return find(m, r->cell->name, r->repeat, r->is_sentinel);
}

struct manifest_entry *manifest_entry(struct manifest *m, const struct recording *r)
{
    struct manifest_entry *entry = manifest_find(m, r);
    return entry ? entry : add(m, r->cell->name, r->repeat, r->is_sentinel);
}

/* ---- reading ---- */

static int read_hex(char hex[SHA256_HEX_BYTES], const cJSON *object, const char *name)
{
    const char *text = json_string(object, name);
    size_t len = text ? strlen(text) : 0;
    if (text && (len >= SHA256_HEX_BYTES || strspn(text, "0123456789abcdef") != len))
        return TT_DAMAGED;
    memcpy(hex, text ? text : "", len + 1);
    return TT_OK;
}

static uint64_t count_or_0(const cJSON *object, const char *name)
{
    uint64_t value = json_u64(object, name);
    return value == UINT64_MAX ? 0 : value;
}

static struct process read_process(const cJSON *object, const char *name)
{
    const cJSON *process = json_member(object, name);
    return (struct process){.pid = count_or_0(process, "pid"),
                            .start_time = count_or_0(process, "start_time")};
}

static int read_state(struct manifest_entry *entry, const cJSON *object)
{
    const char *name = json_string(object, "state");
    for (size_t i = 0; name && i < STATES; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            entry->state = (enum cell_state)i;
            return TT_OK;
        }
    }
    return TT_DAMAGED;
}

/* Never a path: what stands here is opened and renamed. */
static int is_file_name(const char *name)
{
    size_t len = strlen(name), stem = len - strlen(TRACE_ENDING);
    char safe[PLAN_NAME_MAX + 1];
    if (len <= strlen(TRACE_ENDING) || strcmp(name + stem, TRACE_ENDING) != 0)
        return 0;
    stem = stem < PLAN_NAME_MAX ? stem : PLAN_NAME_MAX;
    memcpy(safe, name, stem);
    safe[stem] = '\0';
    return !strchr(name, '/') && len <= MANIFEST_NAME_MAX && plan_name_is_safe(safe);
}

static int read_entry(struct manifest *m, const cJSON *object)
{
    const char *cell = json_string(object, "cell"), *trace = json_string(object, "trace");
    uint64_t repeat = json_count(object, "repeat");
    int is_sentinel = json_bool(object, "sentinel", 0);
    if (!cell || !plan_name_is_safe(cell) || repeat > PLAN_RECORDINGS_MAX || m->count >= MANIFEST_ENTRIES ||
        (trace && !is_file_name(trace)) || find(m, cell, repeat, is_sentinel))
        return TT_DAMAGED;
    struct manifest_entry *entry = add(m, cell, repeat, is_sentinel);
    if (!entry || manifest_set_text(&entry->trace, trace) ||
        manifest_set_text(&entry->reason, json_string(object, "reason")))
        return TT_NOMEM;
    entry->attempts = count_or_0(object, "attempts");
    entry->began_ns = count_or_0(object, "began_ns");
    entry->ended_ns = count_or_0(object, "ended_ns");
    int status = read_state(entry, object);
    if (!status)
        status = read_hex(entry->content_id, object, "content_id");
    return status ? status : read_hex(entry->fingerprint, object, "fingerprint");
}

static int read_document(struct manifest *m, const cJSON *document, const char *campaign)
{
    const char *format = json_string(document, "format"), *name = json_string(document, "campaign");
    const cJSON *entry;
    if (!format || strcmp(format, FORMAT) != 0 || !name || strcmp(name, campaign) != 0)
        return TT_DAMAGED;
    m->engine = read_process(document, "engine");
    m->recorder = read_process(document, "recorder");
    m->idle_w = json_number(document, "idle_w", NAN);
    int status = read_hex(m->boot, document, "boot");
    cJSON_ArrayForEach(entry, json_member(document, "recordings"))
    {
        if (!status)
            status = read_entry(m, entry);
    }
    return status;
}

int manifest_parse(struct manifest *m, struct bytes text, const char *campaign, struct error *e)
{
    cJSON *document = NULL;
    int status = manifest_init(m, campaign);
    if (!status && !(document = json_parse(text.data, text.len, MANIFEST_MAX, e)))
        return e ? e->code : TT_SYNTAX;
    if (!status)
        status = read_document(m, document, campaign);
    cJSON_Delete(document);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory for a manifest");
    return status ? error_set(e, (enum tt_err)status, "this is no manifest of the campaign '%s'", campaign)
                  : TT_OK;
}

int manifest_load(struct manifest *m, const char *path, const char *campaign, struct error *e)
{
    struct buf text = BUF_INIT;
    struct error why = {0};
    if (!io_exists(path))
        return manifest_init(m, campaign) ? error_set(e, TT_NOMEM, "out of memory for a manifest") : TT_OK;
    memset(m, 0, sizeof *m);
    int status = io_read_file(path, MANIFEST_MAX, &text, e);
    if (!status && (status = manifest_parse(m, buf_bytes(&text), campaign, &why)))
        error_set(e, why.code, "'%s': %s; with the file moved away the campaign begins anew", path, why.text);
    buf_release(&text);
    return status;
}

/* ---- writing ---- */

static void put_process(struct jsonout *j, const char *name, const struct process *p)
{
    if (!p->pid)
        return;
    jsonout_key(j, name);
    jsonout_object(j);
    jsonout_field_u64(j, "pid", p->pid);
    jsonout_key(j, "start_time");
    jsonout_u64_text(j, p->start_time);
    jsonout_end(j, '}');
}

static void put_ns(struct jsonout *j, const char *name, uint64_t ns)
{
    if (!ns)
        return;
    jsonout_key(j, name);
    jsonout_u64_text(j, ns);
}

static size_t longest_reason(const struct manifest *m)
{
    size_t all = 0;
    for (size_t i = 0; i < m->count; i++)
        all += m->entries[i].reason ? strlen(m->entries[i].reason) : 0;
    return all > REASONS_MAX ? REASON_CUT : REASONS_MAX;
}

static void put_reason(struct jsonout *j, const char *reason, size_t longest)
{
    char cut[REASON_CUT + 1];
    size_t len = reason ? strlen(reason) : 0;
    if (len <= longest) {
        jsonout_field_string(j, "reason", reason);
        return;
    }
    for (len = REASON_CUT; len && ((unsigned char)reason[len] & 0xc0) == 0x80; len--)
        ; /* never within a character */
    memcpy(cut, reason, len);
    cut[len] = '\0';
    jsonout_field_string(j, "reason", cut);
}

static void put_entry(struct jsonout *j, const struct manifest_entry *entry, size_t longest)
{
    jsonout_object(j);
    jsonout_field_string(j, "cell", entry->cell);
    jsonout_field_bool(j, "sentinel", entry->is_sentinel);
    jsonout_field_u64(j, "repeat", entry->repeat);
    jsonout_field_string(j, "state", cell_state_name(entry->state));
    jsonout_field_u64(j, "attempts", entry->attempts);
    jsonout_field_string(j, "trace", entry->trace);
    jsonout_field_string(j, "content_id", *entry->content_id ? entry->content_id : NULL);
    jsonout_field_string(j, "fingerprint", *entry->fingerprint ? entry->fingerprint : NULL);
    put_reason(j, entry->reason, longest);
    put_ns(j, "began_ns", entry->began_ns);
    put_ns(j, "ended_ns", entry->ended_ns);
    jsonout_end(j, '}');
}

int manifest_write(const struct manifest *m, struct buf *out)
{
    struct jsonout j;
    size_t longest = longest_reason(m);
    jsonout_init(&j, out, 1);
    jsonout_object(&j);
    jsonout_field_string(&j, "format", FORMAT);
    jsonout_field_string(&j, "campaign", m->campaign);
    jsonout_field_string(&j, "boot", m->boot);
    if (!isnan(m->idle_w))
        jsonout_field_number(&j, "idle_w", m->idle_w);
    put_process(&j, "engine", &m->engine);
    put_process(&j, "recorder", &m->recorder);
    jsonout_key(&j, "recordings");
    jsonout_array(&j);
    for (size_t i = 0; i < m->count; i++)
        put_entry(&j, &m->entries[i], longest);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return buf_putc(out, '\n');
}

int manifest_save(const struct manifest *m, const char *path, struct error *e)
{
    struct buf text = BUF_INIT;
    int status = manifest_write(m, &text);
    if (status)
        error_set(e, (enum tt_err)status, "the manifest does not fit in memory");
    if (!status)
        status = io_write_file(path, text.data, text.len, e);
    if (!status)
        status = io_sync_folder_of(path, e);
    buf_release(&text);
    return status;
}

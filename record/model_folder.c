/* SPDX-License-Identifier: MIT */
#include "record/model_folder.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/io.h"
#include "formats/json.h"
#include "formats/schema.h"

#define REVISION_MAX 128
#define WEIGHTS      ".safetensors"

static int put_path(char path[PATH_MAX], const char *folder, const char *name)
{
    int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return n > 0 && n < PATH_MAX;
}

/* The commit that main stands at: one word without a slash, or nothing. */
static int read_revision(const char *repository, char revision[REVISION_MAX])
{
    char path[PATH_MAX];
    struct buf text = BUF_INIT;
    if (!put_path(path, repository, "refs/main") || io_read_file(path, REVISION_MAX - 1, &text, NULL))
        buf_clear(&text);
    size_t len = strcspn(buf_text(&text), " \r\n");
    memcpy(revision, buf_text(&text), len);
    revision[len] = '\0';
    buf_release(&text);
    return len > 0 && !strchr(revision, '/') && strcmp(revision, "..") != 0;
}

/* "org/name" is kept in models--org--name/snapshots/COMMIT. */
static int find_in_hub(const char *model, const char *hub, char folder[PATH_MAX])
{
    const char *slash = strchr(model, '/');
    char repository[PATH_MAX], revision[REVISION_MAX];
    if (!hub || !slash || slash == model || !slash[1] || strchr(slash + 1, '/') || strstr(model, ".."))
        return 0;
    int n = snprintf(repository, sizeof repository, "%s/models--%.*s--%s", hub, (int)(slash - model), model,
                     slash + 1);
    if (n < 0 || (size_t)n >= sizeof repository || !read_revision(repository, revision))
        return 0;
    n = snprintf(folder, PATH_MAX, "%s/snapshots/%s", repository, revision);
    return n > 0 && n < PATH_MAX;
}

/* A short word as methods and types are spelt; anything else is none. */
static int keep_word(struct model_folder *f, const char *word, const char *how)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = word ? strlen(word) : 0;
    if (!len || len >= sizeof f->quant || strspn(word, allowed) != len)
        return 0;
    memcpy(f->quant, word, len + 1);
    f->how = how;
    return 1;
}

static void learn_quant(struct model_folder *f, const cJSON *config)
{
    uint64_t bits = json_count(json_member(config, "quantization"), "bits");
    char word[16];
    snprintf(word, sizeof word, "%ubit", bits <= 64 ? (unsigned)bits : 0);
    if (bits > 0 && bits <= 64)
        keep_word(f, word, "config.json quantization");
    else if (!keep_word(f, json_string(json_member(config, "quantization_config"), "quant_method"),
                        "config.json quantization_config") &&
             !keep_word(f, json_string(config, "torch_dtype"), "config.json torch_dtype"))
        keep_word(f, json_string(config, "dtype"), "config.json dtype");
}

static int read_config(const char *folder, struct model_folder *f)
{
    char path[PATH_MAX];
    struct buf text = BUF_INIT;
    struct error e = {0};
    cJSON *config = NULL;
    int status = put_path(path, folder, "config.json") ? io_read_file(path, JSON_DOCUMENT_MAX, &text, &e)
                                                       : TT_NOTFOUND;
    if (!status)
        config = json_parse(buf_text(&text), text.len, JSON_DOCUMENT_MAX, &e);
    if (config)
        learn_quant(f, config);
    cJSON_Delete(config);
    buf_release(&text);
    return config ? TT_OK : e.code == TT_NOMEM ? TT_NOMEM : TT_NOTFOUND;
}

/* The hub's files are links into its store: stat goes to what they stand for. */
static int add_weights(const char *folder, struct model_folder *f)
{
    struct buf names = BUF_INIT;
    int status = io_list_folder(folder, WEIGHTS, &names, NULL);
    const char *name = buf_text(&names), *end = name + names.len;
    for (; !status && name < end; name += strlen(name) + 1) {
        char path[PATH_MAX];
        struct stat st;
        if (!put_path(path, folder, name) || stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) {
            f->size_bytes = ABSENT; /* a part that is missing: the sum would be wrong */
            break;
        }
        f->size_bytes = (f->size_bytes == ABSENT ? 0 : f->size_bytes) + (uint64_t)st.st_size;
    }
    buf_release(&names);
    return status == TT_NOMEM ? TT_NOMEM : TT_OK;
}

int model_folder_read(const char *model, const char *hub, struct model_folder *f)
{
    char folder[PATH_MAX];
    *f = (struct model_folder){.size_bytes = ABSENT};
    if (model[0] == '/' ? snprintf(folder, sizeof folder, "%s", model) >= PATH_MAX
                        : !find_in_hub(model, hub, folder))
        return TT_NOTFOUND;
    int status = read_config(folder, f);
    return status ? status : add_weights(folder, f);
}

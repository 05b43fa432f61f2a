/* SPDX-License-Identifier: MIT */
#include "analyze/engine_args.h"

#include <string.h>
#include <strings.h>

#include "formats/schema.h"

#define NAMES_MAX 6
#define VALUE_MAX 24 /* bytes of an argument that are shown */

static const char *text_at(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* The value behind "name=", or in the next argument; NULL when this argument is not called that. */
static const char *value_of(const cJSON *item, const char *name)
{
    const char *text = text_at(item);
    size_t len = strlen(name);
    if (strncmp(text, name, len) != 0)
        return NULL;
    if (text[len] == '=' && name[1] == '-')
        return text + len + 1;
    return text[len] == '\0' && item->next ? text_at(item->next) : NULL;
}

/* The value of the last argument called one of `names` (NULL-ended), as "--name value" or "--name=value";
 * NULL when it is not given. `args` is META's array of strings, or NULL. Borrowed. */
static const char *engine_arg(const cJSON *args, const char *const *names)
{
    const char *found = NULL;
    const cJSON *item;
    cJSON_ArrayForEach(item, args)
    {
        for (size_t i = 0; names[i]; i++) {
            const char *value = value_of(item, names[i]);
            found = value ? value : found;
        }
    }
    return found;
}

static void put_fact(struct buf *out, const char *name, const char *value)
{
    if (value)
        buf_printf(out, "%s%s %.*s", out->len ? ", " : "", name, VALUE_MAX, value);
}

/* What the engine says of itself wins over how it was started. */
static void put_count(struct buf *out, const char *name, uint64_t count, const char *argument)
{
    if (count == ABSENT)
        put_fact(out, name, argument);
    else
        buf_printf(out, "%s%s %llu", out->len ? ", " : "", name, (unsigned long long)count);
}

int engine_args_describe(const cJSON *args, uint64_t context, uint64_t slots, struct buf *out)
{
    static const char *const context_names[] = {
        "-c", "--ctx-size", "--max-model-len", "--context-length", "--max-kv-size", NULL};
    static const char *const slot_names[] = {"-np", "--parallel", "--max-num-seqs", NULL};
    static const struct {
        const char *name, *names[NAMES_MAX];
    } facts[] = {
        {"K cache", {"-ctk", "--cache-type-k", "--kv-cache-dtype", "--kv-bits"}},
        {"V cache", {"-ctv", "--cache-type-v"}},
        {"batch", {"-b", "--batch-size", "--max-num-batched-tokens", "--prefill-step-size"}},
        {"micro-batch", {"-ub", "--ubatch-size"}},
        {"threads", {"-t", "--threads"}},
        {"batch threads", {"-tb", "--threads-batch"}},
    };
    put_count(out, "context", context, engine_arg(args, context_names));
    put_count(out, "slots", slots, engine_arg(args, slot_names));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        put_fact(out, facts[i].name, engine_arg(args, facts[i].names));
    return out->failed;
}

static int has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (; *text; text++) {
        if (strncasecmp(text, word, len) == 0)
            return 1;
    }
    return 0;
}

const char *speculative_kind(const char *word)
{
    static const char *const kinds[] = {"mtp", "eagle3", "draft", "ngram"};
    if (!*word || strcasecmp(word, "none") == 0 || strcasecmp(word, "off") == 0)
        return "none";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (has_word(word, kinds[i]))
            return kinds[i];
    }
    return "other";
}

const char *engine_args_speculative(const cJSON *args)
{
    static const char *const type_names[] = {"--spec-type", "--draft-kind", "--speculative-algorithm",
                                             "--speculative-config", NULL};
    static const char *const draft_names[] = {
        "-md", "--model-draft", "--spec-draft-model", "-hfd", "--spec-draft-hf", "--draft-model", NULL};
    const char *type = engine_arg(args, type_names);
    if (type)
        return speculative_kind(type);
    return engine_arg(args, draft_names) ? "draft" : NULL;
}

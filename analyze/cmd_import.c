/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "analyze/info.h"
#include "formats/command.h"
#include "formats/import.h"
#include "formats/jsonout.h"

int cmd_import(int argc, char **argv);

_Static_assert(IMPORT_RUNS_MAX == TAPE_RUNS_MAX, "what is imported can be analysed");

struct import_arguments {
    const char *format, *output;
    struct option_list facts, picks;
    int json, quiet;
};

#define AT(member) offsetof(struct import_arguments, member)

static const struct option_def options[] = {
    {"format", 0, OPTION_CHOICE, NULL, "auto|asiai|vllm|aiperf|aiperf-raw|genai-perf|llama-bench|toktape",
     "what the files are (default auto: told by what the first one holds)", AT(format)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "the trace; '-': standard output. Nothing is overwritten",
     AT(output)},
    {"fact", 0, OPTION_LIST, "PATH=VALUE", NULL,
     "what you know and the files do not tell, as engine.name=vllm or model.id=NAME; may be repeated",
     AT(facts)},
    {"pick", 0, OPTION_LIST, "NAME=VALUE", NULL,
     "llama-bench: only rows with this setting, as n_threads=8; may be repeated", AT(picks)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print what was made as JSON", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "print nothing", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "import", "FILE... -o FILE", "Makes a trace of what another tool measured.", options,
    "asiai: agentic results. vllm: vllm bench serve --save-result --save-detailed. aiperf, aiperf-raw: "
    "profile_export.jsonl and profile_export_raw.jsonl. genai-perf: profile_export.json. llama-bench: -o "
    "json or -o "
    "jsonl. toktape: export --format jsonl.\n\n"
    "Several files become one trace, one run after another. What a file does not tell is not in the trace, "
    "and every "
    "table made from it says so.\n\n"
    "example:\n"
    "  toktape import bench.json --fact engine.version=0.11.0 -o bench.toktape\n"
    "  toktape report bench.toktape"};

static int print_result(const struct import_arguments *o, const struct import_result *result)
{
    struct buf out = BUF_INIT;
    struct jsonout j;
    if (!o->json || strcmp(o->output, "-") == 0) {
        if (!o->quiet)
            fprintf(stderr, "%s  %s, %llu runs, %llu failed, %llu bytes, content id %.12s\n", o->output,
                    result->format, (unsigned long long)result->runs, (unsigned long long)result->failed,
                    (unsigned long long)result->bytes, result->content_id);
        return 0;
    }
    jsonout_init(&j, &out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "trace", o->output);
    jsonout_field_string(&j, "format", result->format);
    jsonout_field_string(&j, "content_id", result->content_id);
    jsonout_field_u64(&j, "bytes", result->bytes);
    jsonout_field_u64(&j, "runs_total", result->runs);
    jsonout_field_u64(&j, "runs_failed", result->failed);
    jsonout_end(&j, '}');
    buf_putc(&out, '\n');
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code;
}

static int run(const struct import_arguments *o, const struct option_list *files)
{
    struct import_result result;
    struct error e = {0};
    struct import_options how = {.format = o->format,
                                 .facts = o->facts.items,
                                 .fact_count = o->facts.count,
                                 .picks = o->picks.items,
                                 .pick_count = o->picks.count,
                                 .summarise = info_summarise};
    if (import_files(files->items, files->count, o->output, &how, &result, &e))
        return command_fail(&e);
    return print_result(o, &result);
}

static int check(const struct import_arguments *o, const struct option_list *files, struct error *e)
{
    if (!files->count)
        return error_set(e, TT_USAGE, "import wants a file; 'toktape import --help' shows how");
    if (files->count > IMPORT_FILES_MAX)
        return error_set(e, TT_USAGE, "import takes at most %d files", IMPORT_FILES_MAX);
    if (!o->output || !*o->output)
        return error_set(e, TT_USAGE, "import wants -o FILE, or '-o -' for standard output");
    return TT_OK;
}

int cmd_import(int argc, char **argv)
{
    struct import_arguments o = {0};
    struct option_list operands = {0};
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE)
        code = check(&o, &operands, &e) ? command_fail(&e) : run(&o, &operands);
    options_release(&help, &o, &operands);
    return code;
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stddef.h>

#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/jsonout.h"
#include "formats/schema.h" /* ABSENT */
#include "formats/textsafe.h"
#include "formats/trace_check.h"

int cmd_check(int argc, char **argv);

#define UNREADABLE 5

struct check_options {
    const char *output;
    int json, quiet;
};

#define AT(member) offsetof(struct check_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write here instead of to standard output", AT(output)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "as JSON", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "say nothing; the exit code tells", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "check", "TRACE...", "Is a trace intact? Looks at every block and at what they say of each other.",
    options,
    "One line for each finding, and one with the verdict: checksums, order and decoding of all blocks; "
    "counts and "
    "digests against what END states; whether what rows name is there; whether times can be. '-' is standard "
    "input.\n\n"
    "The exit code is 0 for intact traces, 3 when one is truncated (its end is missing, all before it is "
    "good) or was "
    "repaired, 4 when one is damaged, 5 when one could not be read.\n\n"
    "--json: {\"traces\": [{\"trace\", \"verdict\", \"blocks\", \"bytes\", \"good_bytes\", "
    "\"findings_total\", \"findings\": [{\"severity\", \"offset\", \"block\", \"text\"}]}]}; \"block\" is "
    "null where none could be read. At most 100 findings are listed. A trace that could not be read has the "
    "verdict unreadable, and \"error\"."};

static void put_text(const char *path, const struct trace_check *c, struct buf *out)
{
    uint64_t listed = c->total < CHECK_FINDINGS_MAX ? c->total : CHECK_FINDINGS_MAX;
    for (uint64_t i = 0; i < listed; i++) {
        const struct check_finding *f = &c->findings[i];
        text_plain(out, path);
        buf_printf(out, ": %s: byte %" PRIu64, check_severity_name(f->severity), f->offset);
        if (f->block != ABSENT)
            buf_printf(out, ", block %" PRIu64, f->block);
        buf_puts(out, ": ");
        text_plain(out, f->text);
        buf_putc(out, '\n');
    }
    text_plain(out, path);
    if (c->total > listed)
        buf_printf(out, ": … and %" PRIu64 " more findings\n", c->total - listed);
    if (c->total > listed)
        text_plain(out, path);
    buf_printf(out, ": %s: %" PRIu64 " blocks, %" PRIu64 " bytes", check_verdict_name(c->verdict), c->blocks,
               c->bytes);
    if (c->verdict >= CHECK_TRUNCATED)
        buf_printf(out, "; good up to byte %" PRIu64, c->good_bytes);
    buf_putc(out, '\n');
}

static void put_finding(const struct check_finding *f, struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_string(j, "severity", check_severity_name(f->severity));
    jsonout_field_u64(j, "offset", f->offset);
    jsonout_field_u64(j, "block", f->block);
    jsonout_field_string(j, "text", f->text);
    jsonout_end(j, '}');
}

static void put_json(const char *path, const struct trace_check *c, struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_string(j, "trace", path);
    jsonout_field_string(j, "verdict", check_verdict_name(c->verdict));
    jsonout_field_u64(j, "blocks", c->blocks);
    jsonout_field_u64(j, "bytes", c->bytes);
    jsonout_field_u64(j, "good_bytes", c->good_bytes);
    jsonout_field_u64(j, "findings_total", c->total);
    jsonout_key(j, "findings");
    jsonout_array(j);
    for (uint64_t i = 0; i < c->total && i < CHECK_FINDINGS_MAX; i++)
        put_finding(&c->findings[i], j);
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}

static void put_unreadable(const char *path, const struct error *why, struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_string(j, "trace", path);
    jsonout_field_string(j, "verdict", "unreadable");
    jsonout_field_string(j, "error", why->text);
    jsonout_end(j, '}');
}

static int code_of(enum check_verdict verdict)
{
    return verdict == CHECK_INTACT ? 0 : verdict == CHECK_DAMAGED ? 4 : 3;
}

/* One that cannot be read does not keep the others from being checked. Returns the worst exit code. */
static int check_all(const struct option_list *traces, const struct check_options *o,
                     struct trace_check *check, struct buf *out)
{
    struct jsonout j;
    int worst = 0;
    jsonout_init(&j, out, 2);
    if (o->json) {
        jsonout_object(&j);
        jsonout_key(&j, "traces");
        jsonout_array(&j);
    }
    for (size_t i = 0; i < traces->count; i++) {
        struct error e = {0};
        int status = trace_check(check, traces->items[i], &e),
            code = status ? UNREADABLE : code_of(check->verdict);
        if (status)
            command_fail(&e);
        if (status && o->json)
            put_unreadable(traces->items[i], &e, &j);
        else if (status)
            ;
        else if (o->json)
            put_json(traces->items[i], check, &j);
        else if (!o->quiet)
            put_text(traces->items[i], check, out);
        worst = code > worst ? code : worst;
    }
    if (o->json) {
        jsonout_end(&j, ']');
        jsonout_end(&j, '}');
        buf_putc(out, '\n');
    }
    return worst;
}

static int run(const struct check_options *o, const struct option_list *traces)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    struct trace_check *check = mem_zalloc(1, sizeof *check);
    if (!traces->count)
        error_set(&e, TT_USAGE, "check wants a trace; 'toktape check --help' shows how");
    else if (!check)
        error_set(&e, TT_NOMEM, "out of memory");
    int code = e.code ? command_fail(&e) : check_all(traces, o, check, &out);
    int delivered = e.code || (!out.len && !out.failed) ? 0 : command_deliver(o->output, &out);
    mem_free(check);
    buf_release(&out);
    return delivered ? delivered : code;
}

int cmd_check(int argc, char **argv)
{
    struct check_options values = {0};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = run(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "analyze/tape.h"
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/digest.h"
#include "formats/io.h"
#include "formats/jsonout.h"
#include "record/discipline.h"
#include "record/drive.h"
#include "record/request.h"
#include "replay/again.h"

int cmd_replay(int argc, char **argv);

#define THINK_MAX_S 86400 /* of --think-max */
#define AS_RECORDED UINT64_MAX

struct replay_options {
    struct drive_options drive; /* first: its options' offsets are ours */
    const char *pace, *interleave;
    struct option_list restart_cmds, outputs; /* one, or one for each side of --interleave */
    double think_max;
    int dry_run, allow_incomplete;
};

#define AT(member)    offsetof(struct replay_options, member)
#define DRIVE(member) AT(drive) + offsetof(struct drive_options, member)

static const struct option_def own_options[] = {
    {"url", 0, OPTION_TEXT, "URL", NULL,
     "where the engine listens, such as http://127.0.0.1:8080; nothing else is contacted, whatever the trace "
     "says",
     DRIVE(url)},
    {"output", 'o', OPTION_LIST, "FILE", NULL,
     "the new trace; default: named after engine, version and model. Nothing is overwritten. Twice with "
     "--interleave",
     AT(outputs)},
    {"interleave", 0, OPTION_TEXT, "URL,URL", NULL,
     "instead of --url: send each repeat to the one engine, then to the other; a trace of each",
     AT(interleave)},
    {"restart-cmd", 0, OPTION_LIST, "COMMAND", NULL,
     "shell command that restarts the engine; before each cold phase, or, with --interleave, where each "
     "engine has one, before each repeat",
     AT(restart_cmds)},
    {"pace", 0, OPTION_CHOICE, NULL, "asap|recorded|think",
     "when requests are sent: each after the one before (default); on the recorded schedule, however long "
     "the engine takes; or as long after an answer's end as recorded",
     AT(pace)},
    {"think-max", 0, OPTION_REAL, "SECONDS", NULL,
     "a recorded time between two requests counts at most this much (default 600)", AT(think_max)},
    {"runs", 0, OPTION_COUNT, "N", NULL, "how often the whole recording is sent (default 1)", DRIVE(runs)},
    {"concurrency", 0, OPTION_COUNT, "N", NULL,
     "N conversations at once, where each repeat of the recording is one; too few of them are sent several "
     "times at once (default: as recorded)",
     DRIVE(concurrency)},
    {"dry-run", 0, OPTION_FLAG, NULL, NULL, "send nothing: print each request's size and SHA-256",
     AT(dry_run)},
    {"model", 0, OPTION_TEXT, "NAME", NULL, "put this model into every request (default: as recorded)",
     DRIVE(model)},
    {"extra-body", 0, OPTION_TEXT, "JSON", NULL,
     "object merged on top of every request (default: as recorded)", DRIVE(extra_body)},
    {"cold", 0, OPTION_CHOICE, NULL, "restart|reset|nonce|keep",
     "how the prompt cache is kept away from phases that must be cold, beside what the recorded request does "
     "itself (default keep; restart when there is a command for it); nonce changes requests",
     DRIVE(cold)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept a trace whose end is missing",
     AT(allow_incomplete)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

/* Ours say these in other words, or the recording decides. */
static const char *const left_out[] = {"url",        "output",      "runs",  "concurrency", "model",
                                       "extra-body", "cold",        "pause", "workload",    "only",
                                       "skip-long",  "restart-cmd", "live",  "calibrate",   NULL};

static struct option_def options[DRIVE_OPTIONS_MAX];

static const struct command_help help = {
    "replay", "TRACE",
    "Sends the requests of a trace again, byte for byte, and writes what comes back into a new trace.",
    options,
    "--model, --extra-body and --cold nonce change requests; the new trace names each of them, and the trace "
    "that it was made from. It also says how faithful it was: bodies identical, send lag, answers equal and "
    "where they part; 'toktape info' shows that. Exit codes are those of record.\n\n"
    "examples:\n"
    "  toktape replay before.toktape --url http://127.0.0.1:8080 -o after.toktape\n"
    "  toktape replay before.toktape --dry-run\n"
    "  toktape replay before.toktape --interleave http://127.0.0.1:8080,http://127.0.0.1:8081 --runs 5 \\\n"
    "    --restart-cmd ./restart-old --restart-cmd ./restart-new -o old.toktape -o new.toktape"};

/* `recorded`: conversations at once, where the options do not say. */
static int check_drive(struct replay_options *o, uint64_t recorded, struct error *e)
{
    uint64_t given = o->drive.concurrency;
    o->drive.concurrency = given == AS_RECORDED ? recorded : given;
    int status = drive_check(&o->drive, e);
    o->drive.concurrency = given;
    return status;
}

static int check_outputs(const struct option_list *outputs, struct error *e)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (strcmp(outputs->items[i], "-") == 0)
            return error_set(e, TT_USAGE, "two traces do not fit into standard output");
        if (io_exists(outputs->items[i]))
            return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", outputs->items[i]);
    }
    if (outputs->count == 2 && strcmp(outputs->items[0], outputs->items[1]) == 0)
        return error_set(e, TT_USAGE, "the two traces want names of their own");
    return TT_OK;
}

/* One engine for both sides would be restarted by each under the other's eyes. */
static int check_urls(const char *urls, struct error *e)
{
    const char *comma = strchr(urls, ',');
    size_t len = comma ? (size_t)(comma - urls) : 0;
    if (!len || !comma[1] || strchr(comma + 1, ','))
        return error_set(e, TT_USAGE, "--interleave wants two URLs with a comma between them");
    if (strlen(comma + 1) == len && strncmp(urls, comma + 1, len) == 0)
        return error_set(e, TT_USAGE, "--interleave wants the URLs of two engines, not one of them twice");
    return TT_OK;
}

static int check_sides(struct replay_options *o, struct error *e)
{
    struct drive_options *d = &o->drive;
    if (d->url || o->dry_run || d->engine_cmd || d->engine_pid || d->power_csv)
        return error_set(e, TT_USAGE,
                         "--interleave goes with neither of --url, --dry-run, --engine-cmd, --engine-pid and "
                         "--power-csv");
    if (d->cold)
        return error_set(e, TT_USAGE,
                         "--cold has no place beside --interleave: --restart-cmd restarts the "
                         "engines before each repeat");
    if (o->restart_cmds.count % 2 || o->restart_cmds.count > 2)
        return error_set(e, TT_USAGE, "--interleave wants --restart-cmd for both of the engines or for none");
    if (o->outputs.count % 2 || o->outputs.count > 2)
        return error_set(e, TT_USAGE, "--interleave wants --output for both of the traces or for none");
    d->cold = o->restart_cmds.count ? "restart" : "keep";
    d->restart_cmd = o->restart_cmds.count ? o->restart_cmds.items[0] : NULL;
    int status = check_urls(o->interleave, e);
    if (!status)
        status = check_outputs(&o->outputs, e);
    return status ? status : check_drive(o, 1, e);
}

static int check(struct replay_options *o, const struct option_list *operands, struct error *e)
{
    struct drive_options *d = &o->drive;
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "replay wants one trace; 'toktape replay --help' shows how");
    if (o->interleave)
        return check_sides(o, e);
    if (!d->url && !o->dry_run)
        return error_set(e, TT_USAGE, "replay wants --url URL, --interleave URL,URL or --dry-run");
    if (o->restart_cmds.count > 1 || o->outputs.count > 1)
        return error_set(e, TT_USAGE,
                         "--restart-cmd and --output are given once, twice only with --interleave");
    d->restart_cmd = o->restart_cmds.count ? o->restart_cmds.items[0] : NULL;
    d->output = o->outputs.count ? o->outputs.items[0] : NULL;
    if (o->think_max > THINK_MAX_S)
        return error_set(e, TT_USAGE, "--think-max takes at most %d seconds", THINK_MAX_S);
    if (o->dry_run && d->cold && strcmp(d->cold, "nonce") == 0)
        return error_set(e, TT_USAGE, "--dry-run cannot foresee nonces: leave out --cold nonce");
    if (!d->cold)
        d->cold = d->restart_cmd ? "restart" : "keep";
    return check_drive(o, 1, e);
}

/* ---- without sending ---- */

struct planned {
    char sha256[SHA256_HEX_BYTES], recorded_sha256[SHA256_HEX_BYTES];
    size_t bytes;
};

static void hash(const struct buf *bytes, char hex[SHA256_HEX_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    sha256_of(bytes->data, bytes->len, digest);
    sha256_hex(digest, hex);
}

static int plan(const struct replay_options *o, const struct script *script, size_t index,
                struct planned *planned, struct error *e)
{
    struct buf recorded;
    struct request_body body;
    struct request_options changes = {.model = o->drive.model, .extra_body = o->drive.extra_body};
    buf_init(&recorded, BODY_MAX);
    request_body_init(&body);
    int status = script_body(script, index, &recorded, e);
    if (!status)
        status = request_body_again(&body, buf_bytes(&recorded), &changes, e);
    if (!status) {
        hash(&recorded, planned->recorded_sha256);
        hash(&body.bytes, planned->sha256);
        planned->bytes = body.bytes.len;
    }
    buf_release(&recorded);
    request_body_release(&body);
    return status;
}

static void put_text(const struct script *script, const struct script_run *run, const struct planned *p,
                     struct buf *out)
{
    int same = strcmp(p->sha256, p->recorded_sha256) == 0;
    buf_printf(out, "%llu  %-16s  %8zu  %s%s\n", (unsigned long long)run->repeat,
               script->workload.phases[run->phase].name, p->bytes, p->sha256, same ? "" : "  changed");
}

static void put_json(const struct script *script, const struct script_run *run, const struct planned *p,
                     struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_u64(j, "repeat", run->repeat);
    jsonout_field_string(j, "phase", script->workload.phases[run->phase].name);
    jsonout_field_u64(j, "bytes", p->bytes);
    jsonout_field_string(j, "sha256", p->sha256);
    jsonout_field_string(j, "recorded_sha256", p->recorded_sha256);
    jsonout_field_bool(j, "identical", strcmp(p->sha256, p->recorded_sha256) == 0);
    jsonout_end(j, '}');
}

static int plan_all(const struct replay_options *o, const struct script *script, struct buf *out,
                    struct error *e)
{
    struct jsonout j;
    int status = TT_OK;
    jsonout_init(&j, out, 2);
    if (o->drive.json) {
        jsonout_object(&j);
        jsonout_field_string(&j, "parent", script->content_id);
        jsonout_key(&j, "requests");
        jsonout_array(&j);
    }
    for (size_t i = 0; i < script->count && !status; i++) {
        struct planned planned;
        status = plan(o, script, i, &planned, e);
        if (!status && o->drive.json)
            put_json(script, &script->runs[i], &planned, &j);
        else if (!status)
            put_text(script, &script->runs[i], &planned, out);
    }
    if (o->drive.json) {
        jsonout_end(&j, ']');
        jsonout_end(&j, '}');
        buf_putc(out, '\n');
    }
    return status || !out->failed
               ? status
               : error_set(e, (enum tt_err)out->failed, "the result does not fit in memory");
}

static int dry_run(const struct replay_options *o, const struct script *script)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    int code = plan_all(o, script, &out, &e) ? command_fail(&e) : command_deliver(o->drive.output, &out);
    buf_release(&out);
    return code;
}

/* ---- sending ---- */

static enum session_pace pace_of(const char *name)
{
    if (strcmp(name, "recorded") == 0)
        return PACE_RECORDED;
    return strcmp(name, "think") == 0 ? PACE_THINK : PACE_ASAP;
}

static void list_substitutions(const struct drive_options *o, const char *names[4])
{
    size_t count = 0;
    if (o->model)
        names[count++] = "model";
    if (o->extra_body)
        names[count++] = "extra_body";
    if (strcmp(o->cold, "nonce") == 0)
        names[count++] = "nonce";
    names[count] = NULL;
}

static int send_all(const struct replay_options *o, const struct script *script)
{
    struct drive_options drive = o->drive;
    struct again again;
    struct error e = {0};
    const char *names[4];
    list_substitutions(&drive, names);
    drive.pause = 0;
    int code;
    uint64_t in_bursts = drive.concurrency > 1 ? drive.concurrency : 0;
    if (again_init(&again, script, o->drive.runs, in_bursts, TAPE_RUNS_MAX, &e)) {
        code = command_fail(&e);
    } else {
        struct session_script session = again_script(&again, pace_of(o->pace), names);
        drive.runs = drive.concurrency > 1 ? session.bursts : o->drive.runs * script->repeats;
        code = drive_run(&drive, &script->workload, &session);
    }
    again_release(&again);
    return code;
}

/* Both engines are there all the time, which is what a person asks for here. Nobody asks the one for its
 * numbers while the other is measured. */
static struct drive_options drive_of_side(const struct replay_options *o, int side, const char *url)
{
    struct drive_options drive = o->drive;
    drive.url = url;
    drive.output = o->outputs.count ? o->outputs.items[side] : NULL;
    drive.restart_cmd = o->restart_cmds.count ? o->restart_cmds.items[side] : NULL;
    drive.accepted |= 1u << CHECK_RESIDENT;
    drive.by_bursts = drive.no_poll = 1;
    drive.pause = 0;
    return drive;
}

static int send_in_turn(const struct replay_options *o, const struct script *script,
                        const char *const urls[2])
{
    static const char *const names[] = {"A", "B"};
    const char *substitutions[4];
    struct again again[2] = {{0}};
    struct drive_options drives[2];
    struct session_script scripts[2];
    struct error e = {0};
    int status = TT_OK;
    list_substitutions(&o->drive, substitutions);
    for (int i = 0; i < 2 && !status; i++) {
        status = again_init(&again[i], script, o->drive.runs, o->drive.concurrency, TAPE_RUNS_MAX, &e);
        if (status)
            break;
        scripts[i] = again_script(&again[i], pace_of(o->pace), substitutions);
        scripts[i].side = names[i];
        drives[i] = drive_of_side(o, i, urls[i]);
        drives[i].runs = scripts[i].bursts;
    }
    int code = status ? command_fail(&e) : drive_in_turn(drives, &script->workload, scripts);
    again_release(&again[0]);
    again_release(&again[1]);
    return code;
}

static int interleave(const struct replay_options *o, const struct script *script)
{
    size_t len = strcspn(o->interleave, ",");
    struct error e = {0};
    char *first = mem_strndup(o->interleave, len);
    if (!first) {
        error_set(&e, TT_NOMEM, "out of memory");
        return command_fail(&e);
    }
    const char *const urls[] = {first, o->interleave + len + 1};
    int code = send_in_turn(o, script, urls);
    mem_free(first);
    return code;
}

static int send(const struct replay_options *o, const struct script *script)
{
    if (o->dry_run)
        return dry_run(o, script);
    return o->interleave ? interleave(o, script) : send_all(o, script);
}

static int replay(struct replay_options *o, const char *path)
{
    struct script script;
    struct script_options reading = {.allow_incomplete = o->allow_incomplete,
                                     .gap_max_ns = (uint64_t)(o->think_max * 1e9),
                                     .without_answers = o->dry_run};
    struct error e = {0};
    int code;
    int status = script_load(&script, path, &reading, &e);
    if (!status)
        status = check_drive(o, script.concurrency, &e);
    if (!status && o->drive.concurrency == AS_RECORDED)
        o->drive.concurrency = script.concurrency;
    if (!status && !o->drive.quiet && script.has_long_gaps && strcmp(o->pace, "asap") != 0)
        command_warn("recorded times between requests longer than --think-max count as %g s", o->think_max);
    if (status)
        code = command_fail(&e);
    else
        code = send(o, &script);
    if (!code && script.is_incomplete)
        code = 3;
    script_release(&script);
    return code;
}

int cmd_replay(int argc, char **argv)
{
    struct replay_options o = {.pace = "asap", .think_max = 600};
    struct option_list operands = {0};
    struct error e = {0};
    drive_defaults(&o.drive);
    o.drive.cold = NULL;
    o.drive.concurrency = AS_RECORDED;
    drive_options_without(left_out, own_options, options);
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE) {
        if (check(&o, &operands, &e))
            code = command_fail(&e);
        else
            code = replay(&o, operands.items[0]);
    }
    options_release(&help, &o, &operands);
    return code;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "analyze/tape.h"
#include "formats/command.h"
#include "formats/digest.h"
#include "formats/jsonout.h"
#include "record/drive.h"
#include "record/request.h"
#include "replay/again.h"

int cmd_replay(int argc, char **argv);

#define THINK_MAX_S 86400 /* of --think-max */
#define AS_RECORDED UINT64_MAX

struct replay_options {
    struct drive_options drive; /* first: its options' offsets are ours */
    const char *pace;
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
    {"output", 'o', OPTION_TEXT, "FILE", NULL,
     "the new trace; default: named after engine, version and model. Nothing is overwritten", DRIVE(output)},
    {"pace", 0, OPTION_CHOICE, NULL, "asap|recorded|think",
     "when requests are sent: each after the one before (default); on the recorded schedule, however long "
     "the engine "
     "takes; or as long after an answer's end as recorded",
     AT(pace)},
    {"think-max", 0, OPTION_REAL, "SECONDS", NULL,
     "a recorded time between two requests counts at most this much (default 600)", AT(think_max)},
    {"runs", 0, OPTION_COUNT, "N", NULL, "how often the whole recording is sent (default 1)", DRIVE(runs)},
    {"concurrency", 0, OPTION_COUNT, "N", NULL,
     "N conversations at once, where each repeat of the recording is one; too few of them are sent several "
     "times at "
     "once (default: as recorded)",
     DRIVE(concurrency)},
    {"dry-run", 0, OPTION_FLAG, NULL, NULL, "send nothing: print each request's size and SHA-256",
     AT(dry_run)},
    {"model", 0, OPTION_TEXT, "NAME", NULL, "put this model into every request (default: as recorded)",
     DRIVE(model)},
    {"extra-body", 0, OPTION_TEXT, "JSON", NULL,
     "object merged on top of every request (default: as recorded)", DRIVE(extra_body)},
    {"cold", 0, OPTION_CHOICE, NULL, "restart|reset|nonce|keep",
     "how the prompt cache is kept away from phases that must be cold, beside what the recorded request does "
     "itself "
     "(default keep; restart when there is a command for it); nonce changes requests",
     DRIVE(cold)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept a trace whose end is missing",
     AT(allow_incomplete)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

/* Ours say these in other words, or the recording decides. */
static const char *const left_out[] = {"url",  "output", "runs",     "concurrency", "model",     "extra-body",
                                       "cold", "pause",  "workload", "only",        "skip-long", NULL};

static struct option_def options[DRIVE_OPTIONS_MAX];

static const struct command_help help = {
    "replay", "TRACE",
    "Sends the requests of a trace again, byte for byte, and writes what comes back into a new trace.",
    options,
    "--model, --extra-body and --cold nonce change requests; the new trace names each of them, and the trace "
    "that it "
    "was made from. It also says how faithful it was: bodies identical, send lag, answers equal and where "
    "they part; "
    "'toktape info' shows that. Exit codes are those of record.\n\n"
    "examples:\n"
    "  toktape replay before.toktape --url http://127.0.0.1:8080 -o after.toktape\n"
    "  toktape replay before.toktape --dry-run"};

/* `recorded`: conversations at once, where the options do not say. */
static int check_drive(struct replay_options *o, uint64_t recorded, struct error *e)
{
    uint64_t given = o->drive.concurrency;
    o->drive.concurrency = given == AS_RECORDED ? recorded : given;
    int status = drive_check(&o->drive, e);
    o->drive.concurrency = given;
    return status;
}

static int check(struct replay_options *o, const struct option_list *operands, struct error *e)
{
    struct drive_options *d = &o->drive;
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "replay wants one trace; 'toktape replay --help' shows how");
    if (!d->url && !o->dry_run)
        return error_set(e, TT_USAGE, "replay wants --url URL, or --dry-run");
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
        status = request_body_again(&body, (struct bytes){recorded.data, recorded.len}, &changes, e);
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
    if (again_init(&again, script, o->drive.runs, drive.concurrency, TAPE_RUNS_MAX, &e)) {
        code = command_fail(&e);
    } else {
        struct session_script session = again_script(&again, pace_of(o->pace), names);
        drive.runs = drive.concurrency > 1 ? session.bursts : o->drive.runs * script->repeats;
        code = drive_run(&drive, &script->workload, &session);
    }
    again_release(&again);
    return code;
}

static int replay(struct replay_options *o, const char *path)
{
    struct script script;
    struct script_options reading = {o->allow_incomplete, (uint64_t)(o->think_max * 1e9)};
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
        code = o->dry_run ? dry_run(o, &script) : send_all(o, &script);
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

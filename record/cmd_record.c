/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analyze/info.h"
#include "analyze/summary.h"
#include "analyze/tape.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/jsonout.h"
#include "record/discipline.h"
#include "record/display.h"
#include "record/engine_command.h"
#include "record/request.h"
#include "record/session.h"

int cmd_record(int argc, char **argv);

#define SECONDS_MAX     10000000 /* four months */
#define SUMMARY_COLUMNS 80       /* at most; less on a narrower terminal */

struct record_options {
    const char *url, *output, *workload, *model, *extra_body, *api_key_env, *cold, *restart_cmd, *engine_cmd,
        *purge_cmd, *accept, *power, *power_csv;
    uint64_t runs, seed, engine_pid;
    double engine_timeout, pause, timeout, stall_timeout, sample_hz, idle;
    struct option_list only, headers, labels;
    int skip_long, no_content, no_tokenise, reset_peaks, hash_model, no_poll, json, quiet;
    unsigned accepted;
};

#define AT(member) offsetof(struct record_options, member)

static const struct option_def options[] = {
    {"url", 0, OPTION_TEXT, "URL", NULL, "where the engine listens, such as http://127.0.0.1:8080", AT(url)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL,
     "the trace; default: named after engine, version and model. Nothing is overwritten", AT(output)},
    {"workload", 0, OPTION_TEXT, "NAME|FILE", NULL, "a built-in workload or a JSON file (default agentic-8)",
     AT(workload)},
    {"runs", 0, OPTION_COUNT, "N", NULL, "how often the workload is repeated (default 1)", AT(runs)},
    {"only", 0, OPTION_LIST, "PHASE", NULL, "only this phase; may be repeated", AT(only)},
    {"skip-long", 0, OPTION_FLAG, NULL, NULL, "leave out the long-context phases", AT(skip_long)},
    {"pause", 0, OPTION_REAL, "SECONDS", NULL, "wait so long between runs, varied by a quarter (default 0.5)",
     AT(pause)},
    {"timeout", 0, OPTION_REAL, "SECONDS", NULL, "give up on a run after this long (default 1800)",
     AT(timeout)},
    {"stall-timeout", 0, OPTION_REAL, "SECONDS", NULL,
     "give up on a run after this long a silence; 0: never (default 600)", AT(stall_timeout)},
    {"model", 0, OPTION_TEXT, "NAME", NULL, "model to ask for (default: the one the engine names)",
     AT(model)},
    {"extra-body", 0, OPTION_TEXT, "JSON", NULL, "object merged on top of every request", AT(extra_body)},
    {"header", 0, OPTION_LIST, "LINE", NULL, "'Name: value', sent with every request; may be repeated",
     AT(headers)},
    {"api-key-env", 0, OPTION_TEXT, "NAME", NULL,
     "environment variable with the API key; it is stored nowhere", AT(api_key_env)},
    {"label", 0, OPTION_LIST, "NAME=VALUE", NULL, "a note of your own, kept in the trace; may be repeated",
     AT(labels)},
    {"cold", 0, OPTION_CHOICE, NULL, "auto|restart|request|reset|nonce|keep",
     "how the prompt cache is kept away from phases that must be cold (default auto: the best the engine "
     "offers)",
     AT(cold)},
    {"restart-cmd", 0, OPTION_TEXT, "COMMAND", NULL,
     "shell command that restarts the engine, for --cold restart", AT(restart_cmd)},
    {"engine-cmd", 0, OPTION_TEXT, "COMMAND", NULL,
     "shell command that runs the engine: started first, waited for, stopped at the end with all its "
     "processes",
     AT(engine_cmd)},
    {"engine-timeout", 0, OPTION_REAL, "TIME", NULL,
     "how many seconds --engine-cmd may take to answer (default 600)", AT(engine_timeout)},
    {"engine-pid", 0, OPTION_COUNT, "PID", NULL,
     "the engine's process (default: whoever listens on the URL's port)", AT(engine_pid)},
    {"purge-cmd", 0, OPTION_TEXT, "COMMAND", NULL,
     "shell command that drops the page cache, run before the first run and before each restart",
     AT(purge_cmd)},
    {"reset-peaks", 0, OPTION_FLAG, NULL, NULL,
     "let the kernel track the engine's peak memory for each run; takes back the peak that the engine had "
     "before",
     AT(reset_peaks)},
    {"hash-model", 0, OPTION_FLAG, NULL, NULL, "add the SHA-256 of the model's file, after the last run",
     AT(hash_model)},
    {"no-poll", 0, OPTION_FLAG, NULL, NULL, "do not ask the engine for its own numbers during runs",
     AT(no_poll)},
    {"accept", 0, OPTION_TEXT, "LIST", NULL,
     "record in spite of resident, context, power-mode, swap, thermal or all; every table says so",
     AT(accept)},
    {"sample-hz", 0, OPTION_REAL, "HZ", NULL, "sensor readings a second, at most (default 10; 0: none)",
     AT(sample_hz)},
    {"no-content", 0, OPTION_FLAG, NULL, NULL,
     "mask the words of requests, answers and probes before anything is written; figures stay",
     AT(no_content)},
    {"power", 0, OPTION_TEXT, "auto|none|LIST", NULL,
     "sources of power, such as rapl,nvml (default auto: all that work here; 'toktape doctor' lists them)",
     AT(power)},
    {"power-csv", 0, OPTION_TEXT, "FILE", NULL,
     "readings of an external meter (time; watts or joules), read when the runs are over", AT(power_csv)},
    {"idle", 0, OPTION_REAL, "SECONDS", NULL,
     "do nothing for so long before and after the runs, to learn the machine's idle power; 0: not at all "
     "(default: 5 to 30 when there is a source of power)",
     AT(idle)},
    {"no-tokenise", 0, OPTION_FLAG, NULL, NULL,
     "do not ask the engine for its prompts' token ids after the runs", AT(no_tokenise)},
    {"seed", 0, OPTION_COUNT, "N", NULL, "seed of pauses and nonces (default 1)", AT(seed)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print what was recorded as JSON instead of a table", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "neither progress nor the table", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "record", "--url URL",
    "Drives a workload against an engine and writes everything that arrives, and when, into a trace.",
    options,
    "The trace holds request and response bodies verbatim, unless --no-content masks them. Ctrl-C closes it "
    "properly with what was recorded "
    "so far. "
    "The exit code is 0 even with failed runs (they are data), 5 when none succeeded or the trace could not "
    "be written, 6 when interrupted.\n\n"
    "examples:\n"
    "  toktape record --url http://127.0.0.1:8080 --runs 5\n"
    "  toktape record --url http://127.0.0.1:8080 --skip-long --label power=ac -o before.toktape"};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* A second Ctrl-C kills: the handler is there only once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* A recording that no reader takes would be found out too late. */
static int open_workload(const struct record_options *o, struct workload *workload, struct error *e)
{
    int status = workload_open(workload, o->workload, e);
    if (!status && o->runs > TAPE_RUNS_MAX / workload->phase_count)
        status =
            error_set(e, TT_USAGE, "%llu repeats of %zu phases are over the %zu runs that a trace may have",
                      (unsigned long long)o->runs, workload->phase_count, TAPE_RUNS_MAX);
    return status;
}

static int check_engine(struct record_options *o, struct error *e)
{
    if (o->engine_cmd && !*o->engine_cmd)
        return error_set(e, TT_USAGE, "--engine-cmd wants a command");
    if (o->engine_cmd && o->engine_pid)
        return error_set(e, TT_USAGE,
                         "--engine-cmd and --engine-pid are two ways to name one engine: give one");
    if (o->engine_timeout > SECONDS_MAX)
        return error_set(e, TT_USAGE, "--engine-timeout takes at most %d seconds", SECONDS_MAX);
    if (o->reset_peaks && o->sample_hz <= 0)
        return error_set(e, TT_USAGE, "--reset-peaks needs sensors: leave out --sample-hz 0");
    return discipline_parse_accepted(o->accept, &o->accepted, e);
}

static int check(struct record_options *o, const struct option_list *operands, struct error *e)
{
    if (!o->url)
        return error_set(e, TT_USAGE, "record wants --url URL; 'toktape record --help' shows how");
    if (operands->count)
        return error_set(e, TT_USAGE, "record takes no '%s'", operands->items[0]);
    if (o->output && !*o->output)
        return error_set(e, TT_USAGE, "--output wants the name of a file, or '-' for standard output");
    if (!o->runs || o->runs > 10000)
        return error_set(e, TT_USAGE, "--runs wants a number from 1 to 10000");
    if (o->idle > SECONDS_MAX)
        return error_set(e, TT_USAGE, "--idle takes at most %d seconds", SECONDS_MAX);
    if (o->sample_hz == 0 && strcmp(o->power, "auto") != 0 && strcmp(o->power, "none") != 0)
        return error_set(e, TT_USAGE, "--power %s cannot be read with --sample-hz 0", o->power);
    if (o->pause > SECONDS_MAX || o->timeout > SECONDS_MAX || o->stall_timeout > SECONDS_MAX)
        return error_set(e, TT_USAGE, "--pause, --timeout and --stall-timeout take at most %d seconds",
                         SECONDS_MAX);
    if (strcmp(o->cold, "restart") == 0 && !o->restart_cmd && !o->engine_cmd)
        return error_set(e, TT_USAGE, "--cold restart needs --restart-cmd COMMAND or --engine-cmd COMMAND");
    if (check_engine(o, e))
        return TT_USAGE;
    if (o->api_key_env && !getenv(o->api_key_env))
        return error_set(e, TT_USAGE, "there is no environment variable '%s'", o->api_key_env);
    if (o->api_key_env && !*getenv(o->api_key_env))
        return error_set(e, TT_USAGE, "the environment variable '%s' is empty", o->api_key_env);
    return o->extra_body ? request_check_extra_body(o->extra_body, e) : TT_OK;
}

static struct session_options session_options_of(const struct record_options *o,
                                                 const struct workload *workload)
{
    return (struct session_options){.url = o->url,
                                    .workload = workload,
                                    .output = o->output,
                                    .model = o->model,
                                    .runs = o->runs,
                                    .only = o->only.items,
                                    .only_count = o->only.count,
                                    .skip_long = o->skip_long,
                                    .pause_s = o->pause,
                                    .timeout_s = o->timeout,
                                    .stall_s = o->stall_timeout,
                                    .sample_hz = o->sample_hz,
                                    .extra_body = o->extra_body,
                                    .headers = o->headers.items,
                                    .header_count = o->headers.count,
                                    .api_key = o->api_key_env ? getenv(o->api_key_env) : NULL,
                                    .labels = o->labels.items,
                                    .label_count = o->labels.count,
                                    .cold = o->cold,
                                    .restart_cmd = o->restart_cmd,
                                    .no_tokenise = o->no_tokenise,
                                    .seed = o->seed,
                                    .without_content = o->no_content,
                                    .reset_peaks = o->reset_peaks,
                                    .hash_model = o->hash_model,
                                    .no_poll = o->no_poll,
                                    .engine_pid = o->engine_pid,
                                    .engine_cmd = o->engine_cmd,
                                    .engine_timeout_s = o->engine_timeout,
                                    .purge_cmd = o->purge_cmd,
                                    .accepted = o->accepted,
                                    .power = o->sample_hz > 0 ? o->power : "none",
                                    .power_csv = o->power_csv,
                                    .idle_s = o->idle};
}

static int put_json(const struct tape *tape, struct buf *out)
{
    struct jsonout j;
    cJSON *info = info_of_tape(tape);
    jsonout_init(&j, out, 2);
    if (info)
        info_put_json(info, &j);
    cJSON_Delete(info);
    buf_putc(out, '\n');
    return info ? out->failed : TT_NOMEM;
}

static int summary_columns(void)
{
    struct winsize size;
    int is_terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20;
    return is_terminal && size.ws_col < SUMMARY_COLUMNS ? size.ws_col : SUMMARY_COLUMNS;
}

/* What is shown comes from the trace itself, by the same way as any report. */
static int print_result(const char *path, int as_json, struct error *e)
{
    struct tape tape;
    struct tape_options reading = {0};
    struct buf out = BUF_INIT;
    const char *no_colour = getenv("NO_COLOR");
    int colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
    int status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = as_json ? put_json(&tape, &out) : summary_text(&tape, summary_columns(), colour, &out, e);
    if (status == TT_NOMEM)
        error_set(e, TT_NOMEM, "out of memory for the summary");
    if (!status)
        status = io_write_all(STDOUT_FILENO, out.data, out.len, "standard output", e);
    buf_release(&out);
    tape_release(&tape);
    return status == TT_CLOSED ? TT_OK : status; /* whoever reads it has seen enough */
}

static int exit_code(const struct session_result *result)
{
    if (result->interrupted)
        return 6;
    return result->runs_total > result->runs_failed ? 0 : 5;
}

/* Where the trace is, and its figures, unless it went into a pipe or device, where it cannot be read again.
 */
static int show_result(const struct record_options *o, const struct session_result *result, struct error *e)
{
    int to_stdout = o->output && strcmp(o->output, "-") == 0, status = TT_OK;
    if (to_stdout || !result->trace.path)
        return TT_OK;
    if ((o->json || !o->quiet) && !io_is_stream(result->trace.path))
        status = print_result(result->trace.path, o->json, e);
    if (!o->quiet)
        fprintf(stderr, "%s  %llu bytes, content id %.12s\n", result->trace.path,
                (unsigned long long)result->trace.bytes, result->trace.content_id);
    return status;
}

static int run_record(const struct record_options *o, const struct workload *workload)
{
    struct session_options session = session_options_of(o, workload);
    struct session_result result;
    struct error e = {0};
    struct display *display = display_new(o->quiet);
    if (!display) {
        error_set(&e, TT_NOMEM, "out of memory");
        return command_fail(&e);
    }
    catch_signals();
    int status = session_record(&session, display_view(display), &interrupted, &result, &e);
    display_free(display);
    if (!status)
        status = show_result(o, &result, &e);
    int code = status ? command_fail(&e) : exit_code(&result);
    session_result_release(&result);
    return code;
}

int cmd_record(int argc, char **argv)
{
    struct record_options o = {.workload = "agentic-8",
                               .cold = "auto",
                               .runs = 1,
                               .seed = 1,
                               .pause = 0.5,
                               .timeout = 1800,
                               .stall_timeout = 600,
                               .engine_timeout = ENGINE_TIMEOUT_S,
                               .sample_hz = 10,
                               .power = "auto",
                               .idle = -1};
    struct option_list operands = {0};
    struct workload workload = {0};
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE) {
        if (check(&o, &operands, &e) || open_workload(&o, &workload, &e))
            code = command_fail(&e);
        else
            code = run_record(&o, &workload);
    }
    workload_release(&workload);
    options_release(&help, &o, &operands);
    return code;
}

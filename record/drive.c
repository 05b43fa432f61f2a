/* SPDX-License-Identifier: MIT */
#include "record/drive.h"

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
#include "record/description.h"
#include "record/discipline.h"
#include "record/display.h"
#include "record/engine_command.h"
#include "record/http_header.h"
#include "record/request.h"
#include "record/sampler.h"

#define SECONDS_MAX     10000000 /* four months */
#define PAUSE_DEFAULT_S 0.5
#define SUMMARY_COLUMNS 80 /* at most; less on a narrower terminal */

#define AT(member) offsetof(struct drive_options, member)

const struct option_def drive_options_all[] = {
    {"url", 0, OPTION_TEXT, "URL", NULL, "where the engine listens, such as http://127.0.0.1:8080", AT(url)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL,
     "the trace; default: named after engine, version and model. Nothing is overwritten", AT(output)},
    {"workload", 0, OPTION_TEXT, "NAME|FILE", "agentic-8|agent-loop",
     "agentic-8 (default), agent-loop, or a JSON file", AT(workload)},
    {"calibrate", 0, OPTION_FLAG, NULL, NULL,
     "cut or extend the texts of agentic-8 until the engine counts exactly 6000, 1500 and 50000 tokens in "
     "them",
     AT(calibrate)},
    {"runs", 0, OPTION_COUNT, "N", NULL, "how often the workload is repeated (default 1)", AT(runs)},
    {"concurrency", 0, OPTION_COUNT, "N", NULL,
     "N conversations at once, each the whole workload: --runs counts such bursts (default 1)",
     AT(concurrency)},
    {"live", 0, OPTION_FLAG, NULL, NULL,
     "carry on the engine's own answers, with the ids of its own tool calls, instead of the workload's",
     AT(live)},
    {"only", 0, OPTION_LIST, "PHASE", NULL, "only this phase; may be repeated", AT(only)},
    {"skip-long", 0, OPTION_FLAG, NULL, NULL, "leave out the long-context phases", AT(skip_long)},
    {"pause", 0, OPTION_REAL, "SECONDS", NULL,
     "wait so long between runs, varied by a quarter (default 0.5; 0 with --concurrency)", AT(pause)},
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
    {"accept", 0, OPTION_TEXT, "LIST", "resident|context|power-mode|swap|thermal|all",
     "record in spite of resident, context, power-mode, swap, thermal or all; every table says so",
     AT(accept)},
    {"strict", 0, OPTION_FLAG, NULL, NULL,
     "refuse to record undisciplined whatever the workload, as with agentic-8", AT(strict)},
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
     "do not ask the engine for its prompts' token ids after the runs, nor how it cuts answers into tokens",
     AT(no_tokenise)},
    {"seed", 0, OPTION_COUNT, "N", NULL, "seed of pauses and nonces (default 1)", AT(seed)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print what was recorded as JSON instead of a table", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "neither progress nor the table", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

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

static int check_engine(struct drive_options *o, struct error *e)
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

static int check_lists(const struct drive_options *o, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < o->headers.count; i++)
        status = http_check_header(o->headers.items[i], e);
    for (size_t i = 0; !status && i < o->labels.count; i++)
        status = description_check_label(o->labels.items[i], e);
    return status;
}

static int check_sensors(const struct drive_options *o, struct error *e)
{
    if (o->sample_hz != 0 && !(o->sample_hz >= SAMPLER_HZ_MIN && o->sample_hz <= SAMPLER_HZ_MAX))
        return error_set(e, TT_USAGE, "--sample-hz takes 0, or a rate between %g and %g", SAMPLER_HZ_MIN,
                         SAMPLER_HZ_MAX);
    if (o->sample_hz == 0 && strcmp(o->power, "auto") != 0 && strcmp(o->power, "none") != 0)
        return error_set(e, TT_USAGE, "--power %s cannot be read with --sample-hz 0", o->power);
    return TT_OK;
}

int drive_check(struct drive_options *o, struct error *e)
{
    if (o->pause < 0)
        o->pause = o->concurrency > 1 ? 0 : PAUSE_DEFAULT_S;
    if (o->output && !*o->output)
        return error_set(e, TT_USAGE, "--output wants the name of a file, or '-' for standard output");
    if (!o->runs || o->runs > 10000)
        return error_set(e, TT_USAGE, "--runs wants a number from 1 to 10000");
    if (!o->concurrency || o->concurrency > CONCURRENCY_MAX)
        return error_set(e, TT_USAGE, "--concurrency wants a number from 1 to %d", CONCURRENCY_MAX);
    if (o->concurrency > 1 && o->reset_peaks)
        return error_set(e, TT_USAGE,
                         "--reset-peaks tells the runs of one conversation apart, not of %llu "
                         "at once: leave out one of the two",
                         (unsigned long long)o->concurrency);
    if (o->idle > SECONDS_MAX)
        return error_set(e, TT_USAGE, "--idle takes at most %d seconds", SECONDS_MAX);
    if (o->pause > SECONDS_MAX || o->timeout > SECONDS_MAX || o->stall_timeout > SECONDS_MAX)
        return error_set(e, TT_USAGE, "--pause, --timeout and --stall-timeout take at most %d seconds",
                         SECONDS_MAX);
    if (strcmp(o->cold, "restart") == 0 && !o->restart_cmd && !o->engine_cmd)
        return error_set(e, TT_USAGE, "--cold restart needs --restart-cmd COMMAND or --engine-cmd COMMAND");
    if (check_engine(o, e) || check_sensors(o, e) || check_lists(o, e))
        return TT_USAGE;
    if (o->api_key_env && !getenv(o->api_key_env))
        return error_set(e, TT_USAGE, "there is no environment variable '%s'", o->api_key_env);
    if (o->api_key_env && !*getenv(o->api_key_env))
        return error_set(e, TT_USAGE, "the environment variable '%s' is empty", o->api_key_env);
    return o->extra_body ? request_check_extra_body(o->extra_body, e) : TT_OK;
}

static struct session_options session_options_of(const struct drive_options *o,
                                                 const struct workload *workload)
{
    return (struct session_options){.url = o->url,
                                    .workload = workload,
                                    .output = o->output,
                                    .model = o->model,
                                    .runs = o->runs,
                                    .concurrency = o->concurrency,
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
                                    .by_bursts = o->by_bursts,
                                    .live = o->live,
                                    .calibrate = o->calibrate,
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
                                    .strict = o->strict,
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
static int show_result(const struct drive_options *o, const struct session_result *result, struct error *e)
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

/* ---- two in turn ---- */

struct side {
    const struct drive_options *drive;
    struct session_options options;
    struct session *session;
    struct session_result result;
};

static int open_sides(struct side sides[2], const struct session_view *view, struct error *e)
{
    int status = TT_OK;
    for (int i = 0; i < 2 && !status; i++)
        status = session_begin(&sides[i].session, &sides[i].options, view, &interrupted, e);
    for (int i = 0; i < 2 && !status; i++)
        status = session_open(sides[i].session, e);
    return status;
}

static int take_turns(struct side sides[2], struct error *e)
{
    int status = TT_OK;
    for (uint64_t n = 0; n < 2 * session_bursts(sides[0].session) && !status && !interrupted; n++)
        status = session_run_burst(sides[n % 2].session, n / 2, e);
    return status;
}

static int close_sides(struct side sides[2], int status, struct error *e)
{
    for (int i = 0; i < 2; i++) {
        struct error own = {0};
        int ended = session_end(sides[i].session, status, &sides[i].result, &own);
        if (ended && !status) {
            status = ended;
            *e = own;
        }
    }
    return status;
}

static int worst_code(const struct side sides[2])
{
    int a = exit_code(&sides[0].result), b = exit_code(&sides[1].result);
    return a > b ? a : b;
}

int drive_in_turn(const struct drive_options drives[2], const struct workload *workload,
                  const struct session_script scripts[2])
{
    struct side sides[2] = {{0}};
    struct error e = {0};
    struct display *display = display_new(drives[0].quiet, drives[0].concurrency);
    for (int i = 0; i < 2; i++) {
        sides[i].drive = &drives[i];
        sides[i].options = session_options_of(&drives[i], workload);
        sides[i].options.script = &scripts[i];
    }
    catch_signals();
    int status =
        display ? open_sides(sides, display_view(display), &e) : error_set(&e, TT_NOMEM, "out of memory");
    if (!status)
        status = take_turns(sides, &e);
    status = close_sides(sides, status, &e);
    display_free(display);
    for (int i = 0; i < 2 && !status; i++)
        status = show_result(sides[i].drive, &sides[i].result, &e);
    int code = status ? command_fail(&e) : worst_code(sides);
    for (int i = 0; i < 2; i++)
        session_result_release(&sides[i].result);
    return code;
}

int drive_run(const struct drive_options *o, const struct workload *workload,
              const struct session_script *script)
{
    struct session_options session = session_options_of(o, workload);
    struct session_result result;
    struct error e = {0};
    struct display *display = display_new(o->quiet, o->concurrency);
    session.script = script;
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

void drive_defaults(struct drive_options *o)
{
    *o = (struct drive_options){.cold = "auto",
                                .runs = 1,
                                .concurrency = 1,
                                .seed = 1,
                                .pause = -1, /* settled by drive_check */
                                .timeout = 1800,
                                .stall_timeout = 600,
                                .engine_timeout = ENGINE_TIMEOUT_S,
                                .sample_hz = 10,
                                .power = "auto",
                                .idle = -1};
}

static int is_among(const char *name, const char *const *names)
{
    size_t i = 0;
    while (names[i] && strcmp(names[i], name) != 0)
        i++;
    return names[i] != NULL;
}

void drive_options_without(const char *const *left_out, const struct option_def *own,
                           struct option_def *table)
{
    size_t count = 0;
    for (; own->name; own++)
        table[count++] = *own;
    for (const struct option_def *o = drive_options_all; o->name; o++) {
        if (!is_among(o->name, left_out))
            table[count++] = *o;
    }
    memset(&table[count], 0, sizeof table[count]);
}

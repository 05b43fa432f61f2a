/* SPDX-License-Identifier: MIT */
/* The tables of a trace: row structs, and the column lists with the numbers that are on disk for ever.
 *
 * Times are native clock ticks (see the META block's clock). ABSENT marks a value that was not measured; it
 * is never written as 0. Byte columns are borrowed pointers. FORMAT.md §6 is the normative list; a test holds
 * both together. */
#ifndef TOKTAPE_SCHEMA_H
#define TOKTAPE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"

#define ABSENT UINT64_MAX

enum table_id {
    TABLE_RUN = 1,         /* a run begins */
    TABLE_RUN_END = 2,     /* and how it ended; a run without one was cut off by the recorder's end */
    TABLE_READ = 3,        /* one recv: its bytes follow in the wire stream */
    TABLE_SEGMENT = 4,     /* a piece of a request body */
    TABLE_BODY = 5,        /* a request body: a list of segments */
    TABLE_PROBE = 6,       /* raw answer of an information endpoint */
    TABLE_CLOCK = 7,       /* one bracketed triple of clocks */
    TABLE_SERIES = 8,      /* a sensor channel is declared */
    TABLE_SAMPLE = 9,      /* one reading of one channel */
    TABLE_PROCESS = 10,    /* a process of the engine was seen (a restart is a new generation) */
    TABLE_STALL = 11,      /* the network thread had to wait for the writer */
    TABLE_LOSS = 12,       /* samples were dropped */
    TABLE_MARK = 13,       /* something happened: idle window, restart, cache reset, interruption */
    TABLE_PROMPT_IDS = 14, /* prompt token ids of a body, where the engine can tokenise */
    TABLE_PEAK = 15,       /* kernel-tracked peak of the engine's memory in one run */
    TABLE_ARRIVAL = 16,    /* imported: when a piece of an answer came, as another tool noted it */
    TABLE_GIVEN = 17,      /* imported: figures of one run as another tool stated them */
    TABLE_PIECES = 18,     /* how the engine's tokeniser cuts an answer's text */
    TABLE_MAX = 19
};

struct run_row {
    uint64_t run;    /* 0, 1, 2 … one per attempt */
    uint64_t repeat; /* pass over the workload */
    uint64_t phase;  /* index in the workload's phases */
    uint64_t conversation, turn;
    uint64_t parent;  /* run whose answer this one follows; ABSENT when none */
    uint64_t attempt; /* 0 = first try */
    uint64_t slot;    /* concurrency slot */
    uint64_t body;    /* row number in TABLE_BODY */
    uint64_t cold;    /* enum cold_method that was applied before or in this run */
    uint64_t t_intended, t_start;
    uint64_t think_ns;
    struct bytes method, path;
};

struct run_end_row {
    uint64_t run;
    uint64_t t_connected; /* time zero: the request starts on an open connection */
    uint64_t t_sent;      /* last request byte handed over */
    uint64_t t_header;    /* read that completed the header */
    uint64_t t_close;
    uint64_t status;                        /* HTTP status, ABSENT when none came */
    uint64_t ended;                         /* enum run_ended */
    uint64_t lookup_ns, connect_ns, tls_ns; /* as libcurl reports them */
    uint64_t recorder_cpu_ns;               /* CPU of the network thread from start to close */
    uint64_t clock_jump;                    /* 1 when the machine slept or the clock stepped during the run */
    struct bytes error;                     /* one sentence, scrubbed; empty when none */
    struct bytes answer_hmac;               /* masked traces only: keyed digest of the answer's text */
};

struct read_row {
    uint64_t run, t, nbytes;
};

/* Column ids that readers of large tables use directly. */
enum { READ_RUN_COLUMN = 1, READ_T_COLUMN = 2, READ_NBYTES_COLUMN = 3 };
enum { RUN_RUN_COLUMN = 1, RUN_T_START_COLUMN = 12, RUN_END_RUN_COLUMN = 1, RUN_END_T_CLOSE_COLUMN = 5 };
enum { CLOCK_NATIVE_COLUMN = 1, SAMPLE_T_COLUMN = 2 };

struct segment_row {
    struct bytes sha256, data;
};

struct body_row {
    struct bytes sha256; /* of the whole body */
    uint64_t nbytes;
    struct bytes segments; /* uvarint row numbers in TABLE_SEGMENT, in order */
};

struct probe_row {
    uint64_t t, duration;
    uint64_t moment; /* enum probe_moment */
    uint64_t run;    /* ABSENT unless it belongs to one */
    uint64_t status; /* HTTP status, ABSENT when none came */
    struct bytes method, path, headers, body;
};

struct clock_row {
    uint64_t native;           /* ticks, middle of the bracket */
    uint64_t width;            /* ticks the bracket took */
    uint64_t through_sleep_ns; /* a clock that runs through sleep */
    uint64_t realtime_ns;      /* since 1970 */
    uint64_t utc_offset_s;     /* seconds east of UTC, two's complement */
};

struct series_row {
    uint64_t series;     /* 0, 1, 2 … */
    uint64_t kind;       /* enum series_kind */
    uint64_t generation; /* process generation, ABSENT for host series */
    uint64_t period_ns;  /* nominal; the achieved cadence is in the samples */
    uint64_t is_counter; /* 1: cumulative, 0: gauge */
    uint64_t scope;      /* enum series_scope */
    struct bytes source; /* "linux-procfs", "ioreport", "nvml" … */
    struct bytes name;   /* the channel's own name */
    struct bytes unit;   /* "byte", "uJ", "mW" … as the source states it */
    uint64_t cost_ns;    /* what a read of the whole source cost when the series was declared */
    uint64_t rail;       /* enum series_rail; ABSENT unless it is power or energy */
    uint64_t wrap;       /* a counter goes on from 0 after this value; ABSENT: never */
    struct bytes origin; /* where exactly it comes from: a file, a device's id … */
    struct bytes stamp;  /* clock and unit of sample.source_t: "native", "realtime-ns", "realtime-us" */
};

struct sample_row {
    uint64_t series, t;
    uint64_t duration; /* ticks the read took */
    uint64_t source_t; /* the source's own stamp in its own unit, ABSENT when it has none */
    uint64_t value;    /* two's complement where the unit can be negative */
};

struct process_row {
    uint64_t generation, t, pid, parent_pid;
    uint64_t start_time; /* the system's own start stamp; with pid it names a process */
    struct bytes role;   /* "listener", "child" */
    struct bytes executable;
    struct bytes arguments; /* NUL-separated, scrubbed */
};

struct stall_row {
    uint64_t t, duration, nbytes;
};

struct loss_row {
    uint64_t t, count;
    struct bytes place, reason;
};

struct mark_row {
    uint64_t t;
    uint64_t run;      /* ABSENT unless it belongs to one */
    uint64_t repeat;   /* ABSENT likewise */
    struct bytes kind; /* "idle_begin", "idle_end", "restart", "cache_reset", "interrupted" … */
    struct bytes text;
};

struct peak_row {
    uint64_t run;
    uint64_t t_reset, t_read; /* native ticks: the interval in which the kernel tracked */
    uint64_t rss, footprint;  /* bytes, added up over the processes; ABSENT: not tracked here */
    uint64_t processes;       /* that were added: with more than one, an upper bound */
};

struct prompt_ids_row {
    uint64_t body;
    struct bytes ids; /* uvarints */
};

struct arrival_row {
    uint64_t run, t;
    struct bytes data; /* of the event, as far as the source kept it; empty: some output came */
};

/* Figures that a source states, by its own definitions; ABSENT what it does not. */
struct given_row {
    uint64_t run;
    uint64_t ttft_ns, total_ns;
    uint64_t prefill_ns; /* for the prompt tokens that were not cached */
    uint64_t decode_ns;
    uint64_t decode_tokens; /* generated within decode_ns, or at that rate: */
    uint64_t decode_utok_s; /* millionths of tokens per second */
    uint64_t prompt_tokens, cached_tokens, completion_tokens, max_tokens;
    uint64_t soc_uw;                  /* mean power over the decode window, microwatts */
    uint64_t uj_per_token;            /* energy of the decode window per token, microjoules */
    uint64_t peak_rss;                /* bytes */
    struct bytes finish_reason, text; /* empty when not known */
};

struct pieces_row {
    uint64_t run;
    struct bytes lengths; /* uvarints: bytes of each token of the answer's text, in order */
};

/* Room for a row of any table. */
union any_row {
    struct run_row run;
    struct run_end_row run_end;
    struct read_row read;
    struct segment_row segment;
    struct body_row body;
    struct probe_row probe;
    struct clock_row clock;
    struct series_row series;
    struct sample_row sample;
    struct process_row process;
    struct stall_row stall;
    struct loss_row loss;
    struct mark_row mark;
    struct prompt_ids_row prompt_ids;
    struct arrival_row arrival;
    struct given_row given;
    struct pieces_row pieces;
};

enum run_ended {
    RUN_ENDED_COMPLETE = 0, /* the server closed the message properly */
    RUN_ENDED_CUT = 1,      /* transport broke before the message's end */
    RUN_ENDED_TIMEOUT = 2,  /* --timeout */
    RUN_ENDED_STALLED = 3,  /* --stall-timeout */
    RUN_ENDED_NO_CONNECTION = 4,
    RUN_ENDED_INTERRUPTED = 5, /* SIGINT or SIGTERM at the recorder */
    RUN_ENDED_LIMIT = 6,       /* the answer passed a hard cap */
    RUN_ENDED_SAID_FAILED = 7  /* imported: its source calls it failed */
};

enum cold_method {
    COLD_NOT_ASKED = 0,
    COLD_RESTART = 1,
    COLD_REQUEST = 2,
    COLD_RESET = 3,
    COLD_NONCE = 4,
    COLD_KEEP = 5 /* asked for cold, deliberately left to the engine */
};

enum probe_moment {
    PROBE_AT_START = 0,
    PROBE_AT_END = 1,
    PROBE_BEFORE_RUN = 2,
    PROBE_AFTER_RUN = 3,
    PROBE_POLL = 4
};

enum series_kind {
    SERIES_RSS = 1,
    SERIES_RSS_ANON = 2,
    SERIES_RSS_FILE = 3,
    SERIES_FOOTPRINT = 4,
    SERIES_PEAK_RSS = 5, /* kernel-tracked */
    SERIES_SYSTEM_WIRED = 6,
    SERIES_SWAP_USED = 7,
    SERIES_MEMORY_PRESSURE = 8,
    SERIES_THERMAL = 9,
    SERIES_ENERGY = 10,
    SERIES_POWER = 11,
    SERIES_ENGINE = 12, /* numbers of the engine's own /metrics */
    SERIES_PEAK_FOOTPRINT = 13,
    SERIES_RECORDER_CPU = 14,
    SERIES_DEVICE_MEMORY = 15,     /* of a GPU, as much as the engine's processes hold */
    SERIES_DEVICE_MEMORY_ALL = 16, /* of a GPU, in use by whomever */
    SERIES_DEVICE_THROTTLE = 17,   /* bits of reasons why a GPU's clocks are held back */
    SERIES_BATTERY_STATUS = 18,    /* 0 unknown, 1 discharging, 2 charging, 3 full, 4 not charging */
    SERIES_DEVICE_PROCESSES = 19   /* how many of the engine's processes are on a GPU */
};

/* What a channel of power or energy is the power of. FORMAT.md §6 says which of them may be added up. */
enum series_rail {
    RAIL_MACHINE = 1, /* all of it: psys, the SMC's total, a battery that discharges, an external meter */
    RAIL_PACKAGE = 2, /* a CPU package or SoC as a whole, memory apart */
    RAIL_CPU = 3,     /* CPU cores */
    RAIL_GPU = 4,     /* a GPU within the package or SoC */
    RAIL_ANE = 5,     /* a neural engine within the SoC */
    RAIL_DRAM = 6,
    RAIL_FABRIC = 7, /* memory controllers and fabric of a SoC (DCS) */
    RAIL_BOARD = 8,  /* a GPU with a power supply of its own, board and memory included */
    RAIL_OTHER = 9   /* in no sum: another view of what is counted already, or of an unknown unit */
};

enum series_scope { SCOPE_ENGINE = 0, SCOPE_HOST = 1 };

enum column_type { COLUMN_U64 = 1, COLUMN_BYTES = 2 };

/* How a column is packed (FORMAT.md §5). */
enum column_encoding {
    ENCODING_VALUE = 1, /* minimum, then byte planes of value − minimum */
    ENCODING_DELTA = 2, /* first, minimum delta, then byte planes of delta − minimum delta */
    ENCODING_BYTES = 3  /* a length column, then the bytes one after another */
};

struct column_def {
    uint64_t id;
    const char *name;
    enum column_type type;
    enum column_encoding encoding;
    size_t offset; /* of the field in the row struct */
};

struct table_def {
    uint64_t id;
    const char *name;
    size_t row_size;
    size_t column_count;
    const struct column_def *columns; /* ascending ids */
};

/* NULL for a table this version does not know. */
const struct table_def *schema_table(uint64_t id);

/* Names for the numbers above, as JSON and messages show them; "unknown" for others. */
const char *cold_method_name(uint64_t method);

#endif

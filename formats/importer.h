/* SPDX-License-Identifier: MIT */
/* What the importers of single formats share: the file under way, and the trace that they fill. */
#ifndef TOKTAPE_IMPORTER_H
#define TOKTAPE_IMPORTER_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/body_store.h"
#include "formats/error.h"
#include "formats/import.h"
#include "formats/json_pull.h"
#include "formats/schema.h"
#include "formats/source.h"
#include "formats/trace_writer.h"

struct importer;

struct import_phase {
    char *name;
    uint64_t runs;       /* so far */
    uint64_t max_tokens; /* ABSENT when not known */
    int cold, headline, is_long;
};

struct import_format {
    const char *name, *tool;  /* as META says them */
    const char *workload;     /* the name of the workload, unless the file has one */
    const char *const *marks; /* members of a first document that is of this format; NULL-ended */
    const char *const *lacks; /* what no such file tells; NULL-ended */
    /* Says what the whole file tells, by import_fact and import_lack. */
    int (*describe)(struct importer *im);
    /* Gives the file's runs, by import_begin, import_arrival and import_end. */
    int (*runs)(struct importer *im);
};

extern const struct import_format import_aiperf, import_aiperf_raw, import_asiai, import_genai_perf,
    import_llama_bench, import_toktape, import_vllm;

struct importer {
    const struct import_format *format;
    const struct import_options *options;
    struct error *error;
    const char *path;    /* of the file under way; for messages */
    struct bytes memory; /* it, when it is none on the disk */
    cJSON *meta;
    struct trace_writer *writer; /* NULL while files are described */
    struct body_store *bodies;
    struct row_sink sink;
    struct import_phase *phases;
    size_t phase_count, phase_capacity;
    struct import_result *result;
    uint64_t next_start; /* where a run is put whose time is not known */
    int has_clock;
    struct buf text; /* scratch of the format */
};

/* One run in the making: everything ABSENT or empty at first. */
struct import_run {
    struct run_row row;
    struct run_end_row end;
    struct given_row given;
    uint64_t t_last; /* of its begin, or its last arrival; kept by import_begin and import_arrival */
    char error[200];
};

/* All of these return TT_OK, or an error with im->error filled. */

/* Opens the file under way again, from byte `base` (in line `line`, from 1) on. import_close is due in either
 * case. */
struct import_reader {
    struct source source;
    struct json_pull pull;
};
int import_open(struct importer *im, struct import_reader *r, uint64_t base, uint64_t line);
int import_close(struct import_reader *r, int status); /* the status, or that of the pull */

/* Files are read several times, and pipes can be read once: TT_USAGE for what is none. */
int import_check_file(const char *path, struct error *e);

/* A fact of the whole trace, "engine.version". Another value than an earlier file's is TT_USAGE: a trace is
 * of one cell. What the person said stays. An empty or NULL text says nothing. */
int import_fact(struct importer *im, const char *path, const char *text);
int import_count(struct importer *im, const char *path, uint64_t count); /* likewise; ABSENT says nothing */
int import_lack(struct importer *im, const char *what); /* something that the file under way does not tell */

/* `model` of the request at the cursor; anything else there is passed over. */
int import_model(struct importer *im, struct json_pull *p);

/* A text at the cursor, as far as there is room for it. */
void import_text(struct importer *im, struct json_pull *p, char *to, size_t size);

/* When the trace's clock, which is the source's, showed `native_ns`, it was `realtime_ns` since 1970 (ABSENT
 * when nobody knows). The first one counts. */
int import_clock(struct importer *im, uint64_t native_ns, uint64_t realtime_ns);

int import_phase(struct importer *im, const char *name, struct import_phase **phase);

void import_run_init(struct import_run *run);
void import_run_failed(struct import_run *run, const char *why); /* the source calls it failed */

/* {"message": …} at the cursor says that the run failed; anything else there is passed over. */
void import_run_error(struct importer *im, struct json_pull *p, struct import_run *run);

/* Begins the run in a phase of import_phase. Without row.t_start it stands behind the run before. */
int import_begin(struct importer *im, struct import_run *run, struct import_phase *phase);
int import_body(struct importer *im, struct import_run *run, struct bytes body); /* before import_begin */
/* A piece of its answer; TT_SYNTAX when it came before the one before it. */
int import_arrival(struct importer *im, struct import_run *run, uint64_t t, struct bytes data);
int import_end(struct importer *im, struct import_run *run);

/* Whether a row whose member `name` is spelt `value` is one that the person wants. */
int import_wants(const struct importer *im, const char *name, const char *value);

#endif

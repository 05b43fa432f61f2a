/* SPDX-License-Identifier: MIT */
/* A campaign's plan: which cells are recorded, how and in what order (docs/campaign.md).
 *
 * Paths in a plan are taken from the plan's own folder, and its commands run there: a campaign that is
 * resumed from elsewhere finds what it did. */
#ifndef TOKTAPE_CAMPAIGN_PLAN_H
#define TOKTAPE_CAMPAIGN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "record/campaign/findings.h"

#define PLAN_FILE_MAX       ((size_t)1 << 20)
#define PLAN_CELLS_MAX      1000u
#define PLAN_RECORDINGS_MAX 10000u
#define PLAN_STEPS_MAX      32u
#define PLAN_NAME_MAX       80u
#define PLAN_SECONDS_MAX    10000000.0 /* four months */

enum step_kind {
    STEP_PURGE,     /* a command that drops the page cache */
    STEP_RUN,       /* any other command */
    STEP_COOL_DOWN, /* until there is no thermal pressure and power is near idle */
    STEP_MEMORY,    /* until so much memory is free */
    STEP_WAIT       /* some seconds */
};

struct campaign_step {
    enum step_kind kind;
    char *command;    /* PURGE, RUN: for /bin/sh */
    double amount;    /* COOL_DOWN: per cent over idle; MEMORY: bytes; WAIT: seconds */
    double timeout_s; /* then the step has failed */
    int is_optional;  /* and its failure does not matter */
};

struct step_list {
    struct campaign_step *items;
    size_t count;
};

/* Texts that are owned, in order. */
struct words {
    char **items;
    size_t count, capacity;
};

struct campaign_cell {
    char *name;
    char *command; /* that runs the engine, for /bin/sh: folder, environment, exec */
    char *shown;   /* the same for people, values that look like secrets left out */
    char *url;
    char *health_url; /* NULL: the usual endpoints */
    double engine_timeout_s;
    char *binary;                           /* the program as the plan names it */
    char *path;                             /* PATH of the engine's environment; NULL: ours */
    char *model_file;                       /* that the engine must serve; NULL: any */
    char *workload;                         /* a built-in one's name, or a path from here */
    char workload_sha256[SHA256_HEX_BYTES]; /* "" until plan_check_machine has looked */
    struct words arguments;                 /* of `toktape record`, without URL, output and runs */
    char *chip;                             /* of the machine that it is for; NULL: any */
    int is_elsewhere;                       /* that is not this machine */
    uint64_t runs;
    int restarts;                       /* the engine starts anew for each repeat */
    struct step_list before, after;     /* of every start of the engine */
    char fingerprint[SHA256_HEX_BYTES]; /* of all that makes a recording of it what it is */
};

enum plan_order { ORDER_FIXED, ORDER_REVERSED, ORDER_SHUFFLED };

struct campaign_plan {
    char *path, *folder; /* of the plan file; folder ends with a slash, or is empty */
    char *name, *out;    /* out as a path from here */
    enum plan_order order;
    uint64_t seed;
    int interleaves; /* repeats of cells take turns */
    struct campaign_cell *cells;
    size_t cell_count;
    struct campaign_cell *sentinel; /* NULL: none */
    uint64_t sentinel_every;        /* recordings between two of the sentinel */
    double drift_pct;               /* of the sentinel that is named */
};

/* Would `toktape record` take these words? TT_USAGE with its own sentence. */
typedef int plan_check_words(const struct words *words, struct error *e);

/* Reads a plan. TT_OK with whatever could be understood: *findings tells what is wrong, and a plan with
 * findings is not to be run. TT_SYNTAX (with line and column), TT_LIMIT, TT_NOTFOUND, TT_IO, TT_NOMEM
 * otherwise. Release both in every case; findings borrow `text`, which the caller keeps. */
int plan_read(struct campaign_plan *plan, const char *path, struct buf *text, plan_check_words *check,
              struct findings *findings, struct error *e);

/* The same without looking at the machine: whether there are such files and programs does not matter. */
int plan_parse(struct campaign_plan *plan, const char *path, struct bytes text, plan_check_words *check,
               struct findings *findings, struct error *e);

/* What only the machine can tell: programs, workloads, models that are not there, folders that cannot be
 * written to. Completes the fingerprints, which tell a workload by what is in it. TT_OK, or
 * TT_NOMEM and TT_IO when it could not be found out. */
int plan_check_machine(struct campaign_plan *plan, struct findings *findings, struct error *e);

/* Finds the cells that are for machines with another chip; NULL knows none. plan_read does it. */
void plan_place_cells(struct campaign_plan *plan, const char *chip);

void plan_release(struct campaign_plan *plan);

const struct campaign_cell *plan_find_cell(const struct campaign_plan *plan, const char *name);

/* How many traces a cell's repeats make: one each where the engine is restarted or cells take turns, else one
 * of them all. */
uint64_t plan_recordings(const struct campaign_plan *plan, const struct campaign_cell *cell);

/* A path of the plan as a path from here; NULL when memory is out. mem_free. */
char *plan_resolve(const struct campaign_plan *plan, const char *path);

/* A name that is safe as part of a file's. */
int plan_name_is_safe(const char *name);

/* Adds a copy; TT_OK or TT_NOMEM. */
int words_add(struct words *w, const char *text);
void words_release(struct words *w);

#endif

/* SPDX-License-Identifier: MIT */
/* Taking secrets and names of people and machines out of what the recorder itself writes down: process
 * arguments, environment, URLs, probe answers, error sentences. Recorded requests and responses do not pass
 * through here.
 *
 * In any text:
 *   - a home directory becomes "~"; the person's name as a part of a path, and whoever stands behind /home/
 * or /Users/, becomes "<user>";
 *   - in a URL, "user:password@" becomes "<redacted>@" and the host becomes loopback, private or public, as
 * do IP addresses on their own and names that were learnt;
 *   - the value behind "name=", "name:" or "--name" becomes "<redacted>" when secret_name says so, unless
 *     secret_value_is_harmless does;
 *   - what secret_look finds becomes "<redacted>", but a hexadecimal run stays where it is a digest: as a
 * component of a path, behind "sha256-" or "sha256:", behind a name such as digest, commit or revision, or in
 * a model file's name.
 *
 * All functions append to *out and return out->failed. Text need not be UTF-8; it is never longer than 4
 * times the input. Scrubbing twice changes nothing,
 * except that text whose quotes do not match may lose more. */
#ifndef TOKTAPE_SCRUB_H
#define TOKTAPE_SCRUB_H

#include <stddef.h>

#include "formats/buf.h"

#define SCRUB_REDACTED  "<redacted>"
#define SCRUB_HOMES     2
#define SCRUB_HOSTS     8
#define SCRUB_TEXT_SIZE 256

/* What to look for; plain data, so that tests can fill it. All zero knows nobody. */
struct scrubber {
    char homes[SCRUB_HOMES][SCRUB_TEXT_SIZE]; /* without a slash at the end; "" = unused */
    char user[64];                            /* "" for system accounts: "ollama" in a path is no person */
    char hosts[SCRUB_HOSTS][SCRUB_TEXT_SIZE]; /* learnt names, "" = unused */
};

/* Fills it from HOME and the password database. */
void scrubber_init(struct scrubber *s);

/* From now on this host name is replaced wherever it stands as a whole word. At most SCRUB_HOSTS; numeric
 * addresses and "localhost" need no learning. */
void scrubber_learn_host(struct scrubber *s, const char *host);

int scrub_text(const struct scrubber *s, struct buf *out, const char *text, size_t len);

/* `arguments`: each ended by NUL, the last one maybe not. The output has as many, each ended by NUL. Values
 * of options named host, address, bind … are treated as hosts. */
int scrub_arguments(const struct scrubber *s, struct buf *out, const char *arguments, size_t len);

/* "loopback", "private" (private ranges, names without a dot, .local, .lan, .internal …) or "public". */
const char *scrub_host(const char *host);

/* 1 for environment variables that say how an engine runs (LLAMA_*, GGML_*, OMP_*, MLX_*, VLLM_*, CUDA_* …)
 * and are no secrets by name. Their values still need scrub_environment. */
int scrub_environment_name(const char *name, size_t len);

/* `block`: "NAME=value", each ended by NUL, the last one maybe not. Of those that scrub_environment_name lets
 * pass the output has each, ended by NUL, its value scrubbed as that of an option of that name. */
int scrub_environment(const struct scrubber *s, struct buf *out, const char *block, size_t len);

/* A block of header lines of an information endpoint, status line included: values of names outside a short
 * list of harmless ones become "<redacted>", folded continuation lines are dropped. */
int scrub_headers(const struct scrubber *s, struct buf *out, const char *block, size_t len);

/* Overwrites the values of Set-Cookie, Authorization and every other header that secret_name knows with '*',
 * length kept, in a block that is stored as received. A block is of whole lines; where a head comes in
 * several, *is_secret, 0 before the first, says whether a folded line at the start of the next one goes on
 * with a secret. */
void scrub_mask_headers(char *block, size_t len, int *is_secret);

#endif

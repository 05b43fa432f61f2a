/* SPDX-License-Identifier: MIT */
/* By what engines are recognised, and where each tells its version. Part of the engine files only. */
#ifndef TOKTAPE_ENGINE_TABLE_H
#define TOKTAPE_ENGINE_TABLE_H

#include "record/engine_evidence.h"

/* The engine, and in *how what gave it away ("Server: header"); static text. */
enum engine_kind engine_recognise(const struct reading *r, const char **how);

/* The engine whose program that process is, by its name alone; ENGINE_UNKNOWN for all others. */
enum engine_kind engine_of_process(const struct engine_process *p);

/* The version as the engine spells it, borrowed; .data NULL when it does not say. */
struct bytes engine_version(const struct reading *r, enum engine_kind kind, const char **how);

#endif

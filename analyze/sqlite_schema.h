/* SPDX-License-Identifier: MIT */
/* The tables and views of an exported database; docs/export.md describes them. */
#ifndef TOKTAPE_SQLITE_SCHEMA_H
#define TOKTAPE_SQLITE_SCHEMA_H

#include "formats/buf.h"

#define SQLITE_SCHEMA_VERSION 1 /* PRAGMA user_version */

/* CREATE statements of all tables, before the first row. Returns out->failed. */
int sqlite_schema_tables(struct buf *out);

/* "INSERT INTO runs …" with a parameter for each column. Returns out->failed. */
int sqlite_schema_insert_run(struct buf *out);

/* Indices and views, after the last row: an index that grows with its table costs twice as much. */
extern const char *const sqlite_schema_after;

#endif

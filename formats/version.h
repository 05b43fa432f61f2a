/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_VERSION_H
#define TOKTAPE_VERSION_H

/* "0.1.0"; the build system's project version, stamped into every trace. */
const char *toktape_version(void);
const char *toktape_date(void); /* of that version, for manual pages: "November 29, 2026" */

#endif

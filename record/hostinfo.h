/* SPDX-License-Identifier: MIT */
/* What kind of machine this is, for the trace's description. Never its name, nor a person's. */
#ifndef TOKTAPE_HOSTINFO_H
#define TOKTAPE_HOSTINFO_H

#include <cjson/cJSON.h>

/* Sets, as far as they can be known, the members
 *   os ("macOS", "Debian GNU/Linux"), os_version, os_build, kernel ("Linux 6.1.0"), arch ("arm64", "x86_64"),
 *   machine (the maker's model number: "Mac15,9"), machine_name (what it is sold as), chip ("Apple M3 Max"),
 *   cores (logical), cores_physical, cores_performance, cores_efficiency, ram_bytes, page_bytes,
 *   power_mode ("automatic", "low", "high"; on Linux the platform profile), governor (Linux),
 *   power_source ("ac", "battery"), load_average (array of 3, over 1, 5 and 15 minutes).
 * What is unknown is left out. TT_OK or TT_NOMEM. */
int hostinfo_describe(cJSON *object);

/* Per-OS piece, in linux/ and darwin/: all but load_average and page_bytes. */
int hostinfo_os_describe(cJSON *object);

/* Sets a text member unless the text is empty or NULL, a number unless it is 0. TT_OK or TT_NOMEM. */
int hostinfo_set_text(cJSON *object, const char *name, const char *text);
int hostinfo_set_count(cJSON *object, const char *name, double count);

#endif

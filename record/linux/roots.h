/* SPDX-License-Identifier: MIT */
/* Where /proc, /sys and /etc are. Test builds (TOKTAPE_FAULTS) look below the folder that TOKTAPE_ROOT names,
 * so that whole commands can be tested on a machine that is described by files. */
#ifndef TOKTAPE_ROOTS_H
#define TOKTAPE_ROOTS_H

const char *root_of_system(void); /* "", or that folder */
const char *root_of_proc(void);   /* "/proc" */
const char *root_of_sys(void);    /* "/sys" */

#endif

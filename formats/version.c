/* SPDX-License-Identifier: MIT */
#include "formats/version.h"

const char *toktape_version(void)
{
    return TOKTAPE_VERSION;
}

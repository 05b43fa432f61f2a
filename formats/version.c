/* SPDX-License-Identifier: MIT */
#include "formats/version.h"

const char *toktape_version(void)
{
    return TOKTAPE_VERSION;
}

const char *toktape_date(void)
{
    return TOKTAPE_DATE;
}

/* SPDX-License-Identifier: MIT */
/* An external meter's file: nothing crashes, each line is accounted for, and a reading lies in the range that
 * was asked for. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/meter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int condition)
{
    if (!condition)
        abort();
}

static size_t count_lines(const uint8_t *bytes, size_t len)
{
    size_t lines = len && bytes[len - 1] != '\n';
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static void check(const uint8_t *bytes, size_t len, const struct meter_range *range)
{
    struct meter m;
    struct error e = {0};
    int status = meter_parse(&m, (const char *)bytes, len, range, &e);
    require(status == TT_OK || (status == TT_SYNTAX && status == (int)e.code && e.text[0]));
    require(m.count + m.outside + m.skipped <= count_lines(bytes, len));
    for (size_t i = 0; i < m.count; i++) {
        require(m.rows[i].realtime_ns >= range->from_ns && m.rows[i].realtime_ns <= range->to_ns);
        require(m.rows[i].value <= UINT64_C(1000000000000000000));
    }
    meter_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct meter_range all = {0, UINT64_MAX, -3600},
                             some = {UINT64_C(1780000000000000000), UINT64_C(1780000100000000000), 7200};
    check(bytes, len, &all);
    check(bytes, len, &some);
    return 0;
}

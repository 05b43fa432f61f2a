/* SPDX-License-Identifier: MIT */
#include "record/meter.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/io.h"

#define LINE_MAX_BYTES 1024
#define COLUMNS_MAX    32
#define NS_END         1.8446744073709550e19 /* below 2^64 */

static const char *const time_names[] = {"time", "timestamp", "date", "datetime", "epoch", "t", NULL};
static const char *const power_names[] = {"w", "watt", "watts", "power", "power_w", NULL};
static const char *const energy_names[] = {"j", "joule", "joules", "energy", "energy_j", NULL};

struct columns {
    int time, value;
    int are_known;
};

/* --- one line --- */

/* Cuts a line into its fields, in place, without blanks and quotes around them. */
static int split(char *line, char *fields[COLUMNS_MAX])
{
    int count = 0;
    while (count < COLUMNS_MAX) {
        size_t len = strcspn(line, ",;\t");
        char *field = line, *end = line + len, rest = *end;
        while (field < end && strchr(" \"\r", *field))
            field++;
        while (end > field && strchr(" \"\r", end[-1]))
            end--;
        *end = '\0';
        fields[count++] = field;
        if (!rest)
            break;
        line += len + 1;
    }
    return count;
}

/* A plain decimal number to the end of the text. */
static int parse_number(const char *text, double *number)
{
    char *end;
    if (!*text || text[strspn(text, "0123456789.eE+-")])
        return 0;
    *number = strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

/* "Z", "+01:00", "+0100", "+01" or nothing. */
static int parse_zone(const char *text, int64_t local_s, int64_t *offset_s)
{
    int hours = 0, minutes = 0, used = 0;
    *offset_s = *text ? 0 : local_s;
    if (!*text || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return 1;
    if ((*text != '+' && *text != '-') || !isdigit((unsigned char)text[1]))
        return 0;
    if (sscanf(text + 1, "%2d%n", &hours, &used) != 1)
        return 0;
    const char *rest = text + 1 + used + (text[1 + used] == ':');
    if (*rest && (sscanf(rest, "%2d%n", &minutes, &used) != 1 || rest[used] || minutes < 0 || minutes > 59))
        return 0;
    *offset_s = (hours * 3600 + minutes * 60) * (*text == '-' ? -1 : 1);
    return hours <= 18;
}

static int parse_iso(const char *text, int64_t local_s, double *seconds)
{
    struct tm tm = {0};
    int used = 0;
    int64_t offset_s;
    char *end;
    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, &used) != 6 ||
        !used)
        return 0;
    if (tm.tm_year < 1970 || tm.tm_year > 2200 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
        tm.tm_sec < 0 || tm.tm_sec > 60)
        return 0;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    double fraction = text[used] == '.' ? strtod(text + used, &end) : 0;
    if (text[used] != '.')
        end = NULL;
    if (!parse_zone(end ? end : text + used, local_s, &offset_s))
        return 0;
    *seconds = (double)timegm(&tm) + fraction - (double)offset_s;
    return fraction >= 0 && fraction < 1;
}

/* Seconds stay below 1e11 until the year 5138, and each finer unit is a thousandfold. Nanoseconds since 1970
 * have room in 64 bits until 2554. */
static int parse_time(const char *text, int64_t local_s, uint64_t *ns)
{
    double number;
    if (!parse_number(text, &number) && !parse_iso(text, local_s, &number))
        return 0;
    for (double scale = 1e9; scale >= 1; scale /= 1e3) {
        if (number >= 0 && number < 1e11 * (1e9 / scale)) {
            if (number * scale >= NS_END)
                return 0;
            double whole = floor(number); /* apart: a double has no room for nanoseconds since 1970 */
            *ns = (uint64_t)whole * (uint64_t)scale + (uint64_t)((number - whole) * scale);
            return 1;
        }
    }
    return 0;
}

/* --- the heading --- */

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcasecmp(name, *names) == 0)
            return 1;
    }
    return 0;
}

static int find_column(char *fields[], int count, const char *const *names)
{
    for (int i = 0; i < count; i++) {
        if (is_one_of(fields[i], names))
            return i;
    }
    return -1;
}

static int read_heading(struct meter *m, char *fields[], int count, struct columns *c, struct error *e)
{
    int energy = find_column(fields, count, energy_names), power = find_column(fields, count, power_names);
    c->time = find_column(fields, count, time_names);
    c->value = energy >= 0 ? energy : power;
    m->is_energy = energy >= 0;
    c->are_known = 1;
    if (c->time < 0)
        return error_set(e, TT_SYNTAX, "the heading names no time; call a column 'time'");
    if (c->value < 0)
        return error_set(e, TT_SYNTAX,
                         "the heading names neither watts nor joules; call a column 'watts' or 'joules'");
    return TT_OK;
}

/* --- all of it --- */

static int add_row(struct meter *m, const struct meter_row *row, const struct meter_range *range,
                   struct error *e)
{
    if (row->realtime_ns < range->from_ns || row->realtime_ns > range->to_ns) {
        m->outside++;
        return TT_OK;
    }
    if (m->count == METER_ROWS_MAX)
        return error_set(e, TT_LIMIT, "more than %u readings", METER_ROWS_MAX);
    if (mem_grow(&m->rows, &m->capacity, m->count + 1, sizeof m->rows[0]))
        return error_set(e, TT_NOMEM, "out of memory");
    m->rows[m->count++] = *row;
    return TT_OK;
}

static int read_line(struct meter *m, char *line, struct columns *c, const struct meter_range *range,
                     struct error *e)
{
    char *fields[COLUMNS_MAX];
    struct meter_row row;
    double value;
    int count = split(line, fields);
    if (!c->are_known && !parse_time(fields[0], range->utc_offset_s, &row.realtime_ns))
        return read_heading(m, fields, count, c, e);
    c->are_known = 1;
    if (count <= c->time || count <= c->value ||
        !parse_time(fields[c->time], range->utc_offset_s, &row.realtime_ns) ||
        !parse_number(fields[c->value], &value) || value < 0 || value > 1e12) {
        m->skipped++;
        return TT_OK;
    }
    row.value = (uint64_t)(value * 1e6 + 0.5);
    return add_row(m, &row, range, e);
}

int meter_parse(struct meter *m, const char *text, size_t len, const struct meter_range *range,
                struct error *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* spreadsheets put it in front */
    struct columns columns = {0, 1, 0};
    char line[LINE_MAX_BYTES];
    int status = TT_OK;
    size_t begin = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    memset(m, 0, sizeof *m);
    for (size_t at = begin; at < len && !status;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t n = newline ? (size_t)(newline - text) - at : len - at;
        int is_comment = !n || text[at] == '#' || text[at] == '\r';
        int is_whole = newline != NULL; /* the meter may be writing the last one right now */
        if (n < sizeof line && is_whole && !is_comment) {
            memcpy(line, text + at, n);
            line[n] = '\0';
            status = read_line(m, line, &columns, range, e);
        } else {
            m->skipped += !is_comment;
        }
        at += n + 1;
    }
    return status;
}

int meter_read(struct meter *m, const char *path, const struct meter_range *range, struct error *e)
{
    struct buf text = BUF_INIT;
    memset(m, 0, sizeof *m);
    int status = io_read_file(path, METER_FILE_MAX, &text, e);
    if (!status) {
        status = meter_parse(m, buf_text(&text), text.len, range, e);
        if (status)
            error_prefix(e, "'%s'", path);
    }
    buf_release(&text);
    return status;
}

void meter_release(struct meter *m)
{
    mem_free(m->rows);
    memset(m, 0, sizeof *m);
}

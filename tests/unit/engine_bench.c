/* SPDX-License-Identifier: MIT */
#include "engine_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/io.h"
#include "formats/json.h"

void bench_open(struct bench *b)
{
    memset(b, 0, sizeof *b);
    snprintf(b->scrubber.homes[0], sizeof b->scrubber.homes[0], "/home/ada");
    probe_set_init(&b->probes);
    b->evidence.probes = &b->probes;
}

void bench_close(struct bench *b)
{
    engine_identity_release(&b->id);
    probe_set_release(&b->probes);
}

struct probe_answer *answer_of(struct bench *b, const char *path)
{
    for (size_t i = 0; i < b->probes.count; i++) {
        if (strcmp(b->probes.answers[i].path, path) == 0)
            return &b->probes.answers[i];
    }
    fail_msg("no probe for %s", path);
    return NULL;
}

void says(struct bench *b, const char *path, const char *body)
{
    struct probe_answer *a = answer_of(b, path);
    a->status = 200;
    buf_clear(&a->body);
    buf_puts(&a->body, body);
}

void has_header(struct bench *b, const char *path, const char *line)
{
    buf_printf(&answer_of(b, path)->head, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", line);
}

void says_captured(struct bench *b, const char *path, const char *name)
{
    char file[512];
    struct buf raw = BUF_INIT;
    snprintf(file, sizeof file, "%s/captures/probes/%s", TEST_DATA, name);
    assert_int_equal(io_read_file(file, 1 << 20, &raw, NULL), TT_OK);
    const char *body = strstr(buf_text(&raw), "\r\n\r\n") + 4;
    struct probe_answer *a = answer_of(b, path);
    buf_append(&a->head, raw.data, (size_t)(body - buf_text(&raw)));
    says(b, path, body);
    buf_release(&raw);
}

void runs_as(struct bench *b, const char *executable, const char *arguments, size_t len)
{
    b->processes[0].executable = executable;
    b->processes[0].arguments = (struct bytes){(const unsigned char *)arguments, len};
    b->evidence.processes = b->processes;
    b->evidence.process_count = 1;
}

void has_child(struct bench *b, const char *executable, const char *arguments, size_t len)
{
    assert_in_range(b->evidence.process_count, 1, BENCH_PROCESSES - 1);
    b->processes[b->evidence.process_count++] =
        (struct engine_process){executable, {(const unsigned char *)arguments, len}, {NULL, 0}};
}

struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

void identify(struct bench *b)
{
    engine_identity_release(&b->id);
    assert_int_equal(engine_identify(&b->id, &b->evidence, &b->scrubber, NULL), TT_OK);
}

const cJSON *fact(const struct bench *b, const char *path)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, b->id.facts)
    {
        if (strcmp(json_string(item, "path"), path) == 0)
            return item;
    }
    return NULL;
}

void expect_text(const struct bench *b, const char *path, const char *value, const char *how)
{
    const cJSON *found = fact(b, path);
    if (!found)
        fail_msg("nothing says what %s is", path);
    assert_string_equal(json_string(found, "value"), value);
    assert_string_equal(json_string(found, "how"), how);
}

void expect_count(const struct bench *b, const char *path, double value, const char *how)
{
    const cJSON *found = fact(b, path);
    if (!found)
        fail_msg("nothing says what %s is", path);
    assert_true(json_number(found, "value", -1) == value);
    assert_string_equal(json_string(found, "how"), how);
}

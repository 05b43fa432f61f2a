/* SPDX-License-Identifier: MIT */
#include "made_tape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/shared_runs.h"
#include "analyze/tape_series.h"
#include "formats/alloc.h"
#include "formats/json.h"

static const char usual_meta[] =
    "{\"host\":{\"machine_name\":\"Test "
    "Box\",\"chip\":\"T1\",\"ram_bytes\":\"68719476736\",\"power_mode\":\"high\"},"
    "\"engine\":{\"name\":\"llamacpp\",\"version\":\"b9430-abc\",\"args\":[\"llama-server\",\"-c\",\"65536\"]"
    ","
    "\"context\":65536,\"slots\":1},"
    "\"model\":{\"id\":\"Qwen3-8B-Q4_K_M.gguf\",\"file\":\"/models/Qwen3-8B-Q4_K_M.gguf\",\"quant\":\"Q4_K - "
    "Medium\"},"
    "\"workload\":{\"name\":\"agentic-8\",\"sha256\":\"0123456789abcdef\",\"phases\":[{\"name\":\"cold\"},"
    "{\"name\":\"warm\"},{\"name\":\"prefix-test-1\"},{\"name\":\"prefix-test-2\"},{\"name\":\"prefix-test-"
    "3\"},"
    "{\"name\":\"cold-prefix\"},{\"name\":\"long-context\"},{\"name\":\"long-prefix\"}]}}";

/* Members of `over` replace those of `base`, objects member by member. */
static void merge(cJSON *base, const cJSON *over)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, over)
    {
        cJSON *old = cJSON_GetObjectItemCaseSensitive(base, item->string);
        if (cJSON_IsObject(old) && cJSON_IsObject(item))
            merge(old, item);
        else
            assert_int_equal(json_set(base, item->string, cJSON_Duplicate(item, 1)), 0);
    }
}

void made_tape_init(struct tape *tape, const char *content_id, const char *meta)
{
    memset(tape, 0, sizeof *tape);
    assert_int_equal(shared_runs_begin(tape), TT_OK);
    tape->path = mem_strdup("test.toktape");
    tape->meta = json_parse(usual_meta, strlen(usual_meta), JSON_DOCUMENT_MAX, NULL);
    assert_non_null(tape->meta);
    if (meta) {
        cJSON *over = json_parse(meta, strlen(meta), JSON_DOCUMENT_MAX, NULL);
        assert_non_null(over);
        merge(tape->meta, over);
        cJSON_Delete(over);
    }
    snprintf(tape->content_id, sizeof tape->content_id, "%s", content_id);
    tape->closed = "clean";
    tape->ticks_numer = tape->ticks_denom = 1;
    tape->last_rss_generation = ABSENT;
    tape->idle_w = NAN;
    tape->concurrency = 1;
}

static void forget_all(struct run_figures *run)
{
    memset(run, 0, sizeof *run);
    double *const reals[] = {&run->ttft_ms,       &run->ttft_content_ms,
                             &run->ttfb_ms,       &run->header_ms,
                             &run->connect_ms,    &run->total_ms,
                             &run->decode_tok_s,  &run->decode_window_ms,
                             &run->peak64_tok_s,  &run->server_predicted_ms,
                             &run->prefill_ms,    &run->step_ms,
                             &run->prefill_tok_s, &run->start_s};
    uint64_t *const counts[] = {
        &run->prompt_tokens, &run->completion_tokens, &run->cached_tokens,  &run->max_tokens,
        &run->draft_tokens,  &run->draft_accepted,    &run->decode_tokens,  &run->t_zero,
        &run->t_first_token, &run->t_last_token,      &run->peak_rss_bytes, &run->t_close,
        &run->thermal_max};
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++)
        *reals[i] = NAN;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] = ABSENT;
}

struct run_figures *made_tape_run(struct tape *tape, uint64_t repeat, uint64_t phase, double decode,
                                  double ttft)
{
    assert_int_equal(shelf_grow(&tape->runs, &tape->run_capacity, tape->run_count + 1, sizeof *tape->runs),
                     0);
    struct run_figures *run = &tape->runs[tape->run_count];
    forget_all(run);
    run->run = tape->run_count++;
    run->prompt = run->prompt_key = ABSENT;
    run->energy = ENERGY_UNKNOWN;
    run->repeat = repeat;
    run->phase = phase;
    run->is_last_attempt = run->ok = 1;
    run->http_status = 200;
    run->decode_tok_s = decode;
    run->decode_tokens = 399;
    run->decode_grade = GRADE_A;
    run->ttft_ms = ttft;
    memcpy(run->finish_reason, "length", 7);
    return run;
}

void run_cached(struct run_figures *run, uint64_t cached, uint64_t prompt)
{
    run->cached_state = CACHED_NUMBER;
    run->cached_tokens = cached;
    run->prompt_tokens = prompt;
}

struct bytes made_text(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

struct series_row made_rail(const char *source, enum series_kind kind, uint64_t rail)
{
    return (struct series_row){.kind = kind,
                               .rail = rail,
                               .wrap = ABSENT,
                               .scope = SCOPE_ENGINE,
                               .source = made_text(source),
                               .name = made_text("rail"),
                               .unit = made_text(kind == SERIES_ENERGY ? "uJ" : "W")};
}

uint64_t made_tape_series(struct tape *tape, const struct series_row *row)
{
    struct series_row numbered = *row;
    numbered.series = tape->series_count;
    assert_int_equal(tape_series_declare(tape, &numbered, NULL), 0);
    return numbered.series;
}

void made_tape_sample(struct tape *tape, uint64_t series, uint64_t t, uint64_t source_t, uint64_t value)
{
    const struct sample_row row = {.series = series, .t = t, .source_t = source_t, .value = value};
    assert_int_equal(tape_series_add(tape, &row, NULL), 0);
}

void made_tape_memory(struct tape *tape, enum series_kind kind, uint64_t generation,
                      const uint64_t (*samples)[2], size_t count)
{
    const struct series_row row = {
        .kind = kind, .scope = SCOPE_ENGINE, .generation = generation, .period_ns = 1000000000};
    uint64_t series = made_tape_series(tape, &row);
    for (size_t i = 0; i < count; i++)
        made_tape_sample(tape, series, samples[i][0], ABSENT, samples[i][1]);
}

void made_tape_campaign(struct tape *tape, uint64_t repeats)
{
    static const struct {
        double decode, ttft, prefill;
        uint64_t cached, prompt;
    } phases[PHASE_COUNT] = {
        [PHASE_COLD] = {98, 812, 9210, 12, 7530},
        [PHASE_WARM] = {100, 67, NAN, 7529, 7530},
        [PHASE_PREFIX_1] = {99, 210, 9100, 6024, 7530},
        [PHASE_PREFIX_2] = {99, 211, 9000, 6024, 7530},
        [PHASE_PREFIX_3] = {99, 212, 9050, 6024, 7530},
        [PHASE_COLD_PREFIX] = {98, 806, 9200, 12, 7530},
        [PHASE_LONG_CONTEXT] = {71, 9100, 6050, 6024, 56000},
        [PHASE_LONG_PREFIX] = {71, 90, NAN, 55999, 56000},
    };
    for (uint64_t repeat = 0; repeat < repeats; repeat++) {
        for (uint64_t i = 0; i < PHASE_COUNT; i++) {
            struct run_figures *run =
                made_tape_run(tape, repeat, i, phases[i].decode + (double)repeat, phases[i].ttft);
            run_cached(run, phases[i].cached, phases[i].prompt);
            run->prefill_tok_s = phases[i].prefill;
            run->prefill_grade = isnan(phases[i].prefill) ? GRADE_NONE : GRADE_A;
            run->decode_window_ms = 4000;
            run->max_tokens = run->completion_tokens = i < PHASE_LONG_CONTEXT ? 400 : 200;
            run->cold = i == PHASE_COLD || i == PHASE_COLD_PREFIX ? COLD_REQUEST : COLD_NOT_ASKED;
            run->peak_rss_bytes = 4294967296 + repeat;
            snprintf(run->text_sha256, sizeof run->text_sha256, "text%u", (unsigned)i);
        }
    }
}

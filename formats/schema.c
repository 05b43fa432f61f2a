/* SPDX-License-Identifier: MIT */
#include "formats/schema.h"

#define U64(id, row, field, packing)                                                                         \
    {                                                                                                        \
        id, #field, COLUMN_U64, ENCODING_##packing, offsetof(struct row, field)                              \
    }
#define RAW(id, row, field)                                                                                  \
    {                                                                                                        \
        id, #field, COLUMN_BYTES, ENCODING_BYTES, offsetof(struct row, field)                                \
    }
#define TABLE(id, name, row, columns)                                                                        \
    {                                                                                                        \
        id, name, sizeof(struct row), sizeof(columns) / sizeof(columns)[0], columns                          \
    }

static const struct column_def run_columns[] = {
    U64(1, run_row, run, DELTA),
    U64(2, run_row, repeat, DELTA),
    U64(3, run_row, phase, DELTA),
    U64(4, run_row, conversation, DELTA),
    U64(5, run_row, turn, DELTA),
    U64(6, run_row, parent, VALUE),
    U64(7, run_row, attempt, VALUE),
    U64(8, run_row, slot, VALUE),
    U64(9, run_row, body, VALUE),
    U64(10, run_row, cold, VALUE),
    U64(11, run_row, t_intended, DELTA),
    U64(12, run_row, t_start, DELTA),
    U64(13, run_row, think_ns, VALUE),
    RAW(14, run_row, method),
    RAW(15, run_row, path),
};

static const struct column_def run_end_columns[] = {
    U64(1, run_end_row, run, DELTA),
    U64(2, run_end_row, t_connected, DELTA),
    U64(3, run_end_row, t_sent, DELTA),
    U64(4, run_end_row, t_header, DELTA),
    U64(5, run_end_row, t_close, DELTA),
    U64(6, run_end_row, status, VALUE),
    U64(7, run_end_row, ended, VALUE),
    U64(8, run_end_row, lookup_ns, VALUE),
    U64(9, run_end_row, connect_ns, VALUE),
    U64(10, run_end_row, tls_ns, VALUE),
    U64(11, run_end_row, recorder_cpu_ns, VALUE),
    U64(12, run_end_row, clock_jump, VALUE),
    RAW(13, run_end_row, error),
    RAW(14, run_end_row, answer_hmac),
};

static const struct column_def read_columns[] = {
    U64(1, read_row, run, DELTA),
    U64(2, read_row, t, DELTA),
    U64(3, read_row, nbytes, VALUE),
};

static const struct column_def segment_columns[] = {
    RAW(1, segment_row, sha256),
    RAW(2, segment_row, data),
};

static const struct column_def body_columns[] = {
    RAW(1, body_row, sha256),
    U64(2, body_row, nbytes, VALUE),
    RAW(3, body_row, segments),
};

static const struct column_def probe_columns[] = {
    U64(1, probe_row, t, DELTA),   U64(2, probe_row, duration, VALUE), U64(3, probe_row, moment, VALUE),
    U64(4, probe_row, run, VALUE), U64(5, probe_row, status, VALUE),   RAW(6, probe_row, method),
    RAW(7, probe_row, path),       RAW(8, probe_row, headers),         RAW(9, probe_row, body),
};

static const struct column_def clock_columns[] = {
    U64(1, clock_row, native, DELTA),           U64(2, clock_row, width, VALUE),
    U64(3, clock_row, through_sleep_ns, DELTA), U64(4, clock_row, realtime_ns, DELTA),
    U64(5, clock_row, utc_offset_s, VALUE),
};

static const struct column_def series_columns[] = {
    U64(1, series_row, series, DELTA),
    U64(2, series_row, kind, VALUE),
    U64(3, series_row, generation, VALUE),
    U64(4, series_row, period_ns, VALUE),
    U64(5, series_row, is_counter, VALUE),
    U64(6, series_row, scope, VALUE),
    RAW(7, series_row, source),
    RAW(8, series_row, name),
    RAW(9, series_row, unit),
    U64(10, series_row, cost_ns, VALUE),
    U64(11, series_row, rail, VALUE),
    U64(12, series_row, wrap, VALUE),
    RAW(13, series_row, origin),
    RAW(14, series_row, stamp),
};

static const struct column_def sample_columns[] = {
    U64(1, sample_row, series, VALUE),   U64(2, sample_row, t, DELTA),
    U64(3, sample_row, duration, VALUE), U64(4, sample_row, source_t, DELTA),
    U64(5, sample_row, value, DELTA),
};

static const struct column_def process_columns[] = {
    U64(1, process_row, generation, DELTA), U64(2, process_row, t, DELTA),
    U64(3, process_row, pid, VALUE),        U64(4, process_row, parent_pid, VALUE),
    U64(5, process_row, start_time, VALUE), RAW(6, process_row, role),
    RAW(7, process_row, executable),        RAW(8, process_row, arguments),
};

static const struct column_def stall_columns[] = {
    U64(1, stall_row, t, DELTA),
    U64(2, stall_row, duration, VALUE),
    U64(3, stall_row, nbytes, VALUE),
};

static const struct column_def loss_columns[] = {
    U64(1, loss_row, t, DELTA),
    U64(2, loss_row, count, VALUE),
    RAW(3, loss_row, place),
    RAW(4, loss_row, reason),
};

static const struct column_def mark_columns[] = {
    U64(1, mark_row, t, DELTA), U64(2, mark_row, run, VALUE), U64(3, mark_row, repeat, VALUE),
    RAW(4, mark_row, kind),     RAW(5, mark_row, text),
};

static const struct column_def prompt_ids_columns[] = {
    U64(1, prompt_ids_row, body, DELTA),
    RAW(2, prompt_ids_row, ids),
};

static const struct column_def peak_columns[] = {
    U64(1, peak_row, run, DELTA), U64(2, peak_row, t_reset, DELTA),   U64(3, peak_row, t_read, DELTA),
    U64(4, peak_row, rss, VALUE), U64(5, peak_row, footprint, VALUE), U64(6, peak_row, processes, VALUE),
};

static const struct column_def arrival_columns[] = {
    U64(1, arrival_row, run, DELTA),
    U64(2, arrival_row, t, DELTA),
    RAW(3, arrival_row, data),
};

static const struct column_def given_columns[] = {
    U64(1, given_row, run, DELTA),           U64(2, given_row, ttft_ns, VALUE),
    U64(3, given_row, total_ns, VALUE),      U64(4, given_row, prefill_ns, VALUE),
    U64(5, given_row, decode_ns, VALUE),     U64(6, given_row, decode_tokens, VALUE),
    U64(7, given_row, decode_utok_s, VALUE), U64(8, given_row, prompt_tokens, VALUE),
    U64(9, given_row, cached_tokens, VALUE), U64(10, given_row, completion_tokens, VALUE),
    U64(11, given_row, max_tokens, VALUE),   U64(12, given_row, soc_uw, VALUE),
    U64(13, given_row, uj_per_token, VALUE), U64(14, given_row, peak_rss, VALUE),
    RAW(15, given_row, finish_reason),       RAW(16, given_row, text),
};

static const struct column_def pieces_columns[] = {
    U64(1, pieces_row, run, DELTA),
    RAW(2, pieces_row, lengths),
};

static const struct table_def tables[] = {
    TABLE(TABLE_RUN, "run", run_row, run_columns),
    TABLE(TABLE_RUN_END, "run_end", run_end_row, run_end_columns),
    TABLE(TABLE_READ, "read", read_row, read_columns),
    TABLE(TABLE_SEGMENT, "segment", segment_row, segment_columns),
    TABLE(TABLE_BODY, "body", body_row, body_columns),
    TABLE(TABLE_PROBE, "probe", probe_row, probe_columns),
    TABLE(TABLE_CLOCK, "clock", clock_row, clock_columns),
    TABLE(TABLE_SERIES, "series", series_row, series_columns),
    TABLE(TABLE_SAMPLE, "sample", sample_row, sample_columns),
    TABLE(TABLE_PROCESS, "process", process_row, process_columns),
    TABLE(TABLE_STALL, "stall", stall_row, stall_columns),
    TABLE(TABLE_LOSS, "loss", loss_row, loss_columns),
    TABLE(TABLE_MARK, "mark", mark_row, mark_columns),
    TABLE(TABLE_PROMPT_IDS, "prompt_ids", prompt_ids_row, prompt_ids_columns),
    TABLE(TABLE_PEAK, "peak", peak_row, peak_columns),
    TABLE(TABLE_ARRIVAL, "arrival", arrival_row, arrival_columns),
    TABLE(TABLE_GIVEN, "given", given_row, given_columns),
    TABLE(TABLE_PIECES, "pieces", pieces_row, pieces_columns),
};

const struct table_def *schema_table(uint64_t id)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (tables[i].id == id)
            return &tables[i];
    }
    return NULL;
}

const char *cold_method_name(uint64_t method)
{
    static const char *const names[] = {"none", "restart", "request", "reset", "nonce", "keep"};
    return method < sizeof names / sizeof names[0] ? names[method] : "unknown";
}

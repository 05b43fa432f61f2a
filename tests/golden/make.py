#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How every.toktape, newer.toktape, newer-encoding.toktape and critical.toktape were made: a writer of traces from
formats/FORMAT.md alone. The traces are kept; this shows what is in them, and makes the next ones.

usage: make.py FOLDER"""

import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from reader import ABSENT, CRITICAL, DATA, END, MAGIC, META, NOTE, TABLES, Content, le64  # noqa: E402
from xxh64 import MASK, xxh64  # noqa: E402

TRACE_ID = 0x0123456789ABCDEF
NUMBERS = {name: number for number, (name, _) in TABLES.items()}
NOTE_TEXT = {"text": "kept for ever | with a pipe", "author": "somebody", "time": "2026-01-02T03:04:05Z"}


# --- columns and payloads ---
def uvarint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def planes(residuals):
    count = (max(residuals, default=0).bit_length() + 7) // 8
    return bytes([count]) + b"".join(bytes(r >> 8 * k & 255 for r in residuals) for k in range(count))


def value_column(values):
    least = min(values)
    return uvarint(least) + planes([v - least for v in values])


def signed(value):
    return value - 2**64 if value >> 63 else value


def delta_column(values):
    deltas = [b - a & MASK for a, b in zip(values, values[1:])]
    least = min(deltas, key=signed, default=0)
    zigzag = least << 1 & MASK ^ (MASK if least >> 63 else 0)
    return uvarint(values[0]) + uvarint(zigzag) + planes([d - least & MASK for d in deltas])


def bytes_column(values):
    return value_column([len(v) for v in values]) + b"".join(values)


def column(ident, values):
    """Times and counters as deltas, everything else as values: a reader takes whatever is announced."""
    if isinstance(values[0], bytes):
        encoding, packed = 3, bytes_column(values)
    elif values == sorted(values):
        encoding, packed = 2, delta_column(values)
    else:
        encoding, packed = 1, value_column(values)
    return uvarint(ident) + bytes([encoding]) + uvarint(len(packed)) + packed


def section(number, content):
    return uvarint(number) + uvarint(len(content)) + content


def columns_of(name, rows):
    """{column id: values} of rows that are dicts by column name."""
    defaults = {"n": ABSENT, "b": b""}
    return {i: [row.get(column, defaults[kind]) for row in rows] for i, (column, kind) in TABLES[NUMBERS[name]][1].items()}


def table(columns, extra=b"", extra_count=0):
    rows = len(next(iter(columns.values())))
    return (uvarint(rows) + uvarint(len(columns) + extra_count) + b"".join(column(i, columns[i]) for i in sorted(columns))
            + extra)


# --- blocks ---
def pack(raw):
    command = ["zstd", "-q", "-c", "-9", "--check", f"--stream-size={len(raw)}"]
    return subprocess.run(command, input=raw, capture_output=True, check=True).stdout


class Trace:
    def __init__(self):
        self.out, self.blocks, self.content = b"", 0, Content()
        self.rows, self.wire_bytes = {}, 0

    def block(self, kind, flags, raw):
        packed = pack(raw)
        header = MAGIC + kind.to_bytes(2, "little") + flags.to_bytes(2, "little")
        header += len(raw).to_bytes(4, "little") + len(packed).to_bytes(4, "little")
        header += le64(self.blocks) + le64(TRACE_ID) + le64(xxh64(packed))
        self.out += header + le64(xxh64(header)) + packed
        self.blocks += 1

    def meta(self, document):
        raw = json.dumps(document, indent=1).encode() + b"\n"
        self.content.add_meta(raw)
        self.block(META, CRITICAL, raw)

    def data(self, wire, tables, unknown_encoding=None):
        """`tables` is {number: {column id: values}}; `unknown_encoding` adds such a column to that table."""
        raw = section(0, wire) if wire else b""
        self.wire_bytes += len(wire)
        if wire:
            self.content.add("wire", wire)
        for number in sorted(tables):
            columns = tables[number]
            rows = len(next(iter(columns.values())))
            # Column 63 in an imagined encoding 9: one number, the same in all rows.
            extra = b"\x3f\x09\x03abc" if number == unknown_encoding else b""
            raw += section(number, table(columns, extra, bool(extra)))
            self.content.add_table(number, rows, {**columns, 63: [0x636261] * rows} if extra else columns)
            if number in TABLES:
                self.rows[TABLES[number][0]] = self.rows.get(TABLES[number][0], 0) + rows
        self.block(DATA, CRITICAL, raw)

    def finish(self):
        end = {"ended": "clean", "rows": self.rows, "wire_bytes": self.wire_bytes, "blocks": self.blocks + 1,
               "meta": self.content.metas, "streams": self.content.digests(), "content_id": self.content.id()}
        self.block(END, CRITICAL, json.dumps(end).encode())
        return self.out


# --- what is in them ---
def description(uuid):
    return {"format": "toktape", "format_version": 1, "trace": uuid, "created": "2026-01-02T03:04:05Z",
            "tool": {"name": "make.py", "version": "1"}, "clock": {"name": "test", "numer": "125", "denom": "3"},
            "host": {"os": "macOS", "arch": "arm64", "machine": "Mac15,9", "machine_name": "MacBook Pro 16",
                     "chip": "Apple M3 Max", "ram_bytes": 68719476736},
            "engine": {"name": "vllm", "version": "0.11.0", "version_source": "/version", "context": 32768, "slots": 4},
            "model": {"id": "org/model-30b", "file": "model-30b", "quant": "AWQ"},
            "speculative": {"kind": "mtp", "source": "arguments"},
            "workload": {"name": "every", "sha256": "0" * 64,
                         "phases": [{"name": "cold", "max_tokens": 3, "cold": True}, {"name": "warm", "max_tokens": 3}]},
            "cold": {"asked": "auto", "method": "request"}, "privacy": {"content": "full"},
            "labels": {"machine": "golden", "note": "a | b"}, "synthetic": True,
            "provenance": [{"action": "synth", "tool": "make.py"}],
            "member_of_a_newer_version": {"kept": [1, 2, 3]}}


def answer(words, cached):
    def event(document):
        return b"data: " + json.dumps(document).encode() + b"\n\n"
    parts = [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"]
    events = [event({"choices": [{"index": 0, "delta": {"content": word}}]}) for word in words]
    events.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                         "usage": {"prompt_tokens": 900, "completion_tokens": len(words) + 1,
                                   "prompt_tokens_details": {"cached_tokens": cached}}}))
    events.append(b"data: [DONE]\n\n")
    parts += [b"%x\r\n%s\r\n" % (len(e), e) for e in events]
    parts[-1] += b"0\r\n\r\n"
    return parts


WORDS = ["The", " r\u00edver", " carries", " sand", " to", " the", " s\u00ea", ".", " \u6d77", "\U0001F30A"]


def runs(tables):
    """Two repeats of two phases; ticks are 125/3 ns. Returns the wire."""
    wire = b""
    for run in range(4):
        start = 10**9 + run * 3 * 10**7
        parts = answer(WORDS, 0 if run % 2 == 0 else 899)
        tables["run"].append({"run": run, "repeat": run // 2, "phase": run % 2, "conversation": run % 2, "turn": 0,
                              "attempt": 0, "slot": run % 2, "body": run % 2, "cold": 2 if run % 2 == 0 else 0,
                              "parent": ABSENT if run % 2 == 0 else run - 1, "t_intended": start - 5, "t_start": start,
                              "think_ns": 1000 * run, "method": b"POST", "path": b"/v1/chat/completions"})
        t = start + 24000
        for i, part in enumerate(parts):
            t += 200000 + 1001 * i + 77 * run
            tables["read"].append({"run": run, "t": t, "nbytes": len(part)})
            wire += part
        tables["pieces"].append({"run": run, "lengths": b"".join(uvarint(len(w.encode())) for w in WORDS)})
        tables["run_end"].append({"run": run, "t_connected": start + 20000, "t_sent": start + 21000,
                                  "t_header": start + 224000, "t_close": t + 10, "status": 200, "ended": 0,
                                  "lookup_ns": 20000, "connect_ns": 90000, "recorder_cpu_ns": 500000 + run,
                                  "clock_jump": run == 3, "error": b"" if run != 3 else "the clock st\u00e9pped".encode()})
    return wire


def requests(tables):
    texts = [b'{"messages":[', b'{"role":"system","content":"Be brief."}', b'{"role":"user","content":"Why?"}', b"]}"]
    tables["segment"] = [{"sha256": hashlib.sha256(t).digest(), "data": t} for t in texts]
    for places in ([0, 1, 3], [0, 1, 2, 3]):
        body = b"".join(texts[p] for p in places)
        tables["body"].append({"sha256": hashlib.sha256(body).digest(), "nbytes": len(body),
                               "segments": b"".join(map(uvarint, places))})
        tables["prompt_ids"].append({"body": len(tables["prompt_ids"]), "ids": b"".join(map(uvarint, range(100, 400, 7)))})


def sensors(tables):
    tables["process"] = [{"generation": g, "t": 10**9 - 100 + g, "pid": 4000 + g, "parent_pid": 1, "start_time": 77 + g,
                          "role": b"listener", "executable": b"~/bin/engine", "arguments": b"engine\0--port\0" + b"8000"}
                         for g in range(2)]
    kinds = [(1, 0, b"ri_resident_size", b"byte"), (4, 0, b"ri_phys_footprint", b"byte"), (8, 1, b"pressure", b"level"),
             (10, 1, b"CPU Energy", b"mJ"), (12, 0, b"queue", b"1")]
    tables["series"] = [{"series": i, "kind": k, "generation": 0 if not scope else ABSENT, "period_ns": 10**8,
                         "is_counter": int(k == 10), "scope": scope, "source": b"test", "name": name, "unit": unit}
                        for i, (k, scope, name, unit) in enumerate(kinds)]
    tables["sample"] = [{"series": i % 5, "t": 10**9 + i * 10**6, "duration": 50 + i, "source_t": ABSENT if i % 2 else i,
                         "value": [5 * 10**9 + i, 6 * 10**9, -i & MASK, 1000 * i, ABSENT][i % 5]} for i in range(60)]


def small_things(tables):
    tables["probe"] = [{"t": 10**9 - 5000 + m, "duration": 900, "moment": m, "run": ABSENT if m in (0, 1, 4) else 1,
                        "status": [200, 200, 404, ABSENT, 200][m], "method": b"GET", "path": b"/version",
                        "headers": b"HTTP/1.1 200 OK\r\nServer: vLLM\r\n\r\n", "body": b'{"version":"0.11.0"}'}
                       for m in range(5)]
    tables["clock"] = [{"native": 10**9 - 10**6 + i * 10**8, "width": 7, "through_sleep_ns": 10**13 + i,
                        "realtime_ns": 1767323045 * 10**9 + i, "utc_offset_s": -3600 & MASK} for i in range(2)]
    tables["stall"] = [{"t": 10**9 + 5, "duration": 17, "nbytes": 4096}]
    tables["loss"] = [{"t": 10**9 + 6, "count": 3, "place": b"sampler", "reason": b"ring full"}]
    tables["mark"] = [{"t": 10**9 + i, "repeat": ABSENT if i % 2 else 0, "run": i % 4, "kind": kind, "text": b"because"}
                      for i, kind in enumerate([b"idle_begin", b"idle_end", b"restart", b"cache_reset", b"sensor_gone",
                                                b"sensor_back", b"sensor_failed", b"engine_gone", b"of a newer version"])]


def contents():
    tables = {name: [] for name in NUMBERS}
    wire = runs(tables)
    requests(tables)
    sensors(tables)
    small_things(tables)
    return wire, {NUMBERS[name]: columns_of(name, rows) for name, rows in tables.items() if rows}


def begin(uuid):
    trace = Trace()
    trace.meta(description(uuid))
    trace.meta({"facts": [{"path": "engine.version", "value": "0.11.1", "how": "/version", "t": "1000000001"},
                          {"path": "model.quant", "value": "AWQ", "how": "/v1/models", "t": "1000000002"}]})
    return trace


def every():
    """Every table and every column of version 1, two META documents and a note."""
    trace = begin("00000000-0000-4000-8000-000000000001")
    trace.data(*contents())
    trace.block(NOTE, 0, json.dumps(NOTE_TEXT).encode())
    return trace.finish()


def newer(unknown_encoding):
    """What a later version may add without a new major version; and columns that this recorder leaves out."""
    trace = begin("00000000-0000-4000-8000-000000000002")
    wire, tables = contents()
    for number in (READ_TABLE, NUMBERS["mark"]):
        rows = len(tables[number][1])
        tables[number][40] = [number * 1000 + i for i in range(rows)]
        tables[number][41] = [b"new-%d" % i for i in range(rows)]
    for column in (8, 9, 10, 11):
        del tables[NUMBERS["run_end"]][column]
    tables[90] = {1: [7, 5, ABSENT], 2: [b"", b"one", b"three"]}
    trace.block(77, 0, b"a block that only a newer version knows")
    trace.data(wire, tables, NUMBERS["mark"] if unknown_encoding else None)
    trace.block(78, 0, b"")
    return trace.finish()


def critical():
    """A block that must not be passed over by a reader that does not know it."""
    trace = begin("00000000-0000-4000-8000-000000000003")
    trace.data(*contents())
    trace.block(77, CRITICAL, b"without this the rest would be misread")
    return trace.finish()


READ_TABLE = NUMBERS["read"]


def main(folder):
    made = {"every": every(), "newer": newer(False), "newer-encoding": newer(True), "critical": critical()}
    for name, data in made.items():
        with open(os.path.join(folder, name + ".toktape"), "xb") as file:
            file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])

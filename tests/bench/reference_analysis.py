#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The analysis that one would write in an afternoon, to measure ours against: the zstd tool and Python's standard
library. Reads traces, prints a line for each run: trace, run, TTFT in ms, decode tok/s, tokens, and the percentiles 50,
90, 95 and 99 of the inter-token latency in ms with all their digits. Frames are taken for tokens; those of one read
share the gap before it. Checks no hash.

usage: reference_analysis.py TRACE..."""

import json
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
import reader  # noqa: E402

RUN_END, READ = 2, 3


def data_payloads(path):
    """The raw payloads of the DATA blocks."""
    with open(path, "rb") as trace:
        data = trace.read()
    raw = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    at = done = 0
    while at < len(data):
        kind, _, raw_len, packed_len = struct.unpack("<HHII", data[at + 16:at + 28])
        if kind == reader.DATA:
            yield raw[done:done + raw_len]
        at, done = at + 60 + packed_len, done + raw_len


def gather(path):
    """(time zero of each run, [(time, bytes)] of each run)."""
    starts, reads = {}, {}
    for raw in data_payloads(path):
        wire, tables = reader.data_block(raw)
        at = 0
        for run, t, nbytes in reader.rows_of(tables, READ, 1, 2, 3):
            reads.setdefault(run, []).append((t, wire[at:at + nbytes]))
            at += nbytes
        for run, t_connected in reader.rows_of(tables, RUN_END, 1, 2):
            starts[run] = t_connected
    return starts, reads


class Dechunker:
    """Takes HTTP's head and chunk framing from the bytes of an answer."""

    def __init__(self):
        self.rest, self.in_head, self.left = b"", True, 0

    def feed(self, data):
        self.rest += data
        if self.in_head:
            head, found, self.rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return b""
            self.in_head = False
        body = b""
        while self.rest:
            if not self.left:
                size, found, after = self.rest.lstrip(b"\r\n").partition(b"\r\n")
                if not found:
                    return body
                self.left, self.rest = int(size, 16), after
                if not self.left:
                    return body
            body += self.rest[:self.left]
            taken = min(self.left, len(self.rest))
            self.left, self.rest = self.left - taken, self.rest[taken:]
        return body


def frames(reads):
    """(number and time of the read that completed it, document) of each event."""
    dechunker, rest = Dechunker(), b""
    for number, (t, data) in enumerate(reads):
        rest += dechunker.feed(data)
        *events, rest = rest.split(b"\n\n")
        for event in events:
            if event.startswith(b"data: ") and event != b"data: [DONE]":
                yield (number, t), json.loads(event[6:])


def percentile(ordered, share):
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def is_text(choice):
    delta = choice.get("delta") or {}
    return delta.get("content") or delta.get("reasoning_content") or delta.get("tool_calls")


def latencies(bursts):
    """Milliseconds per token after the first read: the gap before a read, shared by its tokens."""
    gaps = []
    for (_, before), (read, now) in zip(bursts, list(bursts)[1:]):
        gaps += [(now - before) / 1e6 / bursts[read, now]] * bursts[read, now]
    return sorted(gaps)


def figures(start, reads):
    bursts, tokens, end = {}, None, 0
    for read, frame in frames(reads):
        for choice in frame.get("choices") or []:
            if is_text(choice):
                bursts[read] = bursts.get(read, 0) + 1
            if is_text(choice) or choice.get("finish_reason") == "stop":
                end = read[1]
        tokens = (frame.get("usage") or {}).get("completion_tokens", tokens)
    times = [t for _, t in bursts]
    gaps = latencies(bursts)
    window = (end - times[0]) / 1e9
    rate = (tokens - next(iter(bursts.values()))) / window
    return (times[0] - start) / 1e6, rate, tokens, [percentile(gaps, p) for p in (0.5, 0.9, 0.95, 0.99)]


def main(paths):
    for path in paths:
        starts, reads = gather(path)
        for run in sorted(starts):
            *values, itl = figures(starts[run], reads[run])
            print(path, run, *("%.6g" % value for value in values), *(repr(value) for value in itl))


if __name__ == "__main__":
    main(sys.argv[1:])

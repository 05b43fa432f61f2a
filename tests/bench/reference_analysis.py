#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The analysis that one would write in an afternoon, to measure ours against: the zstd tool and Python's standard
library. Reads traces, prints a line for each run: trace, run, TTFT in ms, decode tok/s, tokens, median and 99th
percentile of the inter-token latency in ms. Checks no hash.

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
    """(time, document) of each event, at the read that completed it."""
    dechunker, rest = Dechunker(), b""
    for t, data in reads:
        rest += dechunker.feed(data)
        *events, rest = rest.split(b"\n\n")
        for event in events:
            if event.startswith(b"data: ") and event != b"data: [DONE]":
                yield t, json.loads(event[6:])


def percentile(ordered, share):
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def figures(start, reads):
    times, tokens = [], None
    for t, frame in frames(reads):
        for choice in frame.get("choices") or []:
            delta = choice.get("delta") or {}
            if delta.get("content") or delta.get("reasoning_content") or delta.get("tool_calls"):
                times.append(t)
        tokens = (frame.get("usage") or {}).get("completion_tokens", tokens)
    window = (times[-1] - times[0]) / 1e9
    gaps = sorted(b - a for a, b in zip(times, times[1:]))
    return ((times[0] - start) / 1e6, (tokens - 1) / window, tokens, percentile(gaps, 0.5) / 1e6,
            percentile(gaps, 0.99) / 1e6)


def main(paths):
    for path in paths:
        starts, reads = gather(path)
        for run in sorted(starts):
            print(path, run, *("%.6g" % value for value in figures(starts[run], reads[run])))


if __name__ == "__main__":
    main(sys.argv[1:])

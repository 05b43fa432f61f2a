#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a trace with nothing but Python's standard library and the zstd tool.

usage: read_trace.py [--tokens] TRACE

Prints who was measured, and for each run how its answer arrived; with --tokens also when each piece of text came.
What the numbers mean is specified in FORMAT.md; this reader leaves out what it does not need. zstd verifies the
payloads; 'toktape check' also verifies headers, counts and the content id."""

import json
import struct
import subprocess
import sys

MAGIC = bytes.fromhex("502A4D18 34000000 8954545031 0D0A1A")
META, DATA, END, GAP, CRITICAL = 1, 2, 4, 5, 1
RUN, RUN_END, READ = 1, 2, 3  # numbers of tables; those of columns stand where they are used
ABSENT = MASK = 2**64 - 1
RAW_MAX = 8 << 20


# --- blocks: a header of 60 bytes, and a zstd frame ---
def headers(file):
    """(type, flags, raw length) of each whole block."""
    size = file.seek(0, 2)
    at = 0
    while at + 60 <= size:
        file.seek(at)
        header = file.read(60)
        kind, flags, raw, packed = struct.unpack("<HHII", header[16:28])
        if header[:16] != MAGIC or raw > RAW_MAX:
            sys.exit(f"no block of a trace at byte {at}: 'toktape check' tells more")
        at += 60 + packed
        if at <= size:
            yield kind, flags, raw


def blocks(path):
    """(type, payload) of each whole block; zstd takes our headers for skippable frames."""
    with open(path, "rb") as file:
        found = list(headers(file))
    zstd = subprocess.Popen(["zstd", "-dcq", "--memory=8MB", "--", path],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for kind, flags, length in found:
        payload = zstd.stdout.read(length)
        if len(payload) < length:
            sys.exit("the trace is damaged: 'toktape repair' saves the rest")
        if kind > GAP and flags & CRITICAL:
            sys.exit("the trace needs a newer reader")
        yield kind, payload
    zstd.stdout.read()
    zstd.wait()
    if not found or found[-1][0] != END:
        print("the end of the trace is missing", file=sys.stderr)
    elif zstd.returncode:
        sys.exit("the trace is damaged: 'toktape check' tells where")


# --- tables: columns of numbers or byte strings ---
class Bytes:
    """Takes values from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        if self.at > len(self.data):
            sys.exit("a table is damaged")
        return self.data[self.at - count:self.at]

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128 or shift > 63:
                return value

    def planes(self, count):
        planes = [self.take(count) for _ in range(self.take(1)[0])]
        return [sum(plane[i] << 8 * k for k, plane in enumerate(planes)) for i in range(count)]


def column(rows, encoding, data):
    """The values of a column; None for an encoding of a newer version."""
    if encoding == 2:  # differences
        first, step = data.uvarint(), data.uvarint()
        values, step = [first], step >> 1 ^ -(step & 1)
        for residual in data.planes(rows - 1):
            values.append(values[-1] + step + residual & MASK)
        return values
    if encoding not in (1, 3):
        return None
    least = data.uvarint()
    numbers = [least + value & MASK for value in data.planes(rows)]
    return numbers if encoding == 1 else [data.take(length) for length in numbers]


def table(section):
    """A list of rows, each of them {column id: value}."""
    data = Bytes(section)
    rows, count = data.uvarint(), data.uvarint()
    if rows > 2097152 or count > 32:
        sys.exit("a table is damaged")
    found = [{} for _ in range(rows)]
    for _ in range(count):
        ident, encoding, length = data.uvarint(), data.take(1)[0], data.uvarint()
        for row, value in zip(found, column(rows, encoding, Bytes(data.take(length))) or []):
            row[ident] = value
    return found


def sections(payload):
    """{number: bytes}; 0 is the wire, the others are tables."""
    data, found = Bytes(payload), {}
    while data.at < len(payload):
        number = data.uvarint()
        found[number] = data.take(data.uvarint())
    return found


# --- answers: HTTP, server-sent events, chat completions ---
def body_with_times(reads):
    """(bytes of the body without HTTP's framing, time of each of them as [(end, t)])."""
    wire, ends = b"".join(data for _, data in reads), []
    for t, data in reads:
        ends.append(((ends[-1][0] if ends else 0) + len(data), t))
    head, _, rest = wire.partition(b"\r\n\r\n")
    at, pieces = len(head) + 4, []
    if b"transfer-encoding: chunked" not in head.lower():
        return [(at, rest)], ends
    while True:
        line_end = wire.find(b"\r\n", at)
        size = wire[at:line_end].split(b";")[0] if line_end >= 0 else b""
        try:
            length = int(size, 16)
        except ValueError:
            return pieces, ends
        if not length:
            return pieces, ends
        pieces.append((line_end + 2, wire[line_end + 2:line_end + 2 + length]))
        at = line_end + 2 + length + 2


def events(reads):
    """(time, object) of each event: the time of the read that brought its last byte."""
    pieces, ends = body_with_times(reads)
    line, read = b"", 0
    for at, piece in pieces:
        for part in piece.splitlines(keepends=True):
            at += len(part)
            line += part
            if not line.endswith((b"\n", b"\r")):
                continue
            while read + 1 < len(ends) and ends[read][0] < at:
                read += 1
            if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
                try:
                    yield ends[read][1], json.loads(line[5:])
                except ValueError:
                    pass  # an engine's broken event is kept in the trace, but it is no token
            line = b""


def text_of(event):
    """Text, reasoning or tool-call fragment of a chat completion's event."""
    choices = event.get("choices") if isinstance(event, dict) else None
    delta = choices[0].get("delta") or {} if choices else {}
    calls = [c.get("function", {}).get("arguments") or c.get("function", {}).get("name") or ""
             for c in delta.get("tool_calls") or []]
    return (delta.get("content") or "") + (delta.get("reasoning_content") or delta.get("reasoning") or "") + "".join(calls)


# --- the trace ---
def show_run(run, end, reads, phases, ns, tokens):
    phase = phases[run[3]] if run[3] < len(phases) else str(run[3])
    zero = end.get(2, ABSENT)
    texts = [(t, text) for t, text in ((t, text_of(e)) for t, e in events(reads)) if text]
    first = "-" if not texts or zero == ABSENT else f"{(texts[0][0] - zero) * ns / 1e6:.3f}"
    print(f"{run[2]}\t{phase}\t{end.get(6, 0)}\t{len(reads)}\t{sum(len(d) for _, d in reads)}\t{len(texts)}\t{first}")
    for t, text in texts if tokens else []:
        print(f"\t{(t - zero) * ns / 1e6:.3f}\t{json.dumps(text, ensure_ascii=False)}")


def show_facts(document):
    """What was learnt of engine, model and machine, and how."""
    for fact in document.get("facts", []):
        print(f"{fact['path']}: {json.dumps(fact['value'], ensure_ascii=False)} ({fact.get('how', '-')})")


def show_trace(path, tokens):
    meta, runs, reads = None, {}, {}
    for kind, payload in blocks(path):
        if kind == META:
            show_facts(json.loads(payload))
        if kind == META and meta is None:
            meta = json.loads(payload)
            ns = int(meta["clock"]["numer"]) / int(meta["clock"]["denom"])
            phases = [phase["name"] for phase in meta.get("workload", {}).get("phases", [])]
            print("repeat\tphase\tstatus\treads\tbytes\tevents\tTTFT ms")
        if kind != DATA:
            continue
        found = sections(payload)
        wire = Bytes(found.get(0, b""))
        for row in table(found[RUN]) if RUN in found else []:
            runs[row[1]], reads[row[1]] = row, []
        for row in table(found[READ]) if READ in found else []:
            reads[row[1]].append((row[2], wire.take(row[3])))
        for row in table(found[RUN_END]) if RUN_END in found else []:
            show_run(runs[row[1]], row, reads.pop(row[1]), phases, ns, tokens)


def main():
    paths = [word for word in sys.argv[1:] if word != "--tokens"]
    if len(paths) != 1 or paths[0].startswith("-"):
        sys.exit(__doc__)
    try:
        show_trace(paths[0], "--tokens" in sys.argv)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as problem:
        sys.exit(f"{paths[0]}: {problem}")
    except (ValueError, LookupError, TypeError, AttributeError, struct.error):
        sys.exit("the trace holds what it should not: 'toktape check' tells where")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second reader of traces, written from formats/FORMAT.md alone: standard library and the zstd tool. Tables, columns
and their types are read out of that page itself.

usage: reader.py [--rows] TRACE...

Reads every block, checks every hash and cap, decodes every column, and compares counts, stream digests and the
content id with what END states. --rows prints all that the trace holds instead, a line each: documents, wire, rows,
content id, and how it ends."""

import hashlib
import json
import os
import re
import struct
import subprocess
import sys

from xxh64 import xxh64

SPECIFICATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "formats", "FORMAT.md")
MASK = 2**64 - 1
ABSENT = MASK
MAGIC = bytes.fromhex("502A4D18 34000000 8954545031 0D0A1A")
META, DATA, NOTE, END, GAP = 1, 2, 3, 4, 5
CRITICAL = 1
RAW_MAX, PACKED_MAX, JSON_MAX, END_MAX = 8 << 20, (8 << 20) + (64 << 10), 256 << 10, 64 << 10
TABLES_MAX, COLUMNS_MAX, VALUES_MAX, METAS_MAX, SECTIONS_MAX = 32, 32, 2097152, 200, 100
DEPTH_MAX = 100
READ, NBYTES = 3, 3


class Damage(Exception):
    state = "damaged"


class Truncated(Damage):
    state = "truncated"


class Unsupported(Damage):
    state = "unsupported"


class Limit(Damage):
    state = "limit"


def require(condition, what, problem=Damage):
    if not condition:
        raise problem(what)


def tables_of(specification):
    """{table number: (name, {column id: (name, type)})}, from lines like "| 4 `segment` | 1 sha256 b, 2 data b |"."""
    found = {}
    for number, name, columns in re.findall(r"^\| (\d+) `(\w+)` \| (.*) \|$", specification, re.M):
        split = [column.split() for column in columns.split(", ")]
        found[int(number)] = name, {int(i): (column, kind) for i, column, kind in split}
    return found


with open(SPECIFICATION, encoding="utf-8") as page:
    TABLES = tables_of(page.read())


# --- blocks ---
def unpack(packed, raw_len):
    require(packed[:4] == b"\x28\xb5\x2f\xfd", "the payload is no ordinary zstd frame")
    require(packed[4] & 4 and not packed[4] & 3, "the payload has no checksum of its own, or a dictionary")
    done = subprocess.run(["zstd", "-dcq", "--no-sparse", "--memory=8MB"], input=packed, capture_output=True)
    require(done.returncode == 0 and len(done.stdout) == raw_len, "the payload does not unpack")
    return done.stdout


def take_header(data, at):
    """The fields of the header at a byte, as section 3 lists them."""
    header, rest = data[at:at + 60], data[at:]
    cut = rest.count(0) == len(rest) or len(header) < 60 and header[:16] == MAGIC[:len(header)]
    require(not (at and cut), f"ends after byte {at} without END", Truncated)
    require(len(header) == 60, f"no block at byte {at}")
    fields = struct.unpack("<HHIIQQQQ", header[16:])
    hash_fits = xxh64(header[:52]) == fields[7]
    other_major = MAGIC[:12] + header[12:13] + MAGIC[13:] == header[:16] and 0x32 <= header[12] <= 0x39
    require(not (hash_fits and other_major), "another major version", Unsupported)
    require(header[:16] == MAGIC and hash_fits, f"no block, or a header hash that fails, at byte {at}")
    require(fields[2] <= RAW_MAX and fields[3] <= PACKED_MAX, "a block over the cap", Limit)
    return fields


def blocks(data):
    """(type, flags, raw payload) of each block; what FORMAT.md calls truncated or damaged is refused alike."""
    at = sequence = 0
    trace_id, kind = None, None
    while at < len(data):
        require(kind != END, "bytes after END")
        kind, flags, raw_len, packed_len, number, trace, payload_hash, _ = take_header(data, at)
        require(number == sequence, "sequence")
        require(trace == (trace_id or trace), "trace id")
        require(sequence or kind == META, "the first block is not META")
        packed = data[at + 60:at + 60 + packed_len]
        require(len(packed) == packed_len or not at, f"ends after byte {at} without END", Truncated)
        require(len(packed) == packed_len and xxh64(packed) == payload_hash, f"payload hash at byte {at}")
        require(kind != END or 60 + packed_len <= END_MAX, "END over its cap")
        raw = unpack(packed, raw_len)
        at, sequence, trace_id = at + 60 + packed_len, sequence + 1, trace
        if kind == GAP:
            require(int(document(raw)["next"]) >= sequence, "a gap that does not say what follows it")
            sequence = int(document(raw)["next"])
        yield kind, flags, raw
    require(kind is not None, "no block at byte 0")
    require(kind == END, f"ends after byte {at} without END", Truncated)


# --- payloads ---
class Bytes:
    """Takes values from the front of a payload."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        require(count <= self.left(), "cut off")
        self.at += count
        return self.data[self.at - count:self.at]

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                require(value <= MASK and (byte or not shift), "an integer in a longer spelling")
                return value
            shift += 7
            require(shift < 70, "an integer over 64 bits")

    def planes(self, count):
        number = self.take(1)[0]
        require(number <= 8, "more than 8 planes")
        runs = [self.take(count) for _ in range(number)]
        return [sum(run[i] << 8 * k for k, run in enumerate(runs)) for i in range(count)]


def zigzag(value):
    return value >> 1 ^ -(value & 1)


def numbers(column, rows):
    base = column.uvarint()
    return [base + v & MASK for v in column.planes(rows)]


def deltas(column, rows):
    values = [column.uvarint()]
    step = zigzag(column.uvarint())
    for residual in column.planes(rows - 1):
        values.append(values[-1] + step + residual & MASK)
    return values


def strings(column, rows):
    return [column.take(length) for length in numbers(column, rows)]


def table(number, section):
    """(rows, {column id: values, None where its encoding is unknown}, number of values) of one table."""
    rows, count = section.uvarint(), section.uvarint()
    require(rows and 0 < count <= COLUMNS_MAX, "rows or columns out of range")
    require(rows * count <= VALUES_MAX, "too many values", Limit)
    columns, before = {}, -1
    for _ in range(count):
        ident, encoding = section.uvarint(), section.take(1)[0]
        column = Bytes(section.take(section.uvarint()))
        require(ident > before, "columns out of order")
        before = ident
        columns[ident] = None
        if encoding not in (1, 2, 3):
            continue
        known = TABLES.get(number, ("", {}))[1].get(ident)
        require(not known or (known[1] == "b") == (encoding == 3), "a column of the wrong type")
        columns[ident] = (numbers, deltas, strings)[encoding - 1](column, rows)
        require(not column.left(), "a column is not used up")
    require(not section.left(), "a table is not used up")
    return rows, columns, rows * count


def data_block(raw):
    """(wire, {table number: (rows, columns)})."""
    payload, wire, tables, before, values = Bytes(raw), b"", {}, -1, 0
    while payload.left():
        number = payload.uvarint()
        section = payload.take(payload.uvarint())
        require(number > before, "sections out of order")
        before = number
        if number == 0:
            wire = section
        else:
            rows, columns, added = table(number, Bytes(section))
            tables[number] = rows, columns
            values += added
    require(len(tables) <= TABLES_MAX and values <= VALUES_MAX, "too many tables or values", Limit)
    nbytes = tables[READ][1].get(NBYTES) if READ in tables else None
    require(sum(nbytes or []) == len(wire), "reads and wire disagree")
    return wire, tables


# --- content ---
class Content:
    """Digests of the streams, as content goes by."""

    def __init__(self):
        self.streams, self.signatures, self.metas, self.known = {}, {}, 0, True

    def add(self, name, data):
        self.streams.setdefault(name, hashlib.sha256()).update(data)

    def add_meta(self, raw):
        self.add(f"meta/{self.metas}", raw)
        self.metas += 1

    def add_table(self, number, rows, columns):
        if None in columns.values():
            self.known = False  # an encoding of a newer version: nobody but its reader can tell
            return
        lists = [(c, columns[c]) for c in sorted(columns)]
        signature = le64(len(lists)) + b"".join(
            le64(c) + le64(2 if isinstance(values[0], bytes) else 1) for c, values in lists)
        parts = []
        if self.signatures.get(number) != signature:
            self.signatures[number] = signature
            parts.append(signature)
        for i in range(rows):
            for _, values in lists:
                value = values[i]
                parts.append(le64(len(value)) + value if isinstance(value, bytes) else le64(value))
        self.add(f"table/{number}", b"".join(parts))

    def digests(self):
        return {name: self.streams[name].hexdigest() for name in sorted(self.streams)}

    def id(self):
        text = "".join(f"{name}\0{digest}\n" for name, digest in self.digests().items())
        return hashlib.sha256(text.encode()).hexdigest()


def le64(value):
    return struct.pack("<Q", value)


def document(raw):
    require(len(raw) <= JSON_MAX, "a document over the cap", Limit)
    require(b"\0" not in raw, "a document with NUL bytes")
    depths = [0]
    for bracket in re.findall(rb'[{\[\]}]', re.sub(rb'"(?:\\.|[^"\\])*"', b"", raw)):
        depths.append(depths[-1] + (1 if bracket in b"{[" else -1))
    require(max(depths) <= DEPTH_MAX, "a document nested too deep", Limit)
    value = json.loads(raw.decode())
    require(isinstance(value, dict), "a document that is no object")
    return value


def shown(value):
    return "-" if value == ABSENT else "x" + value.hex() if isinstance(value, bytes) else str(value)


def print_rows(number, rows, columns):
    """Known tables with all their columns, in order; whatever a newer version added comes after these."""
    name, known = TABLES.get(number, (f"table/{number}", {}))
    empty = {"n": ABSENT, "b": b""}
    lists = [(column, columns.get(i) or [empty[kind]] * rows) for i, (column, kind) in known.items()]
    lists += [(f"#{i}", values) for i, values in columns.items() if i not in known and values is not None]
    for i in range(rows):
        print(name, *(f"{column}={shown(values[i])}" for column, values in lists))


class Bodies:
    """Request bodies put together again: what is stored once must give the bytes that were hashed."""

    def __init__(self):
        self.segments = []

    def add(self, tables):
        for digest, data in rows_of(tables, 4, 1, 2):
            require(hashlib.sha256(data).digest() == digest, "a segment's hash")
            self.segments.append(data)
        for digest, nbytes, places in rows_of(tables, 5, 1, 2, 3):
            places, whole = Bytes(places), b""
            while places.left():
                whole += self.segments[places.uvarint()]
            require(len(whole) == nbytes and hashlib.sha256(whole).digest() == digest, "a body's hash")


def rows_of(tables, number, *columns):
    return zip(*(tables[number][1][i] for i in columns)) if number in tables else []


class Reading:
    """One trace on its way through."""

    def __init__(self, show):
        self.show, self.content, self.bodies = show, Content(), Bodies()
        self.end, self.full, self.blocks, self.wire_bytes, self.counts = None, False, 0, 0, {}

    def line(self, *words):
        if self.show:
            print(*words)

    def data(self, raw):
        wire, tables = data_block(raw)
        self.wire_bytes += len(wire)
        if wire:
            self.content.add("wire", wire)
            self.line("wire", "x" + wire.hex())
        for number, (rows, columns) in tables.items():
            if number in TABLES:
                self.counts[TABLES[number][0]] = self.counts.get(TABLES[number][0], 0) + rows
            self.content.add_table(number, rows, columns)
            if self.show:
                print_rows(number, rows, columns)
        sections = len(self.content.signatures) + (self.wire_bytes > 0)
        require(sections <= SECTIONS_MAX, "too many different tables", Limit)
        if self.full:
            self.bodies.add(tables)

    def block(self, kind, flags, raw):
        self.blocks += 1
        if kind == DATA:
            self.data(raw)
        elif kind in (META, NOTE, END, GAP):
            found = document(raw)
            self.line({META: "meta", NOTE: "note", END: "end", GAP: "gap"}[kind], "x" + raw.hex())
            self.full = self.full and kind != GAP  # bodies may lack segments from here on
            if kind == META:
                if not self.content.metas:
                    self.full = found.get("privacy", {}).get("content") == "full"
                self.content.add_meta(raw)
                require(self.content.metas <= METAS_MAX, "too many META documents", Limit)
            self.end = found if kind == END else self.end
        else:
            require(not flags & CRITICAL, "an unknown critical block", Unsupported)
            self.line("skipped")

    def compare_with_end(self):
        found = {"rows": self.counts, "wire_bytes": self.wire_bytes, "blocks": self.blocks, "meta": self.content.metas}
        if self.content.known:
            found.update(streams=self.content.digests(), content_id=self.content.id())
        for name, value in found.items():
            require(self.end[name] == value, f"END says {name} {self.end[name]}, the trace {value}")


def read(path, show):
    """Prints what was found. Returns how the trace ends, in the words of section 9."""
    with open(path, "rb") as file:
        data = file.read()
    reading, state = Reading(show), "clean"
    try:
        for kind, flags, raw in blocks(data):
            reading.block(kind, flags, raw)
        reading.compare_with_end()
    except (Damage, ValueError, KeyError, IndexError) as problem:
        state = problem.state if isinstance(problem, Damage) else "damaged"
        print(f"{path}: {problem}", file=sys.stderr)
    told = reading.content.known and state in ("clean", "truncated")
    ident = reading.content.id() if told else "unknown"
    reading.line("content", ident)
    reading.line("state", state)
    if not show:
        print(f"{path}: {state}, {reading.blocks} blocks, {sum(reading.counts.values())} rows, content id {ident}")
    return state


def main(arguments):
    show = arguments[:1] == ["--rows"]
    states = [read(path, show) for path in arguments[show:]]
    return 0 if states and (show or set(states) == {"clean"}) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

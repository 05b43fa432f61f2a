#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second reader of traces, written from formats/FORMAT.md alone: standard library and the zstd tool.

usage: reader.py [--rows] TRACE...

Reads every block, checks every hash and cap, decodes every column, and compares counts, stream digests and the
content id with what END states. --rows prints all rows as JSON lines."""

import hashlib
import json
import struct
import subprocess
import sys

MASK = 2**64 - 1
ABSENT = MASK
MAGIC = bytes.fromhex("502A4D18 34000000 8954545031 0D0A1A")
META, DATA, NOTE, END = 1, 2, 3, 4
CRITICAL = 1
RAW_MAX, PACKED_MAX, JSON_MAX, END_MAX = 8 << 20, (8 << 20) + (64 << 10), 256 << 10, 64 << 10
TABLES_MAX, COLUMNS_MAX, VALUES_MAX, METAS_MAX, SECTIONS_MAX = 32, 32, 2097152, 200, 100
NAMES = {1: "run", 2: "run_end", 3: "read", 4: "segment", 5: "body", 6: "probe", 7: "clock", 8: "series",
         9: "sample", 10: "process", 11: "stall", 12: "loss", 13: "mark", 14: "prompt_ids",
         15: "peak"}
READ, NBYTES = 3, 3


class Damage(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Damage(what)


# --- XXH64, seed 0 ---
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def rotate(x, n):
    return (x << n | x >> 64 - n) & MASK


def lane(acc, word):
    return rotate(acc + word * P2 & MASK, 31) * P1 & MASK


def xxh64(data):
    at, size = 0, len(data)
    h = P5
    if size >= 32:
        acc = [P1 + P2 & MASK, P2, 0, -P1 & MASK]
        for at in range(0, size - 31, 32):
            acc = [lane(a, w) for a, w in zip(acc, struct.unpack_from("<4Q", data, at))]
        at += 32
        h = sum(rotate(a, n) for a, n in zip(acc, (1, 7, 12, 18))) & MASK
        for a in acc:
            h = (h ^ lane(0, a)) * P1 + P4 & MASK
    h = h + size & MASK
    while at + 8 <= size:
        h = rotate(h ^ lane(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4 & MASK
        at += 8
    if at + 4 <= size:
        h = rotate(h ^ struct.unpack_from("<I", data, at)[0] * P1 & MASK, 23) * P2 + P3 & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P5 & MASK, 11) * P1 & MASK
    h = (h ^ h >> 33) * P2 & MASK
    h = (h ^ h >> 29) * P3 & MASK
    return h ^ h >> 32


# --- blocks ---
def unpack(packed, raw_len):
    require(packed[:4] == b"\x28\xb5\x2f\xfd", "the payload is no ordinary zstd frame")
    require(packed[4] & 4, "the payload has no checksum of its own")
    done = subprocess.run(["zstd", "-dcq", "--no-sparse", "--memory=8MB"], input=packed, capture_output=True)
    require(done.returncode == 0 and len(done.stdout) == raw_len, "the payload does not unpack")
    return done.stdout


def blocks(data):
    """(type, flags, raw payload) of each block; what FORMAT.md calls truncated or damaged is refused alike."""
    at = sequence = 0
    trace_id, kind = None, None
    while at < len(data):
        require(kind != END, "bytes after END")
        header = data[at:at + 60]
        require(len(header) == 60 and header[:16] == MAGIC, f"no block at byte {at}")
        kind, flags, raw_len, packed_len, number, trace, payload_hash, header_hash = struct.unpack(
            "<HHIIQQQQ", header[16:])
        require(xxh64(header[:52]) == header_hash, f"header hash at byte {at}")
        require(raw_len <= RAW_MAX and packed_len <= PACKED_MAX, "a block over the cap")
        require(number == sequence, "sequence")
        require(trace == (trace_id or trace) != 0, "trace id")
        require(sequence or kind == META, "the first block is not META")
        packed = data[at + 60:at + 60 + packed_len]
        require(len(packed) == packed_len and xxh64(packed) == payload_hash, f"payload hash at byte {at}")
        require(kind != END or 60 + packed_len <= END_MAX, "END over its cap")
        at, sequence, trace_id = at + 60 + packed_len, sequence + 1, trace
        yield kind, flags, unpack(packed, raw_len)


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


def table(section):
    """(rows, {column id: values}, number of values) of one table."""
    rows, count = section.uvarint(), section.uvarint()
    require(rows and 0 < count <= COLUMNS_MAX and rows * count <= VALUES_MAX, "rows or columns out of range")
    columns, before = {}, -1
    for _ in range(count):
        number, encoding = section.uvarint(), section.take(1)[0]
        column = Bytes(section.take(section.uvarint()))
        require(number > before, "columns out of order")
        before = number
        if encoding not in (1, 2, 3):
            continue
        columns[number] = (numbers, deltas, strings)[encoding - 1](column, rows)
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
            rows, columns, added = table(Bytes(section))
            tables[number] = rows, columns
            values += added
    require(len(tables) <= TABLES_MAX and values <= VALUES_MAX, "too many tables or values")
    require(sum(tables[READ][1][NBYTES] if READ in tables else []) == len(wire), "reads and wire disagree")
    return wire, tables


# --- content ---
class Content:
    """Digests of the streams, as content goes by."""

    def __init__(self):
        self.streams, self.signatures, self.metas = {}, {}, 0

    def add(self, name, data):
        self.streams.setdefault(name, hashlib.sha256()).update(data)

    def add_meta(self, raw):
        self.add(f"meta/{self.metas}", raw)
        self.metas += 1

    def add_table(self, number, rows, columns):
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
    require(len(raw) <= JSON_MAX and b"\0" not in raw, "a document over the cap, or with NUL bytes")
    value = json.loads(raw.decode())
    require(isinstance(value, dict), "a document that is no object")
    return value


def print_rows(number, rows, columns):
    for i in range(rows):
        values = {c: v[i].hex() if isinstance(v[i], bytes) else None if v[i] == ABSENT else v[i]
                  for c, v in columns.items()}
        print(json.dumps({"table": NAMES.get(number, number), "row": values}))


def read(path, show):
    with open(path, "rb") as file:
        data = file.read()
    content, end, count, wire_bytes, counts = Content(), None, 0, 0, {}
    for kind, flags, raw in blocks(data):
        count += 1
        if kind == META:
            document(raw)
            content.add_meta(raw)
        elif kind == DATA:
            wire, tables = data_block(raw)
            wire_bytes += len(wire)
            if wire:
                content.add("wire", wire)
            for number, (rows, columns) in tables.items():
                name = NAMES.get(number, number)
                counts[name] = counts.get(name, 0) + rows
                content.add_table(number, rows, columns)
                if show:
                    print_rows(number, rows, columns)
        elif kind == NOTE:
            document(raw)
        elif kind == END:
            end = document(raw)
        else:
            require(not flags & CRITICAL, "an unknown critical block")
    sections = len(content.signatures) + (wire_bytes > 0)
    require(content.metas <= METAS_MAX and sections <= SECTIONS_MAX, "too many documents or tables")
    require(end is not None, "no END: truncated")
    found = {"rows": counts, "wire_bytes": wire_bytes, "blocks": count, "meta": content.metas,
             "streams": content.digests(), "content_id": content.id()}
    for name, value in found.items():
        require(end[name] == value, f"END says {name} {end[name]}, the trace {value}")
    if not show:
        print(f"{path}: {count} blocks, {sum(counts.values())} rows, content id {found['content_id']}")


def main(arguments):
    show = arguments[:1] == ["--rows"]
    paths = arguments[show:]
    failed = not paths
    for path in paths:
        try:
            read(path, show)
        except (Damage, ValueError, KeyError) as problem:
            print(f"{path}: {problem}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

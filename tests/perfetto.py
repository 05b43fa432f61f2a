#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A timeline for Perfetto is what its importer takes: valid JSON, sorted by time, slices of a track nested, counters
numbers, every track named; and no token costs more than 200 bytes. Prints what is in it.

usage: perfetto.py FILE"""

import collections
import json
import sys
from decimal import Decimal

TOKEN_BYTES = 200


def check_nesting(slices):
    """Each slice lies within the one that is open, or begins after it has ended."""
    open_ends = []
    for event in slices:
        begin, end = event["ts"], event["ts"] + event["dur"]
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], ("slices cross", event)
        open_ends.append(end)


def refuse(constant):
    raise AssertionError(constant + " is no JSON")


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    document = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=refuse)
    events = document["traceEvents"]
    last = Decimal(0)
    slices, names, used = collections.defaultdict(list), set(), set()
    counts = collections.Counter()
    counters = set()
    for event in events:
        assert isinstance(event["name"], str) and event["name"], event
        assert event["pid"] == int(event["pid"]) >= 1
        assert event["ts"] >= last, ("not sorted", event)
        last = event["ts"]
        counts[event["ph"]] += 1
        if event["ph"] == "M":
            names.add((event["name"], event["pid"], event.get("tid")))
            assert event["args"]["name"]
        elif event["ph"] == "X":
            assert event["dur"] >= 0
            slices[event["pid"], event["tid"]].append(event)
            used.add(("thread_name", event["pid"], event["tid"]))
        else:
            assert event["ph"] == "C" and isinstance(event["args"]["value"], Decimal), event
            counters.add((event["pid"], event["name"]))
        used.add(("process_name", event["pid"], None))
    assert used <= names, ("tracks without names", used - names)
    for track in slices.values():
        check_nesting(track)
    tokens = size = 0
    for line in text.splitlines():
        if line.startswith('{"') and '"args":{"tokens":' in line:
            carried = json.loads(line.rstrip(","))["args"]["tokens"]
            tokens += carried
            size = max(size, len(line.encode()) + 1)
            assert len(line.encode()) + 1 <= TOKEN_BYTES * max(carried, 1), line
    print("events", *(f"{kind}={counts[kind]}" for kind in "MXC"), "tracks", len(slices), "counters", len(counters))
    print("tokens", tokens)
    assert size <= TOKEN_BYTES


main()

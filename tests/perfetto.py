#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A timeline for Perfetto is what its importer takes: valid JSON, and once it is sorted by time, as the importer does,
slices of a track nested, counters numbers, every track named. Traces follow each other, the progress of prompts ends at 0,
and no token costs more than 200 bytes. Prints what is in it.

usage: perfetto.py FILE"""

import collections
import itertools
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


def check_traces(events):
    """Each begins one second after the one before has ended; its first event tells where."""
    end = Decimal(-1000000)
    for _, process in itertools.groupby(events, lambda event: event["pid"]):
        process = list(process)
        assert process[0]["ts"] == end + 1000000, process[0]
        assert all(event["ts"] >= process[0]["ts"] for event in process)
        end = max(event["ts"] + event.get("dur", 0) for event in process)


def refuse(constant):
    raise AssertionError(constant + " is no JSON")


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    document = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=refuse)
    check_traces(document["traceEvents"])
    events = sorted(document["traceEvents"], key=lambda event: event["ts"])
    slices, names, used = collections.defaultdict(list), set(), set()
    counts = collections.Counter()
    counters = {}
    for event in events:
        assert isinstance(event["name"], str) and event["name"], event
        assert event["pid"] == int(event["pid"]) >= 1
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
            counters[event["pid"], event["name"]] = event["args"]["value"]
        used.add(("process_name", event["pid"], None))
    assert used <= names, ("tracks without names", used - names)
    for track in slices.values():
        check_nesting(track)
    for (_, name), value in counters.items():
        assert value == 0 or not name.startswith("prompt tokens processed"), (name, value)
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

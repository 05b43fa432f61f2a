#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Engines that mean harm: what 'record' and 'report' make of them is a result or an error, in bounded memory and time.

usage: hostile_engine.py TOKTAPE [long]"""

import os
import resource
import subprocess
import sys
import tempfile
import time

from engine import HEAD, Engine, event, workload

RECORD_MAX_MIB, REPORT_MAX_MIB = 96, 64
EXITS = {"record": (0, 5), "report": (0, 1, 3)}
ENDED_AFTER_S = 20  # with --timeout 3


def endless_stream(answer, _):
    answer.push(HEAD)
    while True:
        answer.push(event(answer.number, " again") * 16)
        time.sleep(0.001)


def long_line(answer, size):
    answer.push(HEAD + b"data: ")
    for _ in range(size):
        answer.push(b"x" * (1 << 20))


def empty_events(answer, size):
    answer.push(HEAD)
    for _ in range(size):
        answer.push(b"data: {}\n\n" * 10000)


def one_byte_a_second(answer, _):
    for byte in HEAD + event(answer.number, " slow"):
        answer.push(bytes([byte]))
        time.sleep(1)


def endless_headers(answer, _):
    answer.push(b"HTTP/1.1 200 OK\r\n")
    while True:
        answer.push(b"X-More: " + b"x" * 1000 + b"\r\n")


# what it does, and how much of it: in short and at length
ENGINES = [(endless_stream, 0, 0), (long_line, 20, 100), (empty_events, 10, 100), (one_byte_a_second, 0, 0),
           (endless_headers, 0, 0)]


def peak_mib(command):
    """(exit code, peak of its memory in MiB, what it said). The peak is the child's, or this process's own at its start."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        return child.returncode, usage.ru_maxrss / unit, said.read().decode(errors="replace")


def checked(what, command, limit):
    code, peak, said = peak_mib(command)
    print(f"  {what}: exit {code}, {peak:.1f} MiB", flush=True)
    if code not in EXITS[what]:
        raise AssertionError(f"{what}: exit {code}: {said[:500]}")
    if peak > limit:
        raise AssertionError(f"{what}: {peak:.1f} MiB, more than {limit}")


def torture(toktape, complete, size):
    engine = Engine(lambda answer: complete(answer, size))
    with tempfile.TemporaryDirectory(prefix="toktape-hostile.") as folder:
        trace, began = os.path.join(folder, "x.toktape"), time.monotonic()
        checked("record", [toktape, "record", "--url", engine.url, "--workload", workload(folder, 1), "--pause", "0",
                           "--accept", "all", "--timeout", "3", "--stall-timeout", "2", "-q", "-o", trace],
                RECORD_MAX_MIB)
        if time.monotonic() - began > ENDED_AFTER_S:
            raise AssertionError(f"record went on for {time.monotonic() - began:.1f} s")
        engine.shutdown()
        checked("report", [toktape, "report", "-o", os.path.join(folder, "table"), trace], REPORT_MAX_MIB)


def main(toktape, form="short"):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for complete, short, long in ENGINES:
        print(complete.__name__, flush=True)
        torture(toktape, complete, long if form == "long" else short)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

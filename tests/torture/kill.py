#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A recorder that is killed with SIGKILL at any moment: what 'repair' saves of its file is a prefix of what the engine
sent, and lacks at most the last second.

usage: kill.py TOKTAPE [KILLS [SEED]]"""

import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import reader  # noqa: E402
from engine import HEAD, Engine, event, workload  # noqa: E402

LOST_MAX_NS = 1_000_000_000
EVENTS, PERIOD = 120, 0.003


def complete(answer):
    answer.send(HEAD)
    for i in range(EVENTS):
        answer.send(event(answer.number, f" word{i}"))
        time.sleep(PERIOD)
    answer.send(b"data: [DONE]\n\n")


def wire_of_runs(path):
    """[bytes of each run that has any], read from the specification alone."""
    with open(path, "rb") as file:
        data = file.read()
    runs = {}
    for kind, _, raw in reader.blocks(data):
        if kind != reader.DATA:
            continue
        wire, tables = reader.data_block(raw)
        place = 0
        for run, nbytes in reader.rows_of(tables, reader.READ, 1, reader.NBYTES):
            runs.setdefault(run, bytearray()).extend(wire[place:place + nbytes])
            place += nbytes
    return [bytes(wire) for _, wire in sorted(runs.items()) if wire]


def record_and_kill(toktape, engine, folder, after):
    """The time of the kill, by the monotonic clock."""
    command = [toktape, "record", "--url", engine.url, "--workload", workload(folder, 3), "--runs", "50", "--pause", "0",
               "--accept", "all", "-q", "-o", os.path.join(folder, "x.toktape")]
    recorder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    killed = time.monotonic_ns()
    recorder.kill()
    recorder.wait()
    return killed


def repaired(toktape, folder):
    part, whole = os.path.join(folder, "x.toktape.part"), os.path.join(folder, "y.toktape")
    if not os.path.exists(part):
        return []
    result = subprocess.run([toktape, "repair", "-q", part, "-o", whole], capture_output=True, text=True, check=False)
    if result.returncode == 4 and not os.path.exists(whole):
        return []  # killed before the first block: the caller knows whether that may be
    if result.returncode not in (0, 3):
        raise AssertionError(f"repair: exit {result.returncode}: {result.stderr}")
    return wire_of_runs(whole)


def compare(answers, found, killed):
    """How long before the kill the first byte that is missing was sent, in ns."""
    for k, wire in enumerate(found):
        if k >= len(answers) or not answers[k].sent.startswith(wire):
            raise AssertionError(f"run {k} is not a prefix of what was sent")
    lost = 0
    for k, answer in enumerate(answers):
        kept = len(found[k]) if k < len(found) else 0
        missing = [when for when, length in answer.times if length > kept and when <= killed]
        lost = max(lost, killed - min(missing, default=killed))
    return lost


def torture(toktape, chance):
    engine = Engine(complete)
    with tempfile.TemporaryDirectory(prefix="toktape-kill.") as folder:
        killed = record_and_kill(toktape, engine, folder, chance.uniform(0.1, 2.5))
        engine.shutdown()
        found = repaired(toktape, folder)
        answers = list(engine.answers)
        return sum(map(len, found)), compare(answers, found, killed)


def main(toktape, kills="5", seed="1"):
    chance, worst, saved = random.Random(int(seed)), 0, 0
    for i in range(int(kills)):
        kept, lost = torture(toktape, chance)
        saved, worst = saved + kept, max(worst, lost)
        print(f"kill {i}: {kept} bytes saved, the last {lost / 1e6:.0f} ms lost", flush=True)
        if lost > LOST_MAX_NS:
            raise AssertionError(f"kill {i} with seed {seed}: {lost} ns lost")
    print(f"{kills} kills, {saved} bytes saved, {worst / 1e6:.0f} ms lost at most")
    return 0 if saved else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""many_runs.py TOKTAPE GOLDEN-FOLDER: a trace of a few hundred bytes that announces as many runs as a trace may have, and
one with more. Every command that reads it stays within 64 MiB."""
import os
import subprocess
import sys
import tempfile

LIMIT_MIB, RUNS_MAX = 64, 24576
# A sanitizer's shadow memory counts as the program's.
ALLOWANCE = 4 if os.environ.get("SANITIZED") else 1
COMMANDS = [["info"], ["check"], ["report"], ["report", "--view", "runs", "--json"], ["export"],
            ["repair", "-o", os.devnull], ["repack", "-o", os.devnull]]


def craft(golden, runs, path):
    sys.path.insert(0, golden)
    import make  # the writer that was made from the specification
    trace = make.Trace()
    trace.meta({"format": "toktape", "format_version": 1, "trace": "many"})
    trace.data(b"", {1: {1: list(range(runs))}, 2: {1: list(range(runs))}})
    with open(path, "wb") as file:
        file.write(trace.out)


def run(words):
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    mib = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    assert process.returncode >= 0, f"{words[1]} died of signal {-process.returncode}"
    assert mib <= LIMIT_MIB * ALLOWANCE, f"{words[1]} used {mib:.0f} MiB"
    return mib


def main(toktape, golden):
    with tempfile.TemporaryDirectory() as work:
        trace = os.path.join(work, "many.toktape")
        for runs in (RUNS_MAX, 2 * RUNS_MAX, 65536):
            craft(golden, runs, trace)
            for words in COMMANDS:
                mib = run([toktape, *words, trace] + (["--allow-incomplete"] if words[0] in ("info", "report", "export") else []))
                print(f"{runs} runs in {os.path.getsize(trace)} bytes: {' '.join(words)}: {mib:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

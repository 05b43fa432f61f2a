#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""record.py TOKTAPE [--long]: recordings in which the n-th allocation, open, write, sync or rename fails, n = 1, 2, 3 ...
until nothing fails any more (without --long, far along, some numbers are left out).

In each case the recorder ends by itself: with an intact trace, or with what is wrong in words and, of what it had, whole
blocks that 'toktape repair' saves. Nothing else is left behind."""
import os
import subprocess
import sys
import tempfile

# Tokens come several in an event, so that the engine's tokeniser is asked, too.
PROFILE = """{"model": "tiny", "version": "b1", "ttft_ms": 1, "prefill_tok_s": 50000, "decode_tok_s": 4000,
 "tokens_per_burst": 3, "merge_bursts": true}"""
WORK = """{"name": "talk", "phases": [
 {"name": "first", "max_tokens": 20, "messages": [{"role": "user", "content": "What do rivers carry?"}]},
 {"name": "second", "max_tokens": 20, "messages": [{"role": "user", "content": "What do rivers carry?"},
  {"role": "assistant", "content": "Sand."}, {"role": "user", "content": "Why are hills round?"}]}]}"""
FAULTS = [("alloc", "fail"), ("open", "eio"), ("write", "enospc"), ("write", "eio"), ("write", "eintr"), ("write", "short"),
          ("write", "kill"), ("sync", "eio"), ("rename", "eio")]
# Beside the plain one: conversations at once, and with the engine's own answers.
VARIANTS = [[], ["--concurrency", "2", "--live"]]
KNOWN = {"run.toktape", "run.toktape.part"}


def toktape(words, work, **environment):
    return subprocess.run(words, cwd=work, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)


def judge(program, work, fault, result):
    """What is wrong, or None. The files are away afterwards."""
    files = set(os.listdir(work)) - {"work.json", "struck"}
    killed = fault.endswith("kill") and result.returncode == -9
    wrong = None
    if result.returncode not in (0, 5) and not killed:
        wrong = f"exit code {result.returncode}"
    elif files - KNOWN - ({"run.toktape.pack"} if killed else set()):
        wrong = f"left behind: {sorted(files - KNOWN)}"
    elif result.returncode == 5 and "toktape: " not in result.stderr:
        wrong = "no word of what is wrong"
    elif result.returncode == 0 and toktape([program, "check", "-q", "run.toktape"], work).returncode != 0:
        wrong = "the trace is not intact"
    elif result.returncode == 0 and fault.endswith(("eintr", "short")) and "run.toktape.part" in files:
        wrong = "it did not go on"
    if not wrong and "run.toktape.part" in files and os.path.getsize(os.path.join(work, "run.toktape.part")):
        saved = toktape([program, "repair", "-q", "run.toktape.part", "-o", "saved"], work)
        if saved.returncode not in (0, 3) and not (saved.returncode == 4 and "no block is whole" in saved.stderr):
            wrong = f"repair: exit code {saved.returncode}: {saved.stderr}"
    for name in set(os.listdir(work)) - {"work.json"}:
        os.unlink(os.path.join(work, name))
    return wrong


def walk(program, url, work, point, action, is_long, options):
    """How often the fault struck."""
    n, strikes = 1, 0
    while True:
        fault = f"{point}:{n}:{action}"
        result = toktape([program, "record", "--url", url, "--workload", "work.json", "--pause", "0", "-q", "-o",
                          "run.toktape", *options], work, TOKTAPE_FAULT=fault, TOKTAPE_FAULT_LOG="struck")
        struck = os.path.exists(os.path.join(work, "struck")) or result.returncode == -9
        wrong = judge(program, work, fault, result)
        assert not wrong, f"{fault}: {wrong}: {result.stderr}"
        if not struck:
            return strikes
        strikes += 1
        n = n + 1 if is_long else n + 1 + n // 3


def main(program, *options):
    with tempfile.TemporaryDirectory() as folder:
        work = os.path.join(folder, "work")
        os.mkdir(work)
        for name, text in ((os.path.join(folder, "profile.json"), PROFILE), (os.path.join(work, "work.json"), WORK)):
            with open(name, "w", encoding="ascii") as file:
                file.write(text)
        with subprocess.Popen([program, "serve", os.path.join(folder, "profile.json"), "-q"], stdout=subprocess.PIPE,
                              text=True) as engine:
            try:
                url = engine.stdout.readline().strip()
                for point, action in FAULTS:
                    for variant in VARIANTS if point in ("alloc", "write") and action != "kill" else VARIANTS[:1]:
                        strikes = walk(program, url, work, point, action, "--long" in options, variant)
                        print(f"{point} {action} {' '.join(variant)}: {strikes} cases", flush=True)
                        assert strikes, f"{point} {action} never struck"
            finally:
                engine.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks a recording made by nvidia.sh: joules of the counter against integrated power, by window.

usage: compare_energy.py JSONL INFO SMI PID     JSON lines of the trace, `info --json`, nvidia-smi's samples"""

import bisect
import datetime
import json
import statistics
import sys

LIMIT = 0.03


def series(samples, name):
    """[(end of the read in s of the recorder's clock, value, source_t)]"""
    return [((int(s["clock_ns"]) + int(s["duration_ns"])) / 1e9, int(s["value"]), s["source_t"])
            for s in samples if s["source"] == "nvml" and s["name"] == name]


def integral(points, begin, end):
    """Trapezoid of [(t, watts)] from begin to end, by linear interpolation at both."""
    times = [t for t, _ in points]

    def at(t):
        i = min(max(bisect.bisect_left(times, t), 1), len(points) - 1)
        (t0, p0), (t1, p1) = points[i - 1], points[i]
        return p0 if t1 == t0 else p0 + (p1 - p0) * (min(max(t, t0), t1) - t0) / (t1 - t0)

    inside = [(begin, at(begin))] + [p for p in points if begin < p[0] < end] + [(end, at(end))]
    return sum((t1 - t0) * (p0 + p1) / 2 for (t0, p0), (t1, p1) in zip(inside, inside[1:]))


def read_smi(path, offset):
    """nvidia-smi's [(t, watts)] on the recorder's clock. A line that was cut off by the kill is left out."""
    points = []
    with open(path, encoding="ascii") as file:
        for line in file:
            fields = line.strip().split(",")
            try:
                local = datetime.datetime.strptime(fields[0].strip(), "%Y/%m/%d %H:%M:%S.%f")
                points.append((local.timestamp() - offset, float(fields[1])))
            except (ValueError, IndexError):
                continue
    return points


def main():
    lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    info = json.load(open(sys.argv[2], encoding="utf-8"))
    samples = [line for line in lines if line["type"] == "sample"]
    frames = [line for line in lines if line["type"] == "frame" and line["kind"] == "content"]
    counter, power = series(samples, "gpu0 total energy"), series(samples, "gpu0 instant power")
    assert len(counter) > 20, f"only {len(counter)} values of the energy counter"
    assert len(power) > 200, f"only {len(power)} values of instant power"
    offset = statistics.median(int(stamp) / 1e6 - t for t, _, stamp in power)
    own = [(t, mw / 1000) for t, mw, _ in power]
    smi = read_smi(sys.argv[3], offset)
    assert len(smi) > 100, f"only {len(smi)} samples of nvidia-smi"

    windows = {"whole recording": (counter[0], counter[-1])}
    for repeat in sorted({f["repeat"] for f in frames}):
        times = [int(f["clock_ns"]) / 1e9 for f in frames if f["repeat"] == repeat]
        inside = [c for c in counter if times[0] + 0.3 < c[0] < times[-1] - 0.1]
        windows[f"run {repeat + 1}, under load"] = inside[0], inside[-1]
    begin = min(int(f["clock_ns"]) for f in frames) / 1e9
    idle = [c for c in counter if c[0] < begin - 0.3]
    windows["idle before"] = idle[0], idle[-1]

    worst = 0
    print(f"{'window':22} {'s':>7} {'counter J':>10} {'W':>7} {'instant J':>10} {'off':>7} {'nvidia-smi J':>13} {'off':>7}")
    for name, ((t0, mj0, _), (t1, mj1, _)) in windows.items():
        joules = (mj1 - mj0) / 1000
        offs = []
        text = f"{name:22} {t1 - t0:7.2f} {joules:10.1f} {joules / (t1 - t0):7.1f}"
        for points, width in ((own, 10), (smi, 13)):
            other = integral(points, t0, t1)
            offs.append(other / joules - 1)
            text += f" {other:{width}.1f} {100 * offs[-1]:+6.2f}%"
        print(text)
        worst = max([worst] + [abs(off) for off in offs])
    periods = [b[0] - a[0] for a, b in zip(counter, counter[1:])]
    costs = [int(s["duration_ns"]) / 1e6 for s in samples if s["name"] == "gpu0 total energy"]
    print(f"counter read every {statistics.median(periods):.2f} s, {statistics.median(costs):.2f} ms a read; "
          f"instant power every {statistics.median(b[0] - a[0] for a, b in zip(own, own[1:])):.3f} s")
    processes = [int(s["value"]) for s in samples if s["name"] == "gpu0 engine processes"]
    memory = [int(s["value"]) for s in samples if s["name"] == "gpu0 engine memory"]
    cpu = [s for s in samples if s["name"] == "process CPU time"]
    share = (int(cpu[-1]["value"]) - int(cpu[0]["value"])) / (int(cpu[-1]["clock_ns"]) - int(cpu[0]["clock_ns"]))
    print(f"engine (pid {sys.argv[4]}) on gpu0: {max(processes, default=0)} process, {max(memory, default=0) >> 20} MiB; "
          f"recorder CPU {100 * share:.2f} % of a core; lost {info['loss']}")
    assert info["loss"] == {"stalls": 0, "samples": 0}, "something was lost"
    assert max(processes, default=0) >= 1, "the engine's process was not found on the GPU"
    assert worst <= LIMIT, f"counter and power differ by {100 * worst:.1f} %"
    print("ok")


main()

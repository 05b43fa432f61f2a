#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""campaign.py TOKTAPE [KILLS]: a campaign that is killed at random moments, and resumed each time.

In every second case all that it started is killed with it, but for the engine: then only the manifest knows of that.
In the end the cells are those of the plan, each recorded once, every trace is intact and the one that the manifest
says, nothing that was finished was recorded again, and no engine is left."""
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

CELLS = [{"name": "a"}, {"name": "b", "runs": 2, "restart": True}, {"name": "c"}, {"name": "d"}]
WORKLOAD = {"name": "talk", "phases": [{"name": "p%d" % i, "max_tokens": 40,
                                        "messages": [{"role": "user", "content": "Why is hill %d round?" % i}]}
                                       for i in range(3)]}
PROFILE = {"model": "tiny", "version": "b1-test", "ttft_ms": 5, "decode_tok_s": 400}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children_of(pid):
    table = [line.split(None, 2) for line in
             subprocess.run(["ps", "-axo", "pid=,ppid=,args="], capture_output=True, text=True).stdout.splitlines()]
    found, more = [], [pid]
    while more:
        parent = more.pop()
        for entry in table:
            if int(entry[1]) == parent:
                more.append(int(entry[0]))
                found.append((int(entry[0]), entry[2] if len(entry) > 2 else ""))
    return found


def engine_answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False


def kill(campaign, with_helpers):
    helpers = [pid for pid, arguments in children_of(campaign.pid) if " serve " not in arguments]
    os.kill(campaign.pid, signal.SIGKILL)
    for pid in helpers if with_helpers else []:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    campaign.wait()


def status(toktape):
    return json.loads(subprocess.run([toktape, "campaign", "status", "--json", "plan.json"], check=True,
                                     capture_output=True).stdout)


def recordings(told):
    return {(cell["name"], r["repeat"]): r for cell in told["cells"] for r in cell["recordings"]} | \
           {("sentinel", r["repeat"]): r for r in told["sentinel"]}


def number_done(toktape):
    return sum(cell["state"] == "done" for cell in status(toktape)["cells"])


def check_end(toktape, seen, port):
    told = status(toktape)
    all_of_it = recordings(told)
    assert [c["name"] for c in told["cells"]] == [c["name"] for c in CELLS], told
    assert all(r["state"] == "done" for r in all_of_it.values()), told
    ids = [r["content_id"] for r in all_of_it.values()]
    assert len(set(ids)) == len(ids), "one trace counts twice"
    for key, content_id in seen.items():
        assert all_of_it[key]["content_id"] == content_id, "%s was recorded again" % (key,)
    traces = sorted(os.path.join("archive", n) for n in os.listdir("archive") if n.endswith(".toktape"))
    assert traces == sorted(r["trace"] for k, r in all_of_it.items() if k[0] != "sentinel"), traces
    for r in all_of_it.values():
        subprocess.run([toktape, "check", "-q", r["trace"]], check=True)
        info = json.loads(subprocess.run([toktape, "info", "--json", r["trace"]], check=True, capture_output=True).stdout)
        assert info["content_id"] == r["content_id"] and info["closed"] == "clean", info
    assert not engine_answers(port), "an engine is left"
    assert not [n for n in os.listdir("archive/trip.campaign") if n.endswith((".tmp", ".part"))]


def check_guardian(toktape, port):
    """Without anybody resuming it, the engine of a killed campaign is gone soon."""
    campaign = subprocess.Popen([toktape, "campaign", "-q", "plan.json"], stdout=subprocess.DEVNULL)
    while not engine_answers(port):
        time.sleep(0.02)
    kill(campaign, False)
    until = time.monotonic() + 15
    while engine_answers(port):
        assert time.monotonic() < until, "the engine of a killed campaign runs on"
        time.sleep(0.1)


def main():
    toktape, kills = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 6
    chance = random.Random(int(os.environ.get("SEED", "1")))
    port, seen, resumed = free_port(), {}, 0
    os.chdir(tempfile.mkdtemp(prefix="toktape-campaign."))
    engine = {"cmd": [toktape, "serve", "--port", str(port), "quick.json"], "url": "http://127.0.0.1:%d" % port}
    for name, content in (("w.json", WORKLOAD), ("quick.json", PROFILE),
                          ("plan.json", {"name": "trip", "out": "archive", "cells": CELLS, "sentinel": {"every": 2},
                                         "defaults": {"workload": "w.json", "pause": 0, "engine": engine}})):
        with open(name, "w") as file:
            json.dump(content, file)
    for number in range(kills):
        campaign = subprocess.Popen([toktape, "campaign", "-q", "plan.json"], stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.02, 2.5))
        if campaign.poll() is not None:  # done: begin anew
            check_end(toktape, seen, port)
            subprocess.run(["rm", "-r", "archive"], check=True)
            seen = {}
            continue
        kill(campaign, number % 2)
        if os.path.exists("archive/trip.campaign/manifest.json"):
            done = {k: r["content_id"] for k, r in recordings(status(toktape)).items() if r["state"] == "done"}
            assert all(done.get(key) == content_id for key, content_id in seen.items()), (seen, done)
            seen, resumed = done, resumed + 1
    subprocess.run(["rm", "-rf", "archive"], check=True) if number_done(toktape) == len(CELLS) else None
    seen = seen if os.path.exists("archive") else {}
    check_guardian(toktape, port)
    subprocess.run([toktape, "campaign", "-q", "plan.json"], check=True, stdout=subprocess.DEVNULL)
    check_end(toktape, seen, port)
    print("%d kills, %d resumed, nothing lost, nothing twice, nothing left" % (kills, resumed))


main()

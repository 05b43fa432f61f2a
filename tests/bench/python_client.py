#!/usr/bin/env python3
"""python_client.py URL TOKENS [STAMPS]: what a straightforward benchmark client does, with the standard library alone.

Reads one streamed chat completion line by line, parses each event's JSON and keeps the time of each that has text. With
STAMPS, begins 0.3 s after it was started, and writes for each token how much later than the sender's clock (the text of its
frame) it was seen, in nanoseconds.
"""
import http.client
import json
import sys
import time
from urllib.parse import urlsplit


def stream(url, tokens):
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    body = json.dumps({"messages": [{"role": "user", "content": "go"}], "max_tokens": tokens, "stream": True})
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    times, texts = [], []
    for line in connection.getresponse():
        if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
            continue
        choices = json.loads(line[6:]).get("choices")
        text = choices[0]["delta"].get("content") if choices else None
        if text:
            times.append(time.monotonic_ns())
            texts.append(text)
    return times, texts


def main():
    if len(sys.argv) > 3:
        time.sleep(0.3)
    times, texts = stream(sys.argv[1], int(sys.argv[2]))
    gaps = [b - a for a, b in zip(times, times[1:])]
    if len(sys.argv) > 3:
        with open(sys.argv[3], "a", encoding="ascii") as out:
            out.writelines(f"{seen - int(text)}\n" for seen, text in zip(times, texts))
    assert len(times) >= int(sys.argv[2]) and sum(gaps) > 0


main()

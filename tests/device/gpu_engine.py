#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A stream server that keeps an NVIDIA GPU busy while it answers: each token is one kernel's run.

usage: gpu_engine.py [PORT]     prints its URL, then serves until it is killed

Standard library and libcuda.so.1 only: the kernel is PTX text that the driver compiles. What it computes is of no
use; it draws power for as long as a token takes, in a process that listens on the port."""

import ctypes
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN_S = 0.025
PTX = b"""
.version 7.0
.target sm_70
.address_size 64
.visible .entry burn(.param .u64 out, .param .u32 rounds)
{
    .reg .pred %p; .reg .b32 %n, %i, %t, %b, %d; .reg .b64 %o, %a;
    .reg .f32 %x, %y, %z, %w, %k;
    ld.param.u64 %o, [out];
    ld.param.u32 %n, [rounds];
    mov.u32 %t, %tid.x; mov.u32 %b, %ctaid.x; mov.u32 %d, %ntid.x;
    mad.lo.u32 %t, %b, %d, %t;
    cvt.rn.f32.u32 %x, %t;
    mov.f32 %y, %x; mov.f32 %z, %x; mov.f32 %w, %x; mov.f32 %k, 0f3F7FFFFE;
    mov.u32 %i, 0;
again:
""" + b"""
    fma.rn.f32 %x, %x, %k, %k; fma.rn.f32 %y, %y, %k, %k; fma.rn.f32 %z, %z, %k, %k; fma.rn.f32 %w, %w, %k, %k;
""" * 16 + b"""
    add.u32 %i, %i, 1;
    setp.lt.u32 %p, %i, %n;
    @%p bra again;
    add.f32 %x, %x, %y; add.f32 %z, %z, %w; add.f32 %x, %x, %z;
    mul.wide.u32 %a, %t, 4;
    add.u64 %a, %o, %a;
    st.global.f32 [%a], %x;
    ret;
}
\0"""
THREADS = 256


class Gpu:
    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        self.context, module, self.kernel = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        self.out, cores = ctypes.c_uint64(), ctypes.c_int()
        self.call("cuInit", 0)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(self.context), 0)
        self.call("cuCtxSetCurrent", self.context)
        self.call("cuDeviceGetAttribute", ctypes.byref(cores), 16, 0)  # multiprocessors
        self.blocks = cores.value * 8
        self.call("cuModuleLoadData", ctypes.byref(module), PTX)
        self.call("cuModuleGetFunction", ctypes.byref(self.kernel), module, b"burn")
        self.call("cuMemAlloc_v2", ctypes.byref(self.out), ctypes.c_size_t(self.blocks * THREADS * 4))
        self.rounds = self.calibrate()

    def call(self, name, *arguments):
        status = getattr(self.cuda, name)(*arguments)
        if status:
            raise SystemExit(f"{name}: CUDA error {status}")

    def launch(self, rounds):
        out, count = ctypes.c_uint64(self.out.value), ctypes.c_uint(rounds)
        arguments = (ctypes.c_void_p * 2)(ctypes.addressof(out), ctypes.addressof(count))
        self.call("cuLaunchKernel", self.kernel, self.blocks, 1, 1, THREADS, 1, 1, 0, None, arguments, None)
        self.call("cuCtxSynchronize")

    def calibrate(self):
        """Rounds that take as long as a token should."""
        rounds = 1000
        for _ in range(8):
            begin = time.perf_counter()
            self.launch(rounds)
            took = time.perf_counter() - begin
            rounds = max(1000, min(int(rounds * TOKEN_S / max(took, 1e-5)), 4 * rounds))
        return rounds

    def token(self):
        self.call("cuCtxSetCurrent", self.context)  # each request has a thread of its own
        self.launch(self.rounds)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        known = {"/health": {"status": "ok"}, "/v1/models": {"object": "list", "data": [{"id": "burn"}]}}
        body = json.dumps(known.get(self.path, {"error": "not here"})).encode()
        self.send_response(200 if self.path in known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def frame(self, document):
        self.wfile.write(b"data: " + json.dumps(document).encode() + b"\n\n")
        self.wfile.flush()

    def chunk(self, delta, finish=None):
        self.frame({"object": "chat.completion.chunk", "model": "burn",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        tokens = int(request.get("max_tokens", 16))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.chunk({"role": "assistant", "content": ""})
        for i in range(tokens):
            gpu.token()
            self.chunk({"content": f"w{i} "})
        self.chunk({}, "length")
        self.frame({"object": "chat.completion.chunk", "model": "burn", "choices": [],
                    "usage": {"prompt_tokens": 8, "completion_tokens": tokens, "total_tokens": 8 + tokens}})
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


gpu = Gpu()
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()

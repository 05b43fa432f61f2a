"""random_engine.py TOKENS: an engine whose words are random, so that a trace of them is as large as it can be. Every token
is an event and a write of its own. Its URL is its first line."""
import base64
import os
import socket
import sys
import threading

TOKEN_BYTES = 48  # 64 characters of base64
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'
LAST = (b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}],'
        b'"usage":{"prompt_tokens":10,"completion_tokens":%d}}\n\ndata: [DONE]\n\n')


def request_of(peer):
    text = b""
    while b"\r\n\r\n" not in text:
        piece = peer.recv(65536)
        if not piece:
            return None
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += peer.recv(65536)
    return head


def answer(peer, tokens):
    head = request_of(peer)
    if head and head.startswith(b"POST /v1/chat/completions "):
        words = base64.b64encode(os.urandom(TOKEN_BYTES * tokens))
        peer.sendall(HEAD)
        for at in range(0, len(words), 64):
            peer.send(EVENT % words[at:at + 64])
        peer.sendall(LAST % tokens)
    elif head:
        peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    peer.close()


listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    client = listener.accept()[0]
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=answer, args=(client, int(sys.argv[1])), daemon=True).start()

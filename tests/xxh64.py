# SPDX-License-Identifier: MIT
"""XXH64 with seed 0, as https://github.com/Cyan4973/xxHash specifies it."""

import struct

MASK = 2**64 - 1
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def rotate(x, n):
    return (x << n | x >> 64 - n) & MASK


def lane(acc, word):
    return rotate(acc + word * P2 & MASK, 31) * P1 & MASK


def xxh64(data):
    at, size = 0, len(data)
    h = P5
    if size >= 32:
        acc = [P1 + P2 & MASK, P2, 0, -P1 & MASK]
        for at in range(0, size - 31, 32):
            acc = [lane(a, w) for a, w in zip(acc, struct.unpack_from("<4Q", data, at))]
        at += 32
        h = sum(rotate(a, n) for a, n in zip(acc, (1, 7, 12, 18))) & MASK
        for a in acc:
            h = (h ^ lane(0, a)) * P1 + P4 & MASK
    h = h + size & MASK
    while at + 8 <= size:
        h = rotate(h ^ lane(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4 & MASK
        at += 8
    if at + 4 <= size:
        h = rotate(h ^ struct.unpack_from("<I", data, at)[0] * P1 & MASK, 23) * P2 + P3 & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P5 & MASK, 11) * P1 & MASK
    h = (h ^ h >> 33) * P2 & MASK
    h = (h ^ h >> 29) * P3 & MASK
    return h ^ h >> 32

"""A reader of a shared directory that uses no code of the sources.

Every number in it is from the manual page, notifybridge-shared-dir(5).
"""

import fcntl
import os
import struct

DATAGRAM, BARRIER, STATE, END = 1, 2, 3, 4

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)  # 0x1EDC6F41 with its bits reversed.
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def number(data, offset, size, signed=False):
    return int.from_bytes(data[offset : offset + size], "little", signed=signed)


def read_header(data):
    assert data[:8] == b"NBJOURNL"
    assert number(data, 8, 4) == 1, "the version"
    assert number(data, 12, 4) == 128, "the header's size"
    assert number(data, 112, 4) == crc32c(data[:112]), "the header's checksum"
    assert not any(data[60:112]) and not any(data[116:120]), "what is reserved"
    return {
        "run": data[16:32].hex(),
        "began": number(data, 32, 8),
        "namespace": number(data, 40, 8),
        "pid": number(data, 48, 4),
        "uid": number(data, 52, 4),
        "beats": number(data, 56, 4) & 1,
    }


def read_records(data):
    at = 128
    while at + 48 <= len(data):
        size = number(data, at + 4, 4)
        assert size <= 65536
        end = at + 48 + size
        if end > len(data):
            return
        assert number(data, at, 4) == crc32c(data[at + 4 : end]), "the record's checksum"
        yield {
            "sequence": number(data, at + 8, 8),
            "realtime": number(data, at + 16, 8),
            "monotonic": number(data, at + 24, 8),
            "pid": number(data, at + 32, 4, signed=True),
            "uid": number(data, at + 36, 4),
            "gid": number(data, at + 40, 4),
            "type": number(data, at + 44, 2),
            "fds": number(data, at + 46, 2),
            "payload": data[at + 48 : end],
        }
        at += 48 + (size + 7) // 8 * 8
        assert not any(data[end:at]), "what follows the payload"


def read_host(data):
    assert data[:8] == b"NBHOST\0\0"
    assert number(data, 8, 4) == 1, "the version"
    text = data[64:]
    assert number(data, 12, 4) == len(text) <= 16384
    assert number(data, 16, 4) == crc32c(text), "the text's checksum"
    assert not any(data[20:24]) and not any(data[56:64]), "what is reserved"
    return number(data, 24, 8), number(data, 32, 8), read_lines(text)


def read_lines(text):
    return dict(line.split("=", 1) for line in text.decode().splitlines())


def is_locked(path):
    """Returns whether a process holds the lock on the first byte. Only queries the lock, and does
    not take it."""
    lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
    with open(path, "rb") as file:
        answer = fcntl.fcntl(file, 36, lock)  # F_OFD_GETLK
    return struct.unpack("hhqqi4x", answer)[0] != fcntl.F_UNLCK

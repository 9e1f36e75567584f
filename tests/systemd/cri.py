"""A client for a container runtime interface (CRI). It supports only what a test needs.

A call is one HTTP/2 stream on its own connection. Messages are dictionaries with the numbers that
their fields have in api.proto of runtime.v1. So neither gRPC nor protobuf is needed.
"""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4


class Failure(Exception):
    """An error with which the other side has answered. Its text is compressed, and this client does
    not decode it."""


def varint(number):
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(encoded) + bytes([number])


def encode(message):
    """Returns the bytes of {NUMBER: VALUE}. A value is a number, text, another message, or a list
    of these."""
    encoded = b""
    for number, value in message.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int):
                encoded += varint(number << 3) + varint(one)
                continue
            content = encode(one) if isinstance(one, dict) else one.encode()
            encoded += varint(number << 3 | 2) + varint(len(content)) + content
    return encoded


def read_varint(encoded, at):
    number = shift = 0
    while True:
        number |= (encoded[at] & 0x7F) << shift
        shift += 7
        at += 1
        if encoded[at - 1] < 0x80:
            return number, at


def decode(encoded):
    """Returns {NUMBER: [VALUE…]} for a message. Texts and messages in it stay bytes."""
    message = {}
    at = 0
    while at < len(encoded):
        tag, at = read_varint(encoded, at)
        assert tag & 7 in (0, 2), f"wire type {tag & 7}"
        value, at = read_varint(encoded, at)
        if tag & 7 == 2:
            value, at = encoded[at : at + value], at + value
        message.setdefault(tag >> 3, []).append(value)
    return message


def frame(kind, flags, stream, content):
    return struct.pack(">I", len(content))[1:] + struct.pack(">BBI", kind, flags, stream) + content


def header_block(headers):
    """Encodes each header as a literal without table or compression (RFC 7541, 6.2.2)."""
    block = b""
    for name, value in headers:
        assert len(name) < 127 and len(value) < 127
        block += b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    return block


class Client:
    def __init__(self, path, patience=60):
        self.path = path
        self.patience = patience

    def call(self, method, request):
        """Returns the answer to a call of the runtime service. Raises Failure if the answer is an
        error."""
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", f"/runtime.v1.RuntimeService/{method}"),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        encoded = encode(request)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self.patience)
            connection.connect(self.path)
            connection.sendall(
                PREFACE
                + frame(SETTINGS, 0, 0, b"")
                + frame(HEADERS, END_HEADERS, 1, header_block(headers))
                + frame(DATA, END_STREAM, 1, struct.pack(">BI", 0, len(encoded)) + encoded)
            )
            body = self.read_body(connection)
        if len(body) < 5:
            raise Failure(method)
        return decode(body[5:])

    @staticmethod
    def read_body(connection):
        stream = connection.makefile("rb")
        body = b""
        while True:
            head = stream.read(9)
            if len(head) < 9:
                raise Failure("the connection was closed")
            kind, flags = head[3], head[4]
            content = stream.read(int.from_bytes(head[:3], "big"))
            if kind in (SETTINGS, PING) and not flags & ACK:
                connection.sendall(frame(kind, ACK, 0, b"" if kind == SETTINGS else content))
            elif kind == DATA:
                body += content
            elif kind in (RESET, GOAWAY):
                raise Failure("the call was refused")
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return body

"""Returns all properties of units from systemd's D-Bus interface, as Python's own types."""

import struct

import properties

NUMBERS = {
    "y": ("<B", 1),
    "n": ("<h", 2),
    "q": ("<H", 2),
    "i": ("<i", 4),
    "u": ("<I", 4),
    "x": ("<q", 8),
    "t": ("<Q", 8),
    "d": ("<d", 8),
}
ALIGNMENTS = {"b": 4, "s": 4, "o": 4, "g": 1, "a": 4, "(": 8, "{": 8, "v": 1}


class Reader:
    """A reader of values in D-Bus's marshalling, little-endian (D-Bus specification,
    "Marshaling")."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def align(self, size):
        self.at += -self.at % size

    def number(self, form, size):
        self.align(size)
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return value

    def text(self, size):
        value = self.data[self.at : self.at + size].decode(errors="surrogateescape")
        self.at += size + 1
        return value

    def read(self, signature):
        """Returns the value of the first type in `signature`, and the rest of `signature`."""
        kind, rest = signature[0], signature[1:]
        if kind in NUMBERS:
            return self.number(*NUMBERS[kind]), rest
        if kind == "b":
            return bool(self.number("<I", 4)), rest
        if kind in "so":
            return self.text(self.number("<I", 4)), rest
        if kind == "g":
            return self.text(self.number("<B", 1)), rest
        if kind == "v":
            return self.read(self.read("g")[0])[0], rest
        if kind == "a":
            return self.array(rest)
        self.align(8)
        fields = []
        while rest[0] not in ")}":
            value, rest = self.read(rest)
            fields.append(value)
        return fields, rest[1:]

    def array(self, element):
        size = self.number("<I", 4)
        self.align(NUMBERS[element[0]][1] if element[0] in NUMBERS else ALIGNMENTS[element[0]])
        end = self.at + size
        values = []
        while self.at < end:
            values.append(self.read(element)[0])
        return values, skip_type(element)


def skip_type(signature):
    """Returns `signature` without its first type."""
    if signature[0] == "a":
        return skip_type(signature[1:])
    if signature[0] not in "({":
        return signature[1:]
    depth = 0
    for at, kind in enumerate(signature):
        depth += (kind in "({") - (kind in ")}")
        if depth == 0:
            return signature[at + 1 :]
    raise ValueError(signature)


def get_all_call(serial, path, interface):
    """Returns a call of org.freedesktop.DBus.Properties.GetAll(interface)."""
    body = properties.Writer()
    body.string(interface)
    fields = properties.Writer()
    fields.field(1, "o", path)
    fields.field(2, "s", "org.freedesktop.DBus.Properties")
    fields.field(3, "s", "GetAll")
    fields.field(8, "g", "s")
    header = properties.Writer()
    header.bytes += struct.pack("<cBBBII", b"l", 1, 0, 1, len(body.bytes), serial)
    header.bytes += struct.pack("<I", len(fields.bytes)) + fields.bytes
    header.align(8)
    return header.bytes + body.bytes


def read_reply(replies):
    """Returns the properties in the next reply, or none if it is an error."""
    while True:
        _, kind, _, _, size, _, fields = struct.unpack("<cBBBIII", replies.read(16))
        replies.read(fields + -fields % 8)
        body = replies.read(size)
        if kind == properties.METHOD_RETURN:
            return dict(Reader(body).read("a{sv}")[0])
        if kind == properties.ERROR:
            return {}


def read_units(names):
    """Returns the properties of these units. systemd loads units that are not loaded yet."""
    connection, replies = properties.connect()
    with connection, replies:
        for name in names:
            found = {}
            kind = name.rsplit(".", 1)[1].capitalize()
            for serial, interface in enumerate(("Unit", kind), 1):
                full = f"org.freedesktop.systemd1.{interface}"
                connection.sendall(get_all_call(serial, properties.unit_path(name), full))
                found.update(read_reply(replies))
            yield found

"""Writes valid and forged files of a shared directory, as in notifybridge-shared-dir(5).

A field that is not given has the value that an honest `wrap` or `wait` would write. Each field can
be forged.
"""

import contextlib
import fcntl
import os
import struct
import time

import stream  # pylint: disable=unused-import # It makes shared_dir importable.
from shared_dir import DATAGRAM, END, crc32c

LONGEST_PAYLOAD = 65536
HEADER_SIZE = 128
RECORD_SIZE = 48  # The size of a record's header.


def fresh_run():
    """Returns an id that no earlier run has."""
    return os.urandom(16)


def header(
    run,
    version=1,
    pid=1,
    uid=0,
    namespace=4026531836,
    beats=False,
    magic=b"NBJOURNL",
    checksum=None,
):
    """Returns the header of a journal for RUN."""
    head = struct.pack(
        "<8sII16sQQIII52x",
        magic,
        version,
        HEADER_SIZE,
        run,
        time.time_ns() // 1000,
        namespace,
        pid,
        uid,
        int(beats),
    )
    return head + struct.pack("<I12x", crc32c(head) if checksum is None else checksum)


def record(
    sequence, payload=b"", kind=DATAGRAM, size=None, checksum=None, pid=1, uid=0, gid=0, fds=0
):
    """Returns one record with its padding of zeros. SIZE and CHECKSUM are the values that the
    record claims."""
    rest = struct.pack(
        "<IQQQiIIHH",
        len(payload) if size is None else size,
        sequence,
        time.time_ns() // 1000,
        time.monotonic_ns() // 1000,
        pid,
        uid,
        gid,
        kind,
        fds,
    )
    rest += payload
    checked = crc32c(rest) if checksum is None else checksum
    return struct.pack("<I", checked) + rest + bytes(-len(payload) % 8)


def message(number):
    """Returns a message that passes the policy and contains its number."""
    return b"X_NUMBER=%d" % number


def messages(*sequences):
    """Returns records whose messages contain the sequence that the record claims."""
    return b"".join(record(sequence, message(sequence)) for sequence in sequences)


class Series:
    """Records that differ only in their sequence, made as fast as an attacker can.

    The checksum is linear. So the effect of each bit of the sequence is calculated once, and then
    only added.
    """

    def __init__(self, payload, kind=DATAGRAM):
        self._bytes = record(0, payload, kind)
        self._size = RECORD_SIZE + len(payload)
        self._checksum = crc32c(self._bytes[4 : self._size])
        self._effects = []

    def _effect(self, bit):
        while len(self._effects) <= bit:
            at = len(self._effects)
            sequence = struct.pack("<Q", 1 << at)
            changed = self._bytes[4:8] + sequence + self._bytes[16 : self._size]
            self._effects.append(crc32c(changed) ^ self._checksum)
        return self._effects[bit]

    def record(self, sequence):
        checksum, bit, rest = self._checksum, 0, sequence
        while rest:
            if rest & 1:
                checksum ^= self._effect(bit)
            rest >>= 1
            bit += 1
        return struct.pack("<I", checksum) + self._bytes[4:8] + struct.pack("<Q", sequence) + (
            self._bytes[16:]
        )

    def records(self, first, count):
        return b"".join(self.record(sequence) for sequence in range(first, first + count))


def host(
    facts=(), acknowledged=0, processed=0, magic=b"NBHOST\0\0", version=1, size=None, checksum=None
):
    """Returns the file "host" with these lines, which are pairs (key, value), or with these bytes
    instead."""
    text = facts if isinstance(facts, bytes) else b"".join(b"%s=%s\n" % fact for fact in facts)
    return (
        struct.pack(
            "<8sIIIIQQQ16x",
            magic,
            version,
            len(text) if size is None else size,
            crc32c(text) if checksum is None else checksum,
            0,
            acknowledged,
            processed,
            0,
        )
        + text
    )


def take_life_lock(fd):
    """Takes the lock with which the owner of the file, open for writing, shows that it is alive."""
    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0))  # F_OFD_SETLK.


def keep_old(shared):
    """Keeps the current journal for its reader, as a `wrap` that takes over does."""
    old = os.path.join(shared, "journal.old")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(old)
    with contextlib.suppress(FileNotFoundError):
        os.link(os.path.join(shared, "journal"), old)


class Journal:
    """A run without a process: a journal that replaces the current one, if there is one."""

    def __init__(self, shared, run=None, alive=True, content=b"", name="journal", **head):
        self.run = run or fresh_run()
        self.path = os.path.join(shared, name)
        self.sequence = 0
        temporary = os.path.join(shared, ".journal." + os.urandom(5).hex())
        self.fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        if alive:
            take_life_lock(self.fd)
        self.write(header(self.run, **head) + content)
        os.rename(temporary, self.path)

    def write(self, data):
        """Appends any bytes."""
        os.pwrite(self.fd, data, os.fstat(self.fd).st_size)

    def append(self, payload, kind=DATAGRAM, sequence=None, **forged):
        """Appends the next record of the run."""
        self.sequence = sequence or self.sequence + 1
        self.write(record(self.sequence, payload, kind, **forged))

    def end(self, payload=b"EXITED=0"):
        self.append(payload, END)

    def close(self):
        """Ends the run: it is not alive any more."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

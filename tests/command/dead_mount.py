"""A file system (FUSE) whose server does not answer until the test wants it to."""

import ctypes
import os
import select
import struct
import threading

LOOKUP, GETATTR, INIT = 1, 3, 26
ROOT = 1
NO_SUCH_CALL = -38
# Requests that expect no answer.
FORGET, INTERRUPT, BATCH_FORGET = 2, 36, 42

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def enter_own_mounts():
    """Makes mounts of this process invisible to others from now on."""
    new_namespace, private = 0x00020000, (1 << 18) | (1 << 14)
    call("unshare", new_namespace)
    call("mount", None, b"/", None, private, None)


def attributes(inode):
    """Returns the attributes of a directory for the root, and of an empty file for other inodes."""
    mode = 0o40755 if inode == ROOT else 0o100644
    return struct.pack("<6Q10I", inode, 0, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


class DeadMount:
    """A mount that contains every name, once it answers. If `takes` is true, it receives each
    request, so a process that waits for the answer cannot be killed. Otherwise it receives no
    requests."""

    def __init__(self, place, takes):
        self.place = place
        self._fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        options = f"fd={self._fd},rootmode=40000,user_id=0,group_id=0"
        call("mount", b"dead", place.encode(), b"fuse", 0, options.encode())
        self._held = []
        self._answers = False
        self._is_closed = False
        self._lock = threading.Lock()
        self._over, self._end = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        if takes:
            self._thread.start()

    def answer(self):
        """Answers from now on, including earlier requests."""
        with self._lock:
            self._answers = True
            for request in self._held:
                self._reply(*request)
        if not self._thread.is_alive():
            self._thread.start()

    @property
    def held(self):
        """Returns how many requests wait for an answer."""
        return len(self._held)

    def _serve(self):
        while True:
            readable = select.select([self._fd, self._over], [], [])[0]
            if self._over in readable:
                return
            try:
                request = os.read(self._fd, 1 << 17)
            except OSError:  # Another thread was faster (ENOENT, EAGAIN).
                continue
            _, kind, unique, inode = struct.unpack_from("<IIQQ", request)
            if kind in (FORGET, INTERRUPT, BATCH_FORGET):
                continue
            with self._lock:
                if self._answers or kind == INIT:
                    self._reply(kind, unique, inode)
                else:
                    self._held.append((kind, unique, inode))

    def _reply(self, kind, unique, inode):
        error, body = 0, b""
        if kind == INIT:
            body = struct.pack("<4I2H2I2H8I", 7, 31, 65536, 0, 8, 8, 65536, 1, 1, *[0] * 9)
        elif kind == LOOKUP:
            body = struct.pack("<2Q2Q2I", 2, 0, 0, 0, 0, 0) + attributes(2)
        elif kind == GETATTR:
            body = struct.pack("<Q2I", 0, 0, 0) + attributes(inode)
        else:
            error = NO_SUCH_CALL
        try:
            os.write(self._fd, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
        except FileNotFoundError:
            pass  # The process that sent the request has ended.

    def close(self):
        """Ends the mount. All processes that wait get an error. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        os.write(self._end, b"x")
        if self._thread.is_alive():
            self._thread.join()
        libc.umount2(self.place.encode(), 2)  # MNT_DETACH.
        for fd in (self._fd, self._over, self._end):
            os.close(fd)

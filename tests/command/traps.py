"""Files that a container may create in the place of a file that `wait` or `wrap` uses."""

import ctypes
import fcntl
import os
import shutil
import stat
import struct

from journal import header

_libc = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_F_SETLEASE = 1024
_SET_FLAGS = 0x40086602  # FS_IOC_SETFLAGS.
_PUNCH_HOLE = 3  # FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE.


def exchange(one, other):
    """Swaps two names in one step, so that neither is missing at any moment."""
    paths = os.fsencode(one), os.fsencode(other)
    if _libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def punch_hole(fd, offset, size):
    """Replaces a part of the file with zeros that take no room."""
    arguments = ctypes.c_int(fd), _PUNCH_HOLE, ctypes.c_long(offset), ctypes.c_long(size)
    if _libc.fallocate(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def remove(path):
    """Removes the path, which may be a directory or a file of any type."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def make_link(target):
    return lambda path: os.symlink(target, path)


def make_file(content=b"", size=None):
    """Creates a file with CONTENT, and a hole after it up to SIZE."""

    def make(path):
        with open(path, "wb") as file:
            file.write(content)
            if size is not None:
                file.truncate(size)

    return make


def make_socket(path):
    os.mknod(path, stat.S_IFSOCK | 0o666)


def make_directory(path):
    os.mkdir(path)


def make_full_directory(path):
    os.mkdir(path)
    make_file(b"something")(os.path.join(path, "journal"))


def make_tree(path):
    """Creates a directory with many files, and more levels than there may be open descriptors."""
    os.mkdir(path)
    for number in range(500):
        make_file()(os.path.join(path, str(number)))
    above = os.open(path, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=above)
        below = os.open("d", os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)


def clear_flags(handle):
    """Clears the flags of a file, so that it is no longer immutable."""
    fcntl.ioctl(handle, _SET_FLAGS, struct.pack("=l", 0))


def make_device(kind, major, minor):
    return lambda path: os.mknod(path, kind | 0o666, os.makedev(major, minor))


TEBIBYTE = 1 << 40

DIRECTORIES = {"a directory": make_directory, "a directory with files": make_full_directory}

# Files that may replace another, with the names that tests use for them. No device has an effect
# when it is opened, because a failing test would open it.
DEVICES = {
    "the device of zeros": make_device(stat.S_IFCHR, 1, 5),
    "the kernel's log": make_device(stat.S_IFCHR, 1, 11),
    "a terminal": make_device(stat.S_IFCHR, 5, 0),
    "a block device": make_device(stat.S_IFBLK, 7, 0),
}


def traps(victim):
    """Returns the kinds of traps that anybody can create. Some lead to VICTIM, a file outside."""
    return {
        "a link to the host's passwords": make_link("/etc/shadow"),
        "a link to endless zeros": make_link("/dev/zero"),
        "a link to the kernel's messages": make_link("/proc/kmsg"),
        "a link to a terminal": make_link("/dev/tty"),
        "a link to a file outside": make_link(victim),
        "a link to nothing": make_link(victim + ".missing"),
        "a link to itself": make_link("journal"),
        "a link to the root": make_link("/"),
        "a link up": make_link("../" + os.path.basename(victim)),
        "a hard link": lambda path: os.link(victim, path),
        "a FIFO": os.mkfifo,
        "a socket": make_socket,
        "an empty file": make_file(),
        "rubbish": make_file(os.urandom(4096)),
        "a hole of a tebibyte": make_file(size=TEBIBYTE),
        "a journal with a hole of a tebibyte": make_file(header(bytes(16)), TEBIBYTE),
        "a journal of another version": make_file(header(bytes(16), version=0xFFFFFFFF)),
        "a file that nobody may read": lambda path: os.close(os.open(path, os.O_CREAT, 0)),
        **DIRECTORIES,
    }


def can_make_devices(directory):
    path = os.path.join(directory, "device")
    try:
        DEVICES["the device of zeros"](path)
        # With nodev or in a user namespace, the device node exists but cannot be opened.
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    finally:
        remove(path)
    return True


def lease(path):
    """Takes a lease on the file. A process that opens the file without O_NONBLOCK has to wait for
    the test."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.fcntl(handle, _F_SETLEASE, fcntl.F_WRLCK)
    return handle

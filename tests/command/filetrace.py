"""Checks how a traced process uses files."""

import os
import re

CALLS = (
    "%file,%fstat,connect,bind,sendto,sendmsg,write,writev,pwrite64,pwritev,"
    "ftruncate,fallocate,fchmod,fchown,close"
)
CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*)>(?:\(deleted\))?)?(?: .*)?$")


class Trace:
    """The accesses of a traced process with one thread to files, each of which is checked.

    In the shared directory, the process may open handles with O_PATH, which has no effect. Through
    /proc/self/fd, it may open a regular file and connect to a socket, if fstat(2) has shown the
    type. It may write to files that it has created itself. It may remove directories that have a
    file's name.
    """

    # Other files that the process reads: the time zone for the log, and facts about itself.
    READ_BESIDE = re.compile(r"/etc/localtime|/usr/share/zoneinfo/.*|/proc/(self|\d+)/[\w/]+")
    FSTAT = ("fstat", "newfstatat", "fstatat64", "statx")
    # Other calls that only read facts and change nothing.
    LOOK = (
        *("stat", "lstat", "statfs", "access", "faccessat", "faccessat2", "getcwd"),
        *("readlink", "readlinkat", "inotify_add_watch", "execve"),
    )
    ASIDE = re.compile(r"\.removed-[a-z.-]+-\d")
    OWN_NAMES = re.compile(r"host|\.host\.[a-z0-5]{10}|journal\.old")

    def __init__(self, path, shared, manager):
        self._shared = os.path.realpath(shared)
        self._manager = manager
        self._regular = set()  # Descriptors that fstat has shown to be regular files.
        self._sockets = set()  # Descriptors that fstat has shown to be sockets.
        self._own = set()  # Descriptors of files that the process has created.
        self.opened = 0
        self.offences = []
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            for line in file:
                call = CALL.match(line)
                if call and not self._is_allowed(call[1], call[2], int(call[3]), call[4] or ""):
                    self.offences.append(line)

    def _is_allowed(self, name, arguments, result, target):
        if result < 0:
            return True
        descriptor = arguments.split("<")[0]
        names = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
        if name in ("open", "openat", "openat2", "creat"):
            self.opened += 1
            return self._may_open(arguments, names, str(result), target)
        if name in ("connect", "sendto", "sendmsg"):
            return all(map(self._may_talk_to, re.findall(r'sun_path=@?"(.*?)"', arguments)))
        if name in ("write", "writev", "pwrite64", "pwritev", "ftruncate", "fallocate", "fchmod"):
            # Newer versions of strace show the count of an eventfd.
            is_pipe = re.match(r"\d+<(anon_inode:|\{eventfd-count=|socket:|pipe:|UNIX)", arguments)
            return descriptor in ("1", "2", *self._own) or bool(is_pipe)
        if name in ("renameat", "renameat2", "unlinkat"):
            places = re.findall(r"\d+<(.*?)>", arguments)
            return self._may_change(arguments, places, names)
        if name == "close":
            for descriptors in (self._regular, self._sockets, self._own):
                descriptors.discard(descriptor)
        elif name in self.FSTAT:
            for kind, descriptors in (("S_IFREG", self._regular), ("S_IFSOCK", self._sockets)):
                if f"st_mode={kind}" in arguments:
                    descriptors.add(descriptor)
        return name in ("close", *self.FSTAT, *self.LOOK)

    def _may_change(self, arguments, places, names):
        """Returns whether the call may change these names. It may also move and remove directories
        in the place of a file."""
        is_obstacle = "AT_REMOVEDIR" in arguments or self.ASIDE.fullmatch(names[-1])
        if set(places) == {self._shared}:
            return bool(is_obstacle) or all(map(self.OWN_NAMES.fullmatch, names))
        aside = [os.path.relpath(place, self._shared).split("/")[0] for place in places]
        return all(map(self.ASIDE.fullmatch, aside))

    def _may_talk_to(self, name):
        handle = re.fullmatch(r"/proc/self/fd/(\d+)", name)
        return name == self._manager or (bool(handle) and handle[1] in self._sockets)

    def _may_open(self, arguments, names, result, target):
        path = target.removesuffix("(deleted)")
        is_shared = os.path.dirname(path) == self._shared
        self._regular.discard(result)
        if "O_CREAT" in arguments:
            self._own.add(result)
            return is_shared and "O_CREAT|O_EXCL" in arguments
        if "O_WRONLY" in arguments or "O_RDWR" in arguments:
            return False
        if "O_PATH" in arguments or "O_DIRECTORY" in arguments:
            return is_shared or path == self._shared
        handle = re.fullmatch(r"/proc/self/fd/(\d+)", names[0])
        if is_shared:
            return bool(handle) and handle[1] in self._regular
        # strace shows the kind of a device: /dev/null<char 1:3>.
        return bool(self.READ_BESIDE.fullmatch(path))

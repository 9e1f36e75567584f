"""Disables system calls for this process and its programs: calls that are newer than Linux 5.0, or
the sockets of one family. gVisor lacks such calls, and so does a container with a filter that is
older than the kernel. RestrictAddressFamilies= of a unit disables sockets."""

import ctypes
import errno
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _FIRST_ARGUMENT = 0, 16

# From pidfd_send_signal on, calls have the same number on all processors.
_FIRST_NEW_CALL = 424
# The flag CLONE_PIDFD of clone, P_PIDFD of waitid, and options of prctl that gVisor does not
# support.
_CLONE, _WAITID, _PRCTL, _SOCKET = {
    "x86_64": (56, 247, 157, 41), "aarch64": (220, 95, 167, 198)
}.get(os.uname().machine, (None, None, None, None))
_CLONE_PIDFD, _P_PIDFD, _GET_SECUREBITS, _SET_SECUREBITS = 0x1000, 3, 27, 28


def is_known():
    """Returns whether we know the numbers of this processor's calls."""
    return _CLONE is not None


def _program(error):
    refused = _ERROR | error
    return [
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 10, 0, _FIRST_NEW_CALL),
        (_EQUAL, 0, 2, _CLONE),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 8, 9, _CLONE_PIDFD),
        (_EQUAL, 0, 2, _WAITID),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 5, 6, _P_PIDFD),
        (_EQUAL, 0, 5, _PRCTL),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 2, 0, _GET_SECUREBITS),
        (_EQUAL, 1, 2, _SET_SECUREBITS),
        (_RETURN, 0, 0, refused),
        (_RETURN, 0, 0, _ERROR | errno.EINVAL),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _program_against(family):
    return [
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, 3, _SOCKET),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, family),
        (_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]


def give_up(error):
    """Makes newer calls fail with ERROR from now on, and newer flags fail with EINVAL."""
    _install(_program(error))


def give_up_family(family):
    """Makes sockets of this family fail from now on, as in a kernel that does not have them."""
    _install(_program_against(family))


def _install(lines):
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    calls = (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program),
    )
    for call in calls:
        if _libc.prctl(*call) < 0:
            raise OSError(ctypes.get_errno(), "prctl")

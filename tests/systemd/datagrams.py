"""Makes datagrams for a notification socket. Most of them can be read in more than one way.

Leaves out datagrams that would end a unit (WATCHDOG=trigger, a watchdog of less than an hour). Also
leaves out datagrams that the two sides cannot treat alike (an existing MAINPID, NOTIFYACCESS).
"""

import random
import re

LONGEST = 4096
FLAGS = ["RELOADING=1", "READY=1", "STOPPING=1"]  # In order, from the weakest to the strongest.

# The keys whose values are valid until they are replaced.
FACTS = [
    *("MONOTONIC_USEC", "STATUS", "ERRNO", "BUSERROR", "VARLINKERROR", "EXIT_STATUS", "MAINPID"),
    "WATCHDOG_USEC",
]

NOT_QUITE_FLAGS = [
    *("READY=0", "READY=10", "READY=", "READY", " READY=1", "READY=1 ", "ready=1", "\tREADY=1"),
    *("RELOADING=0", "RELOADING= 1", "STOPPING=2", "STOPPING", "READY=1=1", '"READY=1"'),
]
PLAIN_TEXTS = [
    *(b"Loading", b"Serving 3 clients", b"", b" ", b"=", b"a=b", b"READY=1", b"it's \"up\""),
]
TEXTS = [
    *PLAIN_TEXTS,
    *("ä".encode(), "€uro".encode(), "\U0001f600".encode()),
    *(b"tab\there", b"\x1b[31mred\x1b[0m", b"\x7f", b"\xc2\x85"),
    # Bytes that are not UTF-8: single, cut, overlong, a surrogate, too large, five bytes.
    *(b"\xff", b"\x80", b"\xc3", b"x\xe2\x82", b"ok\xc3("),
    *(b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf"),
    *(b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80"),
    # The first and last code points for each number of bytes, and code points that are not
    # characters.
    "\x80\u07ff\u0800\ud7ff\ue000\ufffd\U00010000\U0010fffd".encode(),
    *("\ufdcf".encode(), "\ufdd0".encode(), "\ufdef".encode(), "\ufdf0".encode()),
    *("\ufffe".encode(), "\uffff".encode(), "\U0001fffe".encode(), "\U0010ffff".encode()),
    b"before \xef\xbf\xbe after",
]
ERRORS = [
    *("0", "1", "2", "28", "4095", "4096", "-1", "-0", "+5", " 7", "7 ", "\t8", "010", "08", "00"),
    *("0x10", "0X1f", "0b101", "0B11", "0b", "0o17", "0O7", "0o8", "0x", "x", "", "1e1", "1.0"),
    *("- 5", "--5", "+-5", "0x-5", "0b-1", "0b 1", " +0x9", "\v6", "\f6", "\x0e6"),
    *("2147483648", "4294967298", "99999999999999999999", "0" * 300 + "5"),
    *("ENOENT", "EPERM", "enoent", "eWouldBlock", "ENOENT ", "EWOULDBLOCK", "ENONSENSE"),
    *("EAGAIN", "EHWPOISON", "EDEADLOCK", "ENOTSUP", "EOPNOTSUPP"),
]
HOURS = 7_200_000_000
PERIODS = [
    *(f"{HOURS}", f"+{HOURS}", f" {HOURS}", f"{HOURS} ", f"000{HOURS}", "0" * 300 + f"{HOURS}"),
    *(f"0{HOURS:o}", f"0o{HOURS:o}", f"0x{HOURS:x}", f"0X{HOURS:X}", f"0b{HOURS:b}"),
    *(f"{HOURS + 1}", f"{HOURS + 2}", f"-{HOURS}", f"{HOURS}.5", f"{HOURS}us"),
    *("0", "00", "", "-1", "-0", "x", "2h", "infinity", "0x", "0b"),
    *("18446744073709551615", "18446744073709551616", "9223372036854775807"),
]
OTHERS = [
    *("BUSERROR=org.freedesktop.DBus.Error.Failed", "BUSERROR=", "BUSERROR=two words"),
    *("BUSERROR=a\tb", "VARLINKERROR=org.varlink.service.MethodNotFound", "VARLINKERROR="),
    *('VARLINKERROR="', "EXIT_STATUS=3", "EXIT_STATUS=x"),
    *("MONOTONIC_USEC=5", "MONOTONIC_USEC=x", "MONOTONIC_USEC="),
    *("MAINPID=0", "MAINPID=-1", "MAINPID=x", "MAINPID=", "MAINPID=99999999999", "MAINPIDFDID=1"),
    *("EXTEND_TIMEOUT_USEC=1", "EXTEND_TIMEOUT_USEC=x", "EXTEND_TIMEOUT_USEC=60000000"),
    *("FDSTORE=1", "FDNAME=a", "FDSTOREREMOVE=1", "FDPOLL=0"),
    *("BARRIER=1", "BARRIER=0", "BARRIER=1x"),
    *("X_PRIVATE=1", "X_=", "UNKNOWN=1", "=", "=1", "nonsense", "STATUS", "status=x", " STATUS=x"),
]
PINGS = ["1", "1", "1", "0", "", "1 ", " 1", "TRIGGER", "2"]
SEPARATORS = [
    *([b"\n"] * 12),
    *(b"\r", b"\r", b"\r\n", b"\n\r", b"\n\n", b"\r\r\n", b"\\\n", b"\\\r", b"\\\\\n"),
]
ALONE = [b"", b"\0", b"\0\0", b"\n", b"\r\n\0", b"\\", b"\\\0", b"\\\n", b"BARRIER=1"]


def unescaped_lines(datagram):
    """Returns the assignments of a datagram by systemd's rules, to find the flags in it."""
    lines, line, escaped = [], bytearray(), False
    for byte in datagram.removesuffix(b"\0"):
        if escaped or byte not in b"\\\r\n":
            line.append(byte)
            escaped = False
        elif byte == ord("\\"):
            escaped = True
        else:
            lines.append(bytes(line))
            line.clear()
    return [*lines, bytes(line)]


def flags_in_order(datagram):
    """Returns whether the last flag in the datagram is also the strongest."""
    lines = unescaped_lines(datagram)
    strengths = [FLAGS.index(line.decode()) for line in lines if line.decode("latin-1") in FLAGS]
    return strengths == sorted(strengths)


def sets_watchdog(datagram):
    return any(line.startswith(b"WATCHDOG_USEC=") for line in unescaped_lines(datagram))


def is_harmless(datagram):
    """Returns whether the inserted bytes have made no number a short watchdog or an existing
    pid."""
    for line in unescaped_lines(datagram):
        key, _, value = line.decode("latin-1").partition("=")
        if key in ("WATCHDOG_USEC", "MAINPID") and re.fullmatch(r"\s*[+-]?\w+", value):
            if value not in PERIODS and f"{key}={value}" not in OTHERS:
                return False
    return True


class Generator:
    def __init__(self, seed, last_flag_wins):
        """Creates a generator of datagrams. If `last_flag_wins` is true, the last flag of each
        datagram is the strongest. Before version 253, systemd acts on the last of several flags.
        Later versions act on the strongest."""
        self._random = random.Random(seed)
        self._last_flag_wins = last_flag_wins

    def group(self):
        return [self.datagram() for _ in range(self._random.choice([1, 1, 2, 3, 4, 6]))]

    def datagram(self):
        while True:
            datagram = self._any_datagram()
            if self._last_flag_wins and not flags_in_order(datagram):
                continue
            if is_harmless(datagram):
                return datagram

    def _any_datagram(self):
        pick = self._random
        if pick.random() < 0.02:
            return pick.choice(ALONE)
        lines = [self._line() for _ in range(pick.choice([1, 1, 1, 2, 2, 3, 4, 7]))]
        if pick.random() < 0.2:
            lines.append(pick.choice(lines).split(b"=")[0] + b"=" + pick.choice(PLAIN_TEXTS))
        datagram = lines[0]
        for line in lines[1:]:
            datagram += pick.choice(SEPARATORS) + line
        return self._resized(self._spoilt(datagram))

    def _line(self):
        pick = self._random
        kind = pick.random()
        if kind < 0.22:
            line = pick.choices(FLAGS, [4, 5, 1])[0].encode()
        elif kind < 0.28:
            line = pick.choice(NOT_QUITE_FLAGS).encode()
        elif kind < 0.55:
            line = b"STATUS=" + self._text()
        elif kind < 0.67:
            line = b"ERRNO=" + pick.choice(ERRORS).encode()
        elif kind < 0.75:
            line = b"WATCHDOG=" + pick.choice(PINGS).encode()
        elif kind < 0.82:
            # No later change may make the number smaller.
            return b"WATCHDOG_USEC=" + pick.choice(PERIODS).encode()
        else:
            line = pick.choice(OTHERS).encode()
        return self._escaped(line)

    def _text(self):
        pick = self._random
        if pick.random() < 0.3:
            return f"status {pick.randrange(10**6)}".encode()
        return b"".join(pick.choices(TEXTS, k=pick.choice([1, 1, 1, 2, 3])))

    def _escaped(self, line):
        """Sometimes inserts backslashes into the line."""
        pick = self._random
        out = bytearray(line)
        while out and pick.random() < 0.2:
            out.insert(pick.randrange(len(out)), ord("\\"))
        return bytes(out)

    def _spoilt(self, datagram):
        """Sometimes inserts a byte with a special meaning into the datagram."""
        pick = self._random
        chance = pick.random()
        if chance < 0.05:
            return datagram + b"\0"
        if chance < 0.08:
            return datagram + pick.choice([b"\\", b"\\\0", b"\\\\", b"\0\0", b"\n\0", b"\0\n"])
        if chance < 0.12 and datagram:
            at = pick.randrange(len(datagram) + 1)
            return datagram[:at] + pick.choice([b"\0", b"\n", b"\r", b"\\"]) + datagram[at:]
        if chance < 0.15:
            before, after = pick.choice([b"\n", b"\r", b"\n\n\r"]), pick.choice([b"\n", b"\r\n"])
            return before + datagram + after
        return datagram

    def _resized(self, datagram):
        """Sometimes makes the datagram as long as allowed, or a little longer."""
        pick = self._random
        if pick.random() >= 0.04:
            return datagram
        size = pick.choice([LONGEST - 1, LONGEST, LONGEST, LONGEST + 1, LONGEST + 2, 5000])
        filler = pick.choice([b"X_PAD=", b"STATUS=", b"STATUS=\xc3", b"ERRNO=", b"BUSERROR="])
        room = size - len(datagram) - 1 - len(filler)
        return datagram + b"\n" + filler + b"x" * room if room > 0 else datagram

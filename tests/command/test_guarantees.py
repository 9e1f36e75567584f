#!/usr/bin/python3
"""Tests the promises for each key in the table of notifybridge(1).

A case is named after the key and the promise. The message arrives, keeps its order, or is not lost
if `wrap` or `wait` is killed. The last promise is about the messages that a late `wait` sends.
"""

import os
import signal

import bridge

# For each key, a message with this key, as Python code for an app. %d is a number, which
# distinguishes messages if the key allows it.
KEYS = {
    "READY": "notify('READY=1\\nX_N=%d')",
    "STATUS": "notify('STATUS=%d')",
    "RELOADING": "notify('RELOADING=1\\nMONOTONIC_USEC=5\\nX_N=%d')",
    "STOPPING": "notify('STOPPING=1\\nX_N=%d')",
    "ERRNO": "notify('ERRNO=%d')",
    "BUSERROR": "notify('BUSERROR=org.example.E%d')",
    "VARLINKERROR": "notify('VARLINKERROR=org.example.E%d')",
    "EXIT_STATUS": "notify('EXIT_STATUS=%d')",
    "WATCHDOG": "notify('WATCHDOG=1\\nX_N=%d')",
    "WATCHDOG_USEC": "notify('WATCHDOG_USEC=%d')",
    "EXTEND_TIMEOUT_USEC": "notify('EXTEND_TIMEOUT_USEC=%d')",
    "X_EVENT": "notify('X_EVENT=%d')",
    "MAINPID": "notify(f'MAINPID={os.getpid()}\\nX_N=%d')",
    "FDSTORE": "notify('FDSTORE=1\\nFDNAME=n%d', [1])",
}
# The assignments that a late `wait` sends for these keys. Other keys are events, so a late `wait`
# sends nothing for them.
STATE = {
    "READY": b"READY=1",
    "STATUS": b"STATUS=7",
    "RELOADING": b"RELOADING=1",
    "STOPPING": b"STOPPING=1",
    "ERRNO": b"ERRNO=7",
    "BUSERROR": b"BUSERROR=org.example.E7",
    "VARLINKERROR": b"VARLINKERROR=org.example.E7",
    "EXIT_STATUS": b"EXIT_STATUS=7",
    "WATCHDOG_USEC": b"WATCHDOG_USEC=7",
    "MAINPID": b"MAINPID=",
}
# These keys are lost with `wrap`. `wrap` keeps the descriptors, and only a living `wrap` can prove
# a pid.
GONE_WITH_WRAP = ("MAINPID", "FDSTORE")

APP = "\nfor line in sys.stdin:\n    exec(line)\n    up()\n"


class Guarantees(bridge.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver(keeps_fds=True)
        self.said = 0

    def attach(self):
        before = self.host()
        wait = self.start(
            bridge.WAIT,
            "--main-pid=translate",
            NOTIFY_SOCKET=self.manager.path,
            INVOCATION_ID="1" * 32,
        )
        bridge.eventually("wait is there", lambda: self.host() not in (b"", before))
        return wait

    def bytes_of(self, name):
        try:
            with open(self.path(self.shared, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def host(self):
        return self.bytes_of("host")

    def journal(self):
        return self.bytes_of("journal")

    def start_wrap(self):
        reading, self.orders = os.pipe()
        self.addCleanup(os.close, self.orders)
        self.wrap = self.start(bridge.WRAP, *bridge.app(APP), stdin=reading)
        os.close(reading)

    def say(self, code):
        """Makes the app run CODE, and waits until its messages are in the journal."""
        self.said += 1
        os.write(self.orders, code.encode() + b"\n")
        bridge.eventually("the app has said it", lambda: self.wrap.out.count("up") == self.said)

    def payload(self, key, number):
        """Returns the datagram that arrives for the message with that number."""
        if key == "MAINPID":
            return b"X_N=%d" % number
        namespace = {"notify": lambda text, fds=(): text.encode(), "os": os}
        return eval(KEYS[key] % number, namespace)

    def heard(self, key):
        """Returns the received messages, without the numbers that identify a process on the
        host."""
        if key != "MAINPID":
            return self.manager.messages
        return [
            b"\n".join(
                line for line in message.split(b"\n") if not line.startswith(b"MAINPID")
            )
            for message in self.manager.messages
        ]

    def check_heard(self, key, *wanted):
        self.manager.wait_until(repr(wanted), lambda messages: len(messages) >= len(wanted))
        self.assertEqual(self.heard(key), list(wanted))

    def arrives(self, key):
        self.attach()
        self.start_wrap()
        self.say(KEYS[key] % 7)
        self.check_heard(key, self.payload(key, 7))
        if key == "MAINPID":
            self.assertIn(b"MAINPID=", self.manager.messages[0])
        self.assertEqual(len(self.manager.stored), key == "FDSTORE")

    def keeps_order(self, key):
        self.attach()
        self.start_wrap()
        wanted = []
        code = []
        for number in range(1, 20):
            code += [f"notify('X_BETWEEN={number}')", KEYS[key] % number]
            wanted += [b"X_BETWEEN=%d" % number, self.payload(key, number)]
        self.say("; ".join(code))
        self.check_heard(key, *wanted)

    def survives_wrap(self, key):
        wait = self.attach()
        self.start_wrap()
        self.say("notify('X_FIRST=1')")
        self.manager.wait_for(b"X_FIRST=1")
        wait.signal(signal.SIGSTOP)
        self.say(KEYS[key] % 7 + "; notify('X_LAST=1')")
        bridge.eventually("it is journaled", lambda: b"X_LAST=1" in self.journal())
        self.wrap.signal(signal.SIGKILL)
        self.wrap.wait()
        wait.signal(signal.SIGCONT)
        self.manager.wait_for(b"X_LAST=1")
        if key == "FDSTORE":
            self.check_heard(key, b"X_FIRST=1", b"X_LAST=1")
            self.assertEqual(self.manager.stored, [])
        else:
            self.check_heard(key, b"X_FIRST=1", self.payload(key, 7), b"X_LAST=1")
        if key in GONE_WITH_WRAP:
            self.assertIn("warning", wait.err)

    def survives_wait(self, key):
        wait = self.attach()
        self.start_wrap()
        self.say("notify('X_FIRST=1'); barrier()")
        wait.signal(signal.SIGKILL)
        wait.wait()
        self.say(KEYS[key] % 7 + "; notify('X_LAST=1')")
        self.attach()
        self.check_heard(key, b"X_FIRST=1", self.payload(key, 7), b"X_LAST=1")

    def is_told_late(self, key):
        self.start_wrap()
        self.say(("notify('READY=1'); " if key != "READY" else "") + KEYS[key] % 7)
        bridge.eventually("it is journaled", lambda: self.payload(key, 7) in self.journal())
        self.attach()
        # Earlier messages are part of the state, or were events.
        self.manager.wait_until("the state", lambda messages: messages)
        self.say("notify('X_LAST=1')")
        self.manager.wait_for(b"X_LAST=1")
        state = self.manager.messages[0].split(b"\n")
        self.assertEqual(len(self.manager.messages), 2, self.manager.messages)
        if key in STATE:
            self.assertTrue(any(line.startswith(STATE[key]) for line in state), state)
        else:
            self.assertEqual(state, [b"READY=1"])


def add_cases():
    for key in KEYS:
        for look in ("arrives", "keeps_order", "survives_wrap", "survives_wait", "is_told_late"):
            name = f"test_{key}_{look}"
            case = lambda self, look=look, key=key: getattr(self, look)(key)
            case.__name__ = name
            setattr(Guarantees, name, case)


add_cases()
bridge.main()

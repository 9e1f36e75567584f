#!/usr/bin/python3
"""An app sends messages that systemd would read differently from a careless filter. It also sends
control characters for terminals, and sends both as fast as it can.

systemd must get only messages that the policy allows, when it parses them by its own rules. The log
and the output of `status` must contain no control characters.
"""

import json
import signal
import time
import unittest

import adversary
import bridge
from adversary import LONG
from journal import record
from traps import make_file

# Each pair has a message and the part that is forwarded, or None if nothing is forwarded.
MESSAGES = (
    # systemd also splits messages at a carriage return.
    (b"STATUS=x\rMAINPID=1", b"STATUS=x"),
    (b"READY=1\r\nNOTIFYACCESS=all\r", b"READY=1"),
    (b"\rMAINPID=1\r", None),
    (b"MAINPID=1\n\rSTATUS=kept", b"STATUS=kept"),
    # systemd removes a backslash, and takes the next byte literally.
    (b"MA\\INPID=12", None),
    (b"\\M\\A\\I\\N\\P\\I\\D=12\nSTATUS=kept", b"STATUS=kept"),
    (b"ST\\ATUS=kept", b"ST\\ATUS=kept"),
    (b"STATUS=a\\\nMAINPID=1", b"STATUS=a\\\nMAINPID=1"),
    (b"STATUS=a\\\rMAINPID=1", b"STATUS=a\\\rMAINPID=1"),
    (b"STATUS=a\\\\\nMAINPID=1", b"STATUS=a\\\\"),
    (b"STATUS=a\\\\\\\nMAINPID=1\nMAINPID=2", b"STATUS=a\\\\\\\nMAINPID=1"),
    (b"STATUS=a\nMAINPID=1\\", None),
    (b"MAINPID\\=1", None),
    (b"MAINPID=1\\\nREADY=1", None),
    # A NUL byte may only be at the end of a message.
    (b"READY=1\0MAINPID=1", None),
    (b"READY=1\0", b"READY=1\0"),
    (b"\0", None),
    (b"\0\0", None),
    # These lines only look like assignments.
    (b" READY=1", None),
    (b"'READY=1'", None),
    (b"READY", None),
    (b"=1", None),
    (b"X_\rMAINPID=1", None),
    (b"X_\\\nMAINPID=1", b"X_\\\nMAINPID=1"),
    (b"BARRIER=1", None),
    (b"BARRIER=0\nSTATUS=kept", b"STATUS=kept"),
    (b"READY=1\nBARRIER=1", None),
    (b"MAINPIDFD=1\nMAINPIDFDID=5\nRESTART_RESET=1\nSTATUS=kept", b"STATUS=kept"),
    (b"FDSTORE=1\nFDNAME=a\nFDPOLL=0\nSTATUS=kept", b"STATUS=kept"),
    # Long messages.
    (b"K" * 4000 + b"=1", None),
    (b"\x1b" * 4000 + b"=1\nSTATUS=kept", b"STATUS=kept"),
    (b"STATUS=" + b"x" * 4089, b"STATUS=" + b"x" * 4089),
    (b"STATUS=" + b"x" * 4090, None),
    (b"A=\n" * 1365, None),
    (b"\n" * 4096, None),
    # Control characters for terminals, and bytes that are not text.
    (b"STATUS=\x1b]0;owned\x07", b"STATUS=\x1b]0;owned\x07"),
    (b"STATUS=\x9b31m\xc2\x9b31m\x7f\x08", b"STATUS=\x9b31m\xc2\x9b31m\x7f\x08"),
    (b"STATUS=\xc2\x9b31m\x7f\x08", b"STATUS=\xc2\x9b31m\x7f\x08"),
    (b"\x1b]0;owned\x07=1", None),
    (b"STATUS=\xff\xfe\xc0\x80\xed\xa0\x80", b"STATUS=\xff\xfe\xc0\x80\xed\xa0\x80"),
    (b"\xff\xfe=1", None),
    # Texts that try to start a new line in the log.
    (b"A\\\n[PROXY 00:00:00] error: forged=1", None),
    (
        b"STATUS=a\\\n[PROXY 00:00:00] error: forged",
        b"STATUS=a\\\n[PROXY 00:00:00] error: forged",
    ),
    (
        "STATUS=a\u2028[PROXY 00:00:00] \u202eforged".encode(),
        "STATUS=a\u2028[PROXY 00:00:00] \u202eforged".encode(),
    ),
)
WANTED = [wanted for _, wanted in MESSAGES if wanted is not None]

SEND_ALL = f"""
for message in {[message for message, _ in MESSAGES]!r}:
    notify(message)
"""

FLOOD = """
notify("READY=1")
with connect() as sender:
    while True:
        sender.send(%r)
"""


class Smuggling(adversary.Case):
    def assert_shown_harmless(self, text):
        """Checks a text that a person sees on a terminal."""
        for line in text.split("\n"):
            self.assertEqual(adversary.controls(line), set(), repr(line))
            self.assertFalse(line.startswith("[PROXY 00:00:00] error: forged"), line)

    def assert_as_wanted(self, received):
        self.assertEqual(received, WANTED)
        for datagram in received:
            self.assert_permitted(datagram.removesuffix(b"\0"))

    def test_systemd_receives_only_permitted_messages(self):
        for level in ("notice", "info", "debug"):
            with self.subTest(level):
                self.renew_shared_directory()
                receiver = self.receiver()
                options = [f"--log-level={level}"]
                process = self.start_app(receiver, SEND_ALL, options, options)
                self.assertEqual(process.wait(), 0, process.err)
                self.assert_as_wanted(receiver.messages)
                self.assert_shown_harmless(process.err)
                self.assert_shown_harmless("\n".join(self.container_status()))
                if level != "debug":
                    self.assert_readable(process.err)

    def test_a_forged_journal_is_filtered(self):
        content = b"".join(
            record(number + 1, message)
            for number, (message, _) in enumerate(MESSAGES)
            # In the journal, a barrier is a separate record.
            if b"BARRIER=1" not in message
        )
        receiver = self.receiver()
        process = self.start_wait("--keep", "--verbose", receiver=receiver)
        self.run_of_ours(content=content + record(1000, b"X_LAST=1"), alive=False)
        receiver.wait_for(b"X_LAST=1")
        self.stop(process, 0)
        self.assert_as_wanted(receiver.messages[:-1])
        self.assert_readable(process.err)

    def test_status_escapes_a_status_text(self):
        receiver = self.receiver()
        for message, wanted in MESSAGES:
            if not (wanted and wanted.startswith(b"STATUS=") and b"\x08" in wanted):
                continue
            with self.subTest(str(message[:60])):
                self.renew_shared_directory()
                code = f"notify({message!r}); barrier(); print('up', flush=True); stay()"
                process = self.start_app(receiver, code)
                bridge.eventually("the app is up", lambda: process.out)
                for words in ([], ["--json"]):
                    status, out, err = self.run_to_end(
                        "notifybridge", "status", *words, self.shared
                    )
                    self.assertEqual(status, 0, err)
                    self.assert_shown_harmless(out + err)
                    if words:
                        json.loads(out)
                process.end()

    def test_status_escapes_forged_files(self):
        escapes = b"\x1b]0;owned\x07\r\x08\x7f\xc2\x9b31m"
        state = b"STATE=ready\n" + b"".join(
            key + b"=" + escapes.replace(b"\r", b"") + b"\n"
            for key in (b"STATUS", b"ERRNO", b"BUSERROR", b"MAINPID", b"WATCHDOG_USEC")
        )
        self.run_of_ours(content=record(1, state, 3) + record(2, b"STATUS=" + escapes))
        own = b"COMMAND=%s\nRUN_ID=%s\nDROPPED_EMPTY=x\n" % (escapes, escapes)
        make_file(own + state)(self.entry("container-status"))
        for words in ([], ["--json"], ["--ready"], ["--alive"]):
            status, out, err = self.run_to_end("notifybridge", "status", *words, self.shared)
            self.assertEqual(status, 0, err)
            self.assert_shown_harmless(out + err)
            if words == ["--json"]:
                json.loads(out)


class Floods(adversary.Case):
    """Tests with an app that sends without end through a working bridge."""

    def withstand_app(self, payload, warm_up=None, modest=True):
        receiver = self.receiver()
        process = self.start_app(receiver, FLOOD % payload)
        receiver.wait_for(b"READY=1")
        # The app itself is the attacker.
        with self.attacked(process, lambda: time.sleep(0.01), warm_up=warm_up, modest=modest):
            self.stop(process, -signal.SIGTERM)
        self.assertLess(len(process.err.splitlines()), adversary.MOST_LINES)
        self.assert_readable(process.err)
        return receiver.messages[1:]

    def test_wait_survives_refused_keys(self):
        # The allowed burst is 100,000 messages. During the burst, more messages arrive at the
        # allowed rate.
        burst_is_over = lambda: self.acknowledged() > 150_000
        self.assertEqual(self.withstand_app(b"MAINPID=1", burst_is_over), [])

    def test_wait_survives_malformed_messages(self):
        self.assertEqual(self.withstand_app(b"X_A=1\0X_B=1"), [])

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_survives_too_long_messages(self):
        self.assertEqual(self.withstand_app(b"X_A=" + b"x" * 5000), [])

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_survives_messages_of_refused_lines_only(self):
        self.assertEqual(self.withstand_app(b"A=\n" * 1365), [])

    def test_permitted_messages_are_delivered(self):
        # All messages are delivered, no matter how long this takes. So `wait` may use the processor
        # time that it needs.
        self.assertEqual(set(self.withstand_app(b"STATUS=flood", modest=False)), {b"STATUS=flood"})


adversary.main()

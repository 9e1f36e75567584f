#!/usr/bin/python3
"""A container overwrites "host", which `wait` writes for it.

The container can only deceive itself. `wrap` must continue, and so must a `wait` that finds another
file in the place of its own.
"""

import os
import signal

import adversary
import bridge
from journal import host, messages, record
from traps import make_file, remove, traps

LAST_SEQUENCE = (1 << 64) - 1
MEBIBYTE = 1 << 20


class ForgedHost(adversary.Case):
    """Tests of `wrap` and `wait` with a file "host" that no `wait` has written."""

    APP = """
print(os.environ.get("WATCHDOG_USEC"), flush=True)
notify("READY=1")
for line in sys.stdin:
    if line == "barrier\\n":
        barrier()
    else:
        notify(line.strip())
    print("done", flush=True)
"""

    def start_wrap(self):
        source, sink = os.pipe()
        self.addCleanup(os.close, sink)
        try:
            process = self.start(bridge.WRAP, "--verbose", *bridge.app(self.APP), stdin=source)
        finally:
            os.close(source)
        bridge.eventually("the app is up", lambda: process.out)
        return process, sink

    def ask(self, process, sink, line):
        """Makes the app send LINE, and returns when it has done this."""
        before = process.out.count("done")
        os.write(sink, line.encode() + b"\n")
        bridge.eventually(f"{line} is said", lambda: process.out.count("done") > before)

    def run_id(self):
        return self.bytes_of("journal")[16:32].hex().encode()

    def put(self, content):
        make_file(content)(self.entry(".host"))
        os.rename(self.entry(".host"), self.entry("host"))

    def test_wrap_survives_any_content_of_the_host_file(self):
        process, sink = self.start_wrap()
        run = (b"RUN_ID", self.run_id())
        for what, content in (
            ("acknowledged beyond all", host([run], LAST_SEQUENCE, LAST_SEQUENCE)),
            ("acknowledged nothing again", host([run], 0, 0)),
            ("of another run", host([(b"RUN_ID", b"0" * 32), (b"SIGNALS", b"1:15")])),
            ("of no run", host([(b"RUN_ID", b"zz"), (b"SIGNALS", b"1:15")])),
            ("signals that are none", host([run, (b"SIGNALS", b"1:0 2:65 3:-1 4:TERM 5 :15 6: 7:9999")])),
            ("signals without end", host([run, (b"SIGNALS", b"1:0 " * 4000)])),
            ("signals of another run", host([(b"RUN_ID", b"0" * 32), (b"SIGNALS", b"1:15")])),
            ("a signal that overflows", host([run, (b"SIGNALS", b"1:4294967311")])),
            ("another version", host([run, (b"SIGNALS", b"1:15")], version=2)),
            ("a wrong checksum", host([run, (b"SIGNALS", b"1:15")], checksum=1)),
            ("a huge size", host([run, (b"SIGNALS", b"1:15")], size=0xFFFFFFFF)),
            ("a wrong size", host([run, (b"SIGNALS", b"1:15")], size=5)),
            ("no text", host()),
            ("text without an end", host(b"SIGNALS" * 100_000)),
            ("rubbish", os.urandom(16384)),
            ("empty", b""),
        ):
            with self.subTest(what):
                self.put(content)
                self.ask(process, sink, "STATUS=" + what)
                bridge.eventually(
                    "it is known", lambda: "STATUS=" + what in self.container_status()
                )
        self.assertTrue(process.is_running())
        self.assertNotIn("for the command", process.err)
        self.put(host([run], version=7))
        bridge.eventually("it is said", lambda: "of the format" in process.err)
        _, table, _ = self.run_to_end("notifybridge", "status", self.shared)
        self.assertIn("it has version 7 of the format, but this program reads version 1", table)
        # A real `wait` would write this file. It shows that `wrap` reads such files.
        self.put(host([run, (b"SIGNALS", b"1:15")]))
        self.assertEqual(process.wait(), -signal.SIGTERM)
        self.assertEqual(process.err.count("of the format"), 1, process.err)

    def test_wrap_survives_any_file_in_place_of_the_host_file(self):
        process, sink = self.start_wrap()
        for what, make in traps(self.victim).items():
            with self.subTest(what):
                remove(self.entry("host"))
                make(self.entry("host"))
                self.ask(process, sink, "STATUS=" + what)
                # For a barrier, `wrap` checks for a `wait`, and does not wait for one that does not
                # exist.
                self.ask(process, sink, "barrier")
        self.assertTrue(process.is_running())
        process.signal(signal.SIGTERM)
        self.assertIn(process.wait(), (-signal.SIGTERM, 143))

    def test_a_late_wait_sends_the_state_despite_a_forged_host_file(self):
        process, sink = self.start_wrap()
        self.put(host([(b"RUN_ID", self.run_id())], LAST_SEQUENCE, LAST_SEQUENCE))
        self.ask(process, sink, "STATUS=told")
        remove(self.entry("host"))
        receiver = self.receiver()
        waiter = self.start_wait("--keep", receiver=receiver)
        receiver.wait_until("the state", lambda messages: messages)
        self.assertEqual(receiver.lines()[:2], [b"READY=1", b"STATUS=told"])
        self.stop(waiter, 0)

    def test_an_invalid_watchdog_is_not_passed_on(self):
        for value, wanted in (
            (b"-1", "None"),
            (b"0", "None"),
            (b"soon", "None"),
            (b"18446744073709551616", "None"),
            (b"5000000\\nX=1", "None"),
            (b"5000000", "5000000"),
        ):
            with self.subTest(str(value)):
                self.renew_shared_directory()
                self.put(host([(b"WATCHDOG_USEC", value)]))
                process, _ = self.start_wrap()
                self.assertEqual(process.out.splitlines()[0], wanted)

    def test_wait_resumes_despite_a_forged_host_file(self):
        for what, numbers in (
            ("beyond all", (LAST_SEQUENCE, LAST_SEQUENCE)),
            ("beyond all, and not processed", (LAST_SEQUENCE, 0)),
            ("processed before it was acknowledged", (1, LAST_SEQUENCE)),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                receiver = self.receiver()
                journal = self.run_of_ours(content=messages(1, 2))
                facts = [(b"RUN_ID", journal.run.hex().encode()), (b"INVOCATION", b"one")]
                self.put(host(facts, *numbers))
                process = self.start_wait("--keep", receiver=receiver, INVOCATION_ID="one")
                journal.write(messages(3))
                journal.close()
                self.run_of_ours(content=record(1, b"STATUS=honest"), alive=False)
                receiver.wait_for(b"STATUS=honest")
                self.stop(process, 0)
                self.assertLess(len(process.err.splitlines()), 10, process.err)

    def test_wait_starts_with_any_host_file(self):
        for what, content in (
            ("a huge size", host([(b"INVOCATION", b"one")], size=0xFFFFFFFF)),
            ("a long text", host(b"INVOCATION=" + b"x" * MEBIBYTE)),
            ("many lines", host(b"DROPPED_EMPTY=1\n" * 1000)),
            ("a count that overflows", host(b"DROPPED_EMPTY=99999999999999999999999\nPID=-5\n")),
            ("another version", host(version=9)),
            ("rubbish", os.urandom(MEBIBYTE)),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                self.put(content)
                receiver = self.receiver()
                process = self.start_wait("--keep", receiver=receiver, INVOCATION_ID="one")
                self.run_of_ours(content=record(1, b"STATUS=honest"), alive=False)
                receiver.wait_for(b"STATUS=honest")
                self.assert_small(process)
                self.stop(process, 0)


adversary.main()

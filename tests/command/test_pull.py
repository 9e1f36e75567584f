#!/usr/bin/python3
"""While a container manager pulls an image, the service manager is informed and waits."""

import os
import re
import signal
import time

import bridge

# A stand-in for podman. It has the image when the file "image" exists, and reads data until then.
# `run` starts the command after the image's name. The file "asked" contains the questions.
STAND_IN = """#!/bin/sh
cd "$STAND_IN" || exit 99
if [ "$1 $2" = "image exists" ]; then
    echo "$3 ${NOTIFY_SOCKET-unset}" >>asked
    [ -e image ]
    exit
fi
[ ! -e stalled ] || exec sleep infinity
until [ -e image ]; do
    head -c 100000 /dev/zero >/dev/null
    sleep 0.1
done
shift 3
exec "$@"
"""
# This command runs forever in a container without `wrap`, and reads data.
READING = ["sh", "-c", "while :; do head -c 100000 /dev/zero >/dev/null; sleep 0.1; done"]
TOLD = rb"STATUS=Starting podman: pulling redis \(\d+ s\)"
EXTENDED = TOLD + rb"\nEXTEND_TIMEOUT_USEC=30000000"


# --timeout=8 requests this time, which includes the time for a stop.
GIVEN = b"EXTEND_TIMEOUT_USEC=18000000"


class Pull(bridge.Case):
    def setUp(self):
        super().setUp()
        path = os.path.join(self.bin, "podman")
        with open(path, "w", encoding="utf-8") as file:
            file.write(STAND_IN)
        os.chmod(path, 0o755)
        self.manager = self.receiver()

    def begin(self, *options, app=None, **more):
        app = app or self.command(bridge.WRAP, *bridge.app("notify('READY=1'); stay()"))
        return self.start(
            bridge.WAIT,
            *options,
            *self.command("podman", "run", "--rm", "redis"),
            *app,
            NOTIFY_SOCKET=self.manager.path,
            STAND_IN=self.dir,
            **more,
        )

    def make(self, name):
        with open(self.path(name), "w", encoding="utf-8"):
            pass

    def wait_for_match(self, pattern, times=1):
        self.manager.wait_until(
            repr(pattern),
            lambda messages: sum(bool(re.fullmatch(pattern, each)) for each in messages) >= times,
        )

    def asked(self):
        return self.read("asked").splitlines()

    def is_narrowed(self, process):
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            return "Seccomp:\t2" in file.read()

    def has_sandbox(self):
        said = self.run_to_end(bridge.WAIT, "--verbose", "true")[2]
        return bool(re.search("gave up rights that are no longer needed: .*seccomp$", said, re.MULTILINE))

    def test_a_pull_extends_the_start(self):
        begin = time.monotonic()
        process = self.begin("--timeout=8")
        self.wait_for_match(TOLD)
        self.wait_for_match(EXTENDED, times=2)
        self.assertGreater(time.monotonic() - begin, 8)
        self.make("image")
        self.manager.wait_for(b"READY=1")
        # The status is removed before the app's first message.
        self.assertEqual(self.manager.messages[-2:], [b"STATUS=", b"READY=1"])
        self.assertLessEqual(set(self.asked()), {"redis unset"})
        if self.has_sandbox():
            bridge.eventually("it is narrowed", lambda: self.is_narrowed(process))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_a_hanging_pull_does_not_extend_the_start(self):
        self.make("stalled")
        process = self.begin("--timeout=8")
        self.assertEqual(process.wait(), 124, process.err)
        self.wait_for_match(TOLD, times=2)
        # Only the extension for --timeout was sent.
        self.assertEqual(self.extensions(), [GIVEN])

    def extensions(self):
        return [line for line in self.manager.lines() if line.startswith(b"EXTEND_TIMEOUT_USEC")]

    def test_a_hanging_container_does_not_extend_the_start(self):
        self.make("image")
        process = self.begin("--timeout=8", app=READING)
        bridge.eventually("it is looked once", self.asked)
        if self.has_sandbox():
            bridge.eventually("it is looked no more", lambda: self.is_narrowed(process))
        self.assertEqual(process.wait(), 124, process.err)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.manager.messages, [GIVEN])

    def test_a_quick_start_sends_no_extension(self):
        self.make("image")
        process = self.begin()
        self.manager.wait_for(b"READY=1")
        if self.has_sandbox():
            bridge.eventually("it is narrowed", lambda: self.is_narrowed(process))
        self.assertEqual(self.manager.messages, [b"READY=1"])

    def test_the_option_no_extend_sends_only_the_status(self):
        self.begin("--no-extend")
        self.wait_for_match(TOLD, times=2)
        self.assertNotIn(b"EXTEND_TIMEOUT_USEC", b"".join(self.manager.messages))

    def test_a_stop_during_a_pull_sends_no_extension(self):
        process = self.begin()
        self.wait_for_match(EXTENDED)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        # The status still shows how far the pull got.
        self.assertRegex(self.manager.messages[-1], EXTENDED)


bridge.main()

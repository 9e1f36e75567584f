#!/usr/bin/python3
"""`status`: what it shows of a shared directory, and what it answers by its exit status."""

import json
import os
import signal

import bridge

NOTHING = 4
NO = 3
YES = 0


class Status(bridge.Case):
    def answer(self, option):
        status, out, err = self.run_to_end("notifybridge", "status", option, self.shared)
        self.assertEqual((out, err), ("", ""))
        return status

    def start_wrap(self, code):
        process = self.start(bridge.WRAP, *bridge.app(code))
        bridge.eventually("the app is up", lambda: process.out)
        return process

    def test_no_directory_and_never_a_run(self):
        for directory in (self.path("missing"), self.shared):
            for option in ("--ready", "--alive"):
                with self.subTest(directory=directory, option=option):
                    result = self.run_to_end("notifybridge", "status", option, directory)
                    self.assertEqual(result, (NOTHING, "", ""))

    def test_alive_and_then_ready_and_then_ended(self):
        process = self.start_wrap(
            "signal.signal(signal.SIGUSR1, lambda *_: notify('READY=1')); up()\n"
            "stay()"
        )
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (YES, NO))
        process.signal(signal.SIGUSR1)
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        self.assertEqual(self.answer("--alive"), YES)
        process.signal(signal.SIGTERM)
        process.wait()
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (NO, NO))

    def test_a_wrap_that_was_killed_is_not_alive(self):
        process = self.start_wrap("notify('READY=1'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        process.signal(signal.SIGKILL)
        process.wait()
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (NO, NO))

    def test_the_directory_is_that_of_the_environment(self):
        process = self.start_wrap("notify('READY=1'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        self.assertEqual(self.run_to_end("notifybridge", "status", "--ready"), (YES, "", ""))
        self.assertTrue(process.is_running())

    def test_the_table_and_the_json_say_the_same(self):
        receiver = self.receiver()
        code = (
            "notify('READY=1\\nSTATUS=serves \\x1b[31m 3 clients'); notify('x' * 5000);"
            "notify('MAINPID=1'); barrier(); up(); stay()"
        )
        process = self.start_app(receiver, code)
        bridge.eventually("the app is up", lambda: process.out)
        status, out, err = self.run_to_end("notifybridge", "status", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("3 clients", out)
        self.assertNotIn("\x1b[31m", out, "what others wrote is escaped")
        self.assertIn(str(process.pid), out, "who is attached")
        status, out, err = self.run_to_end("notifybridge", "status", "--json", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("serves \x1b[31m 3 clients", list(json.loads(out).values()))

    def test_container_status_is_for_people_and_scripts(self):
        self.start_wrap(
            "notify('READY=1\\nSTATUS=serves 3 clients'); up(); stay()"
        )
        bridge.eventually(
            "both lines are there",
            lambda: {"READY=1", "STATUS=serves 3 clients"} <= set(self.container_status()),
        )
        for line in self.container_status():
            self.assertRegex(line, r"^[A-Z_]+=")
        mode = os.stat(os.path.join(self.shared, "container-status")).st_mode & 0o777
        self.assertEqual(mode & 0o444, 0o444, oct(mode))


bridge.main()

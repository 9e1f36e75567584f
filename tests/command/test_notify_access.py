#!/usr/bin/python3
"""Tests whose messages count: those of all processes below `wrap`, or only the command's."""

import os
import shlex
import signal
import unittest

import bridge
import probed

# A database server. When a signal stops it, it sends STOPPING=1 first, and then ends at once.
SERVER = """
import socket
name, port = {name!r}, {port}
def end(*_):
    notify("STOPPING=1\\nSTATUS=" + name + " stops")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
if port:
    listener = socket.create_server(("127.0.0.1", port))
notify("READY=1\\nSTATUS=" + name + " is up")
# A process that ends before `wrap` has read its message could be anybody.
barrier()
open({directory!r} + "/" + name, "w").write(str(os.getpid()))
stay()
"""

# An entry point like those of MariaDB's and PostgreSQL's images. At the first start, a temporary
# server prepares the data. It cannot be reached over a network. pg_ctl starts that server and ends
# itself. mariadbd is a child of the entry point.
ENTRY_POINT = """
set -e
cd {directory}
prepare() {{
    {start}
    until [ -s temporary ]; do sleep 0.01; done
    kill -TERM $(cat temporary)
    while kill -0 $(cat temporary) 2>/dev/null; do sleep 0.01; done
}}
prepare
echo prepared
until [ -e go ]; do sleep 0.01; done
exec {real}
"""
STARTS = {"mariadb": "{server} &", "postgres": "( {server} & )"}


class Case(probed.Case):
    def entry_point(self, image, port=0):
        """Returns the words that run the entry point of such an image. The real server waits for
        "go"."""
        temporary, real = (
            shlex.join(bridge.app(SERVER.format(name=name, port=at, directory=self.dir)))
            for name, at in (("temporary", 0), ("real", port))
        )
        start = STARTS[image].format(server=temporary)
        script = ENTRY_POINT.format(directory=shlex.quote(self.dir), start=start, real=real)
        return ["sh", "-c", script]

    def prepared(self, process):
        bridge.eventually("the data is prepared", lambda: "prepared" in process.out)
        # `wrap` reads this message after the last message of the temporary server.
        self.assertEqual(self.run_to_end(
            "notifybridge", "send", "X_SYNC=1",
            NOTIFY_SOCKET=self.socket_of(process), SHARED_DIR=None)[0], 0)

    def held_pipe(self):
        """Returns a standard input that ends when the test closes `self.pipe`."""
        reader, self.pipe = os.pipe()
        self.addCleanup(os.close, reader)
        return reader

    def socket_of(self, process):
        with open(f"/proc/{self.child_of(process)}/environ", encoding="utf-8") as file:
            variables = dict(entry.split("=", 1) for entry in file.read().split("\0") if entry)
        return variables["NOTIFY_SOCKET"]

    def child_of(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])


class FirstStart(Case):
    def test_notify_access_main_accepts_only_the_real_server(self):
        for image in STARTS:
            with self.subTest(image):
                self.setUp()
                process = self.straight("--notify-access=main", *self.entry_point(image))
                self.prepared(process)
                self.assertEqual(self.manager.lines(), [])
                self.write("go")
                self.manager.wait_for(b"READY=1\nSTATUS=real is up")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0, process.err)
                self.assertEqual(self.manager.messages, [
                    b"READY=1\nSTATUS=real is up", b"STOPPING=1\nSTATUS=real stops",
                ])
                self.assertRegex(
                    process.err,
                    "warning: ignoring READY=1 of a process that is not the command .*; remove "
                    "--notify-access=main, start the app with `exec` in its script",
                )

    def test_with_a_probe_only_the_real_server_counts(self):
        for image in STARTS:
            with self.subTest(image):
                self.setUp()
                port = probed.free_port()
                process = self.straight(
                    f"--ready-when=tcp:127.0.0.1:{port}", *self.entry_point(image, port)
                )
                self.prepared(process)
                self.assertFalse({b"READY=1", b"STOPPING=1"} & set(self.manager.lines()))
                self.write("go")
                self.manager.wait_for_lines(b"READY=1", b"STATUS=real is up")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0, process.err)
                self.assertEqual(self.manager.lines().count(b"STOPPING=1"), 1)
                self.assertNotIn("--notify-access", process.err)

    def test_by_default_an_ended_sender_gives_one_warning(self):
        for image in STARTS:
            with self.subTest(image):
                self.setUp()
                process = self.straight(*self.entry_point(image))
                self.prepared(process)
                warning = "sent READY=1 and has ended, but the command is still running"
                bridge.eventually("the warning", lambda: warning in process.err)
                self.write("go")
                self.manager.wait_for(b"READY=1\nSTATUS=real is up")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0, process.err)
                self.assertEqual([m for m in self.manager.messages if m != b"X_SYNC=1"], [
                    b"READY=1\nSTATUS=temporary is up", b"STATUS=temporary stops",
                    b"READY=1\nSTATUS=real is up", b"STOPPING=1\nSTATUS=real stops",
                ])
                self.assertEqual(process.err.count(warning), 1)
                self.assertRegex(process.err, "--notify-access=main.* --ready-when=")

    def test_notify_access_main_works_through_a_shared_directory(self):
        process = self.start(
            bridge.WAIT, *self.command(bridge.WRAP, "--notify-access=main"),
            *self.entry_point("mariadb"), NOTIFY_SOCKET=self.manager.path,
        )
        bridge.eventually("the data is prepared", lambda: "prepared" in process.out)
        self.write("go")
        self.manager.wait_for(b"READY=1\nSTATUS=real is up")
        self.assertEqual(len(self.manager.messages), 1)
        bridge.eventually(
            "the drop is counted", lambda: "DROPPED_OTHER_SENDER=2" in self.container_status()
        )


class Stopping(Case):
    def test_a_childs_stopping_message_passes_during_a_stop(self):
        # npm or a shell runs the app, and gets the signal instead of the app.
        server = SERVER.format(name="app", port=0, directory=self.dir)
        process = self.straight(
            "sh", "-c", "trap 'kill $!; wait; exit 3' TERM; \"$@\" & wait", "sh",
            *bridge.app(server),
        )
        self.manager.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 3, process.err)
        self.assertIn(b"STOPPING=1\nSTATUS=app stops", self.manager.messages)
        self.assertNotIn("--notify-access", process.err)

    def test_a_childs_stopping_message_waits_for_the_commands_end(self):
        app = bridge.app("notify('READY=1'); notify('STOPPING=1\\nX_LAST=1'); stay()")
        process = self.straight("sh", "-c", '"$@" & read line; kill $!', "sh", *app,
                                stdin=self.held_pipe())
        self.manager.wait_for_lines(b"X_LAST=1")
        self.assertNotIn(b"STOPPING=1", self.manager.lines())
        os.close(self.pipe)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(self.manager.lines(), [b"READY=1", b"X_LAST=1", b"STOPPING=1"])

    def test_a_script_may_notify_with_a_helper(self):
        for send in ("notifybridge send", "systemd-notify", "systemd-notify --no-block"):
            with self.subTest(send):
                self.setUp()
                process = self.straight("sh", "-c", f"{send} READY=1; {send} STOPPING=1; read line",
                                        stdin=self.held_pipe(), PATH=self.path_with_ours())
                self.manager.wait_for_lines(b"READY=1", b"STOPPING=1")
                os.close(self.pipe)
                self.assertEqual(process.wait(), 1, process.err)

    def path_with_ours(self):
        return self.bin + ":" + os.environ["PATH"]


# Scripts that send with a program. `wrap` accepts these messages like messages of the command. The
# program sends its own pid, or that of its parent if it may.
HELPERS = {
    "send": "{send} X_N=1",
    "send, not waiting": "{send} --no-block X_N=1",
    "a subshell": "( :; {send} X_N=1; : )",
    "in the background": "{send} X_N=1 & wait",
    "a script below": "sh -c '{send} X_N=1; :'",
}


class Helpers(Case):
    def check_that_all_count(self, *before):
        for name, helper in HELPERS.items():
            for send in ("notifybridge send", "systemd-notify"):
                with self.subTest(name, send=send):
                    self.setUp()
                    os.chmod(self.dir, 0o755)
                    process = self.straight(
                        "--notify-access=main", "--socket-mode=0666", *before,
                        "sh", "-c", helper.format(send=send) + "; exit 7",
                        PATH=f"{self.bin}:{os.environ['PATH']}",
                    )
                    self.assertEqual(process.wait(), 7, process.err)
                    self.assertEqual(self.manager.messages, [b"X_N=1"], process.err)

    def test_helpers_of_root_count_as_the_command(self):
        self.check_that_all_count()

    @unittest.skipIf(os.geteuid() != 0, "root alone becomes another user")
    def test_helpers_of_another_user_count_as_the_command(self):
        self.check_that_all_count("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

    def test_a_child_that_is_not_a_helper_does_not_count(self):
        app = bridge.app("notify('X_N=1'); barrier(); print('sent', flush=True); stay()")
        process = self.straight("--notify-access=main", "sh", "-c", '"$@" & wait', "sh", *app)
        bridge.eventually("it was taken", lambda: "sent" in process.out)
        self.assertEqual(self.manager.messages, [])

    def stopped(self, *command):
        """Stops `wrap` while the command, a shell, continues from "read line" to "echo done"."""
        process = self.straight("--notify-access=main", *command, stdin=self.held_pipe())
        bridge.eventually("it is up", lambda: "up" in process.out)
        process.signal(signal.SIGSTOP)
        os.close(self.pipe)
        bridge.eventually("it is done", lambda: "done" in process.out)
        process.signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.err)

    def test_an_unknown_sender_that_ended_counts(self):
        sender = bridge.app("notify('X_N=1')")
        self.stopped("sh", "-c", 'echo up; read line; "$@"; echo done', "sh", *sender)
        self.assertEqual(self.manager.messages, [b"X_N=1"])

    def test_a_known_server_that_ended_does_not_count(self):
        server = bridge.app(
            "notify('READY=1'); barrier(); up(); sys.stdin.readline(); notify('STOPPING=1')"
        )
        self.stopped("sh", "-c", '"$@"; echo done', "sh", *server)
        self.assertEqual(self.manager.messages, [])

    def test_a_hook_may_notify(self):
        process = self.straight(
            "--notify-access=main", "--ready-when=start", "--on-ready=systemd-notify X_N=1",
            *bridge.IDLE, PATH=f"{self.bin}:{os.environ['PATH']}",
        )
        self.manager.wait_for_lines(b"X_N=1")
        self.assertTrue(process.is_running())


class Options(Case):
    def test_an_unknown_value_is_refused(self):
        self.assert_refused(
            self.run_to_end(bridge.WRAP, "--notify-access=none", "true"),
            '--notify-access="none"', "all or main",
        )


if __name__ == "__main__":
    bridge.main()

#!/usr/bin/python3
"""On a terminal, Ctrl-C reaches the command exactly once, and the command's output is on the
terminal."""

import fcntl
import os
import pty
import shutil
import signal
import struct
import termios
import time
import unittest

import bridge

# A signal may interrupt print(), so the handler must not call it.
COUNT = """
count = 0
def got(*_):
    global count
    count += 1
    os.write(1, b'INT %d\\n' % count)
signal.signal(signal.SIGINT, got)
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b'TERM after %d\\n' % count), os._exit(0)))
print('foreground' if os.tcgetpgrp(0) == os.getpgrp() else 'background', flush=True)
stay()
"""


class Terminal(bridge.Case):
    def on_terminal(self, command):
        """Runs the command as the leader of a session on a terminal. Returns its pid and the
        terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            try:
                os.execvpe(command[0], command, self.environment(TERM="xterm"))
            finally:
                os._exit(99)
        self.addCleanup(os.close, terminal)
        self.addCleanup(bridge.end_session, pid)
        self.shown = b""
        return pid, terminal

    def wait_for(self, terminal, text):
        deadline = time.monotonic() + bridge.PATIENCE
        os.set_blocking(terminal, False)
        while text not in self.shown:
            self.assertLess(time.monotonic(), deadline, f"{text} does not come: {self.shown}")
            try:
                self.shown += os.read(terminal, 4096)
            except BlockingIOError:
                time.sleep(0.005)
            except OSError:
                # Reading fails when the last process has closed the terminal. This is the end.
                self.assertIn(text, self.shown)

    def test_an_interrupt_reaches_the_command_once(self):
        for words in (
            [bridge.WRAP],
            [bridge.WRAP, "--ready-when=log:foreground"],
            [bridge.WAIT, *self.command(bridge.WRAP)],
        ):
            command = self.command(*words, *bridge.app(COUNT))
            for shell in ([], ["sh", "-c", '"$@"; exit $?', "sh"]):
                with self.subTest(words=words, shell=shell):
                    self.renew_shared_directory()
                    pid, terminal = self.on_terminal([*shell, *command])
                    self.wait_for(terminal, b"foreground")
                    for number in (1, 2, 3):
                        os.write(terminal, b"\x03")
                        self.wait_for(terminal, f"INT {number}".encode())
                    # Ctrl-\ sends SIGQUIT, which ends the app. No signal may be sent twice.
                    os.write(terminal, b"\x1c")
                    _, status = os.waitpid(pid, 0)
                    self.assertNotEqual(os.waitstatus_to_exitcode(status), 0)
                    self.assertNotIn(b"INT 4", self.shown)

    def test_watched_output_is_still_on_a_terminal(self):
        code = """
def show(*_):
    size = os.get_terminal_size(1)
    shown = (*map(os.isatty, range(3)), size.columns, size.lines, 'end')
    os.write(1, ' '.join(map(str, shown)).encode() + b'\\n')
signal.signal(signal.SIGWINCH, show)
show()
stay()
"""
        command = self.command(bridge.WRAP, "--ready-when=log:True", *bridge.app(code))
        for shell in ([], ["sh", "-c", '"$@"; exit $?', "sh"]):
            with self.subTest(shell=shell):
                self.renew_shared_directory()
                pid, terminal = self.on_terminal(
                    ["sh", "-c", 'stty cols 90 rows 30 tostop; exec "$@"', "sh", *shell, *command]
                )
                self.wait_for(terminal, b"True True True 90 30 end\r\n")
                bridge.eventually(
                    "it is ready", lambda: "STATE=ready" in self.container_status()
                )
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 25, 80, 0, 0))
                self.wait_for(terminal, b"True True True 80 25 end\r\n")
                os.write(terminal, b"\x03")
                os.waitpid(pid, 0)

    def wait_until_ready(self, wrapped, code, *options):
        """Starts the command on a terminal, with WRAPPED in front, and waits until it is ready."""
        command = self.command(
            bridge.WAIT, "--until=ready", *options, *self.command(bridge.WRAP, *bridge.app(code))
        )
        return self.on_terminal([*wrapped, *command])

    def test_a_pending_condition_is_shown_until_it_holds(self):
        code = f"""
while not os.path.exists({self.path("go")!r}):
    time.sleep(0.01)
print("the app says this", flush=True)
notify("READY=1")
stay()
"""
        # The text has no colour, and the cursor is restored.
        shown = b"\x1b7\x1b[?7lwaiting for READY=1 (2 s)\x1b[K\x1b[?7h\x1b8"
        for level, end in (
            ("error", rb"the app says this\r\n\x1b\[K"),
            ("notice", rb"the app says this\r\n\x1b\[K\[PROXY [0-9:]+\] would send READY=1\r\n"),
        ):
            with self.subTest(level=level):
                self.renew_shared_directory()
                pid, terminal = self.wait_until_ready(
                    ["env", "NO_COLOR=1"], code, f"--log-level={level}"
                )
                self.wait_for(terminal, b"waiting for READY=1 (1 s)")
                self.wait_for(terminal, shown)
                os.mkdir(self.path("go"))
                _, status = os.waitpid(pid, 0)
                self.assertEqual(os.waitstatus_to_exitcode(status), 0)
                os.rmdir(self.path("go"))
                self.wait_for(terminal, b"the app says this\r\n\x1b[K")
                rest = self.shown.split(shown)[1]
                self.assertRegex(rest, rb"^(\x1b7[^\r]*\x1b8)*" + end)

    def test_progress_is_shown_only_on_a_capable_terminal(self):
        code = "time.sleep(1.5); print('it is ready', flush=True); notify('READY=1'); stay()"
        log = self.path("log")
        for wrapped in (["env", "TERM=dumb"], ["sh", "-c", f'exec "$@" 2>{log}', "sh"]):
            with self.subTest(wrapped=wrapped):
                self.renew_shared_directory()
                pid, terminal = self.wait_until_ready(wrapped, code)
                self.wait_for(terminal, b"it is ready")
                _, status = os.waitpid(pid, 0)
                self.assertEqual(os.waitstatus_to_exitcode(status), 0)
                self.assertNotIn(b"waiting for", self.shown)
        self.assertIn("would send READY=1", self.read("log"))
        self.assertNotIn("waiting for", self.read("log"))

    @unittest.skipUnless(
        os.geteuid() == 0 and shutil.which("unshare"), "needs root and unshare(1)"
    )
    def test_a_pipe_replaces_a_missing_terminal(self):
        show = "test -t 1 || echo no terminal; exec sleep infinity"
        pid, terminal = self.on_terminal(
            ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /dev/ptmx && exec "$@"', "sh"]
            + self.command(bridge.WRAP, "--ready-when=log:no terminal", "sh", "-c", show)
        )
        self.wait_for(terminal, b"a pipe, not a terminal")
        self.wait_for(terminal, b"no terminal\r\n")
        self.assertEqual(self.shown.count(b"warning"), 1)
        bridge.eventually("it is ready", lambda: "STATE=ready" in self.container_status())
        os.write(terminal, b"\x03")
        os.waitpid(pid, 0)


bridge.main()

#!/usr/bin/python3
"""Tests what init does with messages to the system log: notifybridge-init(1), Output."""

import contextlib
import os
import re
import socket
import sys

import bridge
import managed

# A service that sends datagrams to a socket, and runs until a signal ends it.
SENDER = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={python} {script} {socket}
"""


class InitSyslog(managed.Case):
    def setUp(self):
        super().setUp()
        self.sockets = os.path.join(self.root, "run", "systemd", "journal")

    def socket_path(self, name):
        return os.path.join(self.sockets, name)

    def write_sender(self, unit, name, code):
        script = self.path(unit + ".py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(
                "import os, socket, struct, sys\n"
                "log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                "log.connect(sys.argv[1])\n" + code
            )
        text = SENDER.format(python=sys.executable, script=script, socket=self.socket_path(name))
        self.write_unit(unit, text)

    def boot(self, *units):
        self.write_unit("default.target", "[Unit]\nWants=" + " ".join(units) + "\n")
        process = self.start_init()
        self.wait_until_up(process)
        return process

    def send(self, name, *datagrams):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.connect(self.socket_path(name))
            for datagram in datagrams:
                log.send(datagram)

    def await_line(self, process, pattern):
        bridge.eventually(
            lambda: f"{pattern} in {process.out[-2000:]!r}",
            lambda: re.search(pattern, process.out, re.MULTILINE),
        )

    def test_messages_of_syslog_are_lines_of_the_unit(self):
        self.write_sender(
            "app.service",
            "dev-log",
            "log.send(b'<11>Nov 25 14:18:21 app[12]: it failed')\n"
            "log.send(b'<14>Nov 25 14:18:21 two\\nlines')\n",
        )
        process = self.boot("app.service")
        # The lines come before the end of the process that has sent them.
        for line in ("app: it failed", "two", "lines"):
            self.assertRegex(process.out, rf"(?m)^app.service\[\d+\]: {line}$")
        self.assertLess(process.out.index("lines"), process.out.index("Finished app.service"))
        _, out, _ = self.ctl("status", "app.service")
        self.assertRegex(out, r"app.service\[\d+\]: app: it failed\n")

    def test_messages_of_sd_journal_are_lines_of_the_unit(self):
        self.write_sender(
            "app.service",
            "socket",
            "log.send(b'MESSAGE=hello\\nPRIORITY=3\\nSYSLOG_IDENTIFIER=app\\n')\n"
            "log.send(b'MESSAGE\\n' + struct.pack('<Q', 3) + b'a\\nb\\n')\n"
            # A message that is too long for a datagram is in a sealed file.
            "import fcntl\n"
            "file = os.memfd_create('x', os.MFD_ALLOW_SEALING)\n"
            "os.write(file, b'MESSAGE=in a file\\nOTHER=' + b'x' * 300000 + b'\\n')\n"
            "fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)\n"
            "socket.send_fds(log, [b''], [file])\n",
        )
        process = self.boot("app.service")
        for line in ("app: hello", "a", "b", "in a file"):
            self.assertRegex(process.out, rf"(?m)^app.service\[\d+\]: {line}$")

    def test_other_senders_are_logged_under_their_own_name(self):
        process = self.boot()
        self.send("dev-log", b"<13>Nov 25 14:18:21 logger: hello", b"no name")
        self.await_line(process, rf"^logger\[{os.getpid()}\]: hello$")
        self.await_line(process, rf"^syslog\[{os.getpid()}\]: no name$")

    def test_invalid_data_and_long_lines_are_harmless(self):
        process = self.boot()
        rubbish = [b"", b"\0", b"<" * 100, bytes(range(256)), b"MESSAGE", b"MESSAGE\n" + b"\xff" * 9]
        for name in ("dev-log", "socket"):
            self.send(name, *rubbish, b"\n" * 1000)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.connect(self.socket_path("socket"))
            # A pipe to which no process writes, and an unsealed file.
            reading, writing = os.pipe()
            file = os.memfd_create("x")
            for descriptors in ([reading], [file], [file, file]):
                socket.send_fds(log, [b""], descriptors)
            for descriptor in (reading, writing, file):
                os.close(descriptor)
        self.send("dev-log", b"long: " + b"x" * 65536, b"done: now")
        self.await_line(process, r"^done\[\d+\]: now$")
        lines = re.findall(r"^long\[\d+\]: (x+)$", process.out, re.MULTILINE)
        self.assertEqual(sum(len(line) for line in lines), 65536)
        self.assertTrue(process.is_running())

    def test_logs_prints_the_lines_of_a_unit(self):
        self.write_sender(
            "app.service",
            "dev-log",
            "print('printed', flush=True)\n"
            "log.send(b'<11>app: failed')\nlog.send(b'<15>app: debugged')\n",
        )
        self.boot("app.service")
        _, out, _ = self.ctl("logs", "app")
        for line in ("printed", "app: failed", "app: debugged"):
            self.assertRegex(out, rf"(?m) app.service\[\d+\]: {line}$")
        _, out, _ = self.ctl("logs", "app", "-p", "err")
        self.assertRegex(out, r"\A[^\n]* app.service\[\d+\]: app: failed\n\Z")
        self.assertEqual(self.ctl("logs", "app", "--priority=3")[1], out)
        # The last line is from `init`.
        _, out, _ = self.ctl("logs", "app", "-n", "1")
        self.assertEqual(len(out.splitlines()), 1)
        self.assertEqual(self.ctl("logs", "other")[1], "-- No entries --\n")
        # `init` does not keep a unit loaded that has ended with success.
        self.write_unit("done.service", "[Service]\nType=oneshot\nExecStart=/bin/echo is done\n")
        self.assertEqual(self.ctl("start", "done")[0], 0)
        for _ in range(2):
            self.assertRegex(self.ctl("logs", "done")[1], r" done.service\[\d+\]: is done\n")
        status, _, err = self.ctl("logs", "app", "-p", "bad")
        self.assertEqual(status, 1)
        self.assertIn("Unknown priority 'bad'; give one of emerg", err)

    def test_logs_follows_new_lines(self):
        trigger = self.path("trigger")
        os.mkfifo(trigger)
        self.write_unit(
            "app.service",
            "[Service]\nExecStart=/bin/sh -c 'echo early; while read line; do echo $line; done"
            f" <{trigger}; exec sleep infinity'\n",
        )
        # If the pipe had no writer between two lines, the second one could be lost.
        written = os.open(trigger, os.O_RDWR)
        self.addCleanup(os.close, written)
        self.boot("app.service")
        command = ["notifybridge", "ctl", f"--root={self.root}", "logs", "-f", "app"]
        clients = [self.start(*command), self.start(*command, "-p", "err")]
        bridge.eventually("the last lines", lambda: "early" in clients[0].out)
        for line in ("one", "<3>two"):
            os.write(written, line.encode() + b"\n")
            bridge.eventually(line, lambda text=line[-3:]: f"]: {text}\n" in clients[0].out)
        bridge.eventually("what is severe", lambda: "]: two\n" in clients[1].out)
        self.assertNotIn("one", clients[1].out)
        for client in clients:
            self.assertTrue(client.is_running(), client.err)
            client.end()
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")

    def test_a_flood_of_messages_is_limited(self):
        process = self.boot()
        self.send("dev-log", *[b"flood: %d" % number for number in range(10500)])
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")
        self.await_line(process, r"^flood\[\d+\]: 9999$")
        self.assertNotIn("]: 10000\n", process.out)

    def test_each_entry_and_each_line_counts_towards_the_limit(self):
        for name, piece in (("socket", b"MESSAGE=x\n\n"), ("dev-log", b"x\n")):
            with self.subTest(name):
                self.write_sender("app.service", name, f"log.send({piece!r} * 10_500)\n")
                process = self.boot("app.service")
                # The lines come before the end of the process that has sent them.
                self.assertEqual(self.ctl("is-system-running")[1], "running\n")
                self.assertEqual(process.out.count("]: x\n"), 10_000)
                self.end_init(process)

    def test_a_socket_with_a_listener_is_not_replaced(self):
        os.makedirs(self.sockets)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(self.socket_path("dev-log"))
            other.settimeout(bridge.PATIENCE)
            process = self.boot()
            self.send("dev-log", b"<13>to another")
            self.assertEqual(other.recv(100), b"<13>to another")
            # A message to the other socket of init shows that init has not received the first
            # message.
            self.send("socket", b"MESSAGE=to init")
            self.await_line(process, "to init")
            self.assertNotIn("to another", process.out)

    def test_a_leftover_socket_is_replaced(self):
        os.makedirs(self.sockets)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(self.socket_path("dev-log"))
        process = self.boot()
        self.send("dev-log", b"<13>hello")
        self.await_line(process, "hello")

    def test_a_syslog_daemon_gets_the_messages(self):
        script = self.path("daemon.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(
                "import socket\nlog = socket.socket(fileno=3)\n"
                "while True:\n    print('got', log.recv(1000), flush=True)\n"
            )
        self.write_unit(
            "syslog.service",
            "[Unit]\nRequires=syslog.socket\n[Service]\nStandardInput=null\n"
            f"ExecStart={sys.executable} {script}\nSockets=syslog.socket\n",
        )
        process = self.boot()
        self.send("dev-log", b"<13>before")
        self.assertEqual(self.ctl("start", "syslog")[0], 0)
        self.send("dev-log", b"<13>Nov 25 14:18:21 logger: hello")
        self.send("socket", b"MESSAGE=it failed\nPRIORITY=3\nSYSLOG_IDENTIFIER=app\n")
        self.await_line(process, r"got b'<13>Nov 25 14:18:21 logger: hello'$")
        self.await_line(process, rf"got b'<11>app\[{os.getpid()}\]: it failed'$")
        self.assertNotIn("got b'<13>before'", process.out)

    def start_daemon(self):
        """Writes syslog.service. Returns a function that returns all that it has received."""
        script, file = self.path("daemon.py"), self.path("syslog")
        with open(script, "w", encoding="utf-8") as code:
            code.write(
                f"import socket\nlog = socket.socket(fileno=3)\nfile = open('{file}', 'ab', 0)\n"
                "while True:\n    file.write(log.recv(100000) + b'\\n')\n"
            )
        self.write_unit(
            "syslog.service",
            "[Unit]\nRequires=syslog.socket\n[Service]\nStandardInput=null\n"
            f"ExecStart={sys.executable} {script}\nSockets=syslog.socket\n",
        )

        def received():
            if not os.path.exists(file):
                return ""
            with open(file, encoding="utf-8") as lines:
                return lines.read()

        return received

    def test_the_syslog_daemon_gets_the_output_of_units_and_the_lines_of_init(self):
        received = self.start_daemon()
        self.write_unit(
            "plain.service",
            "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo one; echo \"<3>two\"'\n",
        )
        self.write_unit(
            "named.service",
            "[Service]\nType=oneshot\nSyslogIdentifier=me\nSyslogFacility=local0\n"
            "SyslogLevel=notice\nExecStart=/bin/echo three\n",
        )
        self.write_unit("bad.service", "[Service]\nExecStart=/bin/false\n")
        self.boot("syslog.service")
        for unit in ("plain", "named", "bad"):
            self.ctl("start", unit)
        for pattern in (
            r"<30>sh\[\d+\]: one$",
            r"<27>sh\[\d+\]: two$",
            r"<133>me\[\d+\]: three$",
            r"<30>systemd\[\d+\]: Finished plain.service.$",
            r"<29>systemd\[\d+\]: bad.service: Main process ended: exited, status 1.$",
            r"<28>systemd\[\d+\]: bad.service: Failed with result 'exit-code'.$",
        ):
            bridge.eventually(
                lambda: f"{pattern} in {received()}",
                lambda wanted=pattern: re.search(wanted, received(), re.MULTILINE),
            )

    def test_a_burst_waits_for_a_slow_syslog_daemon(self):
        """The queue of a datagram socket may have room for ten messages only."""
        received = self.start_daemon()
        self.write_unit(
            "burst.service",
            "[Service]\nType=oneshot\nRemainAfterExit=yes\nStandardOutput=journal\n"
            "ExecStart=/bin/sh -c 'seq --format=line-%%.0f 3000'\n",
        )
        process = self.boot("syslog.socket", "burst.service")
        self.assertEqual(self.ctl("start", "syslog")[0], 0)
        bridge.eventually("the last line", lambda: "line-3000\n" in received())
        lines = re.findall(r"line-(\d+)$", received(), re.MULTILINE)
        self.assertEqual([int(line) for line in lines], list(range(1, 3001)))
        self.assertNotIn("dropped", process.err)

    def test_a_restarted_syslog_daemon_gets_messages(self):
        """Without a socket unit, each daemon makes a socket of its own."""
        process = self.boot()
        path = self.socket_path("syslog")
        for number in range(2):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
                daemon.bind(path)
                daemon.settimeout(bridge.PATIENCE)
                self.send("dev-log", b"<13>number %d" % number)
                self.assertEqual(daemon.recv(100), b"<13>number %d" % number)
            os.unlink(path)
            self.send("dev-log", b"<13>nobody: %d" % number)
            self.await_line(process, rf"^nobody\[\d+\]: {number}$")

    def test_failures_of_pam_limits_that_the_mark_causes_are_left_out(self):
        received = self.start_daemon()
        process = self.boot("syslog.service")
        for limit in ("locks", "rss", "nofile"):
            self.send(
                "dev-log",
                b"<83>Nov 25 14:18:21 CRON[7]: pam_limits(cron:session): Could not set limit for "
                b"'%s' to soft=-1, hard=-1: Operation not permitted; uid=0,euid=0" % limit.encode(),
            )
        self.await_line(process, r"^CRON\[\d+\]: pam_limits.* 'nofile' ")
        bridge.eventually("the daemon has it", lambda: "'nofile'" in received())
        self.write_unit(
            "limits.service",
            "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/cat /proc/self/limits\n",
        )
        self.assertEqual(self.ctl("start", "limits")[0], 0)
        # If units have control groups, they have no marks.
        has_marks = re.search(r"Max file locks +\d{15,} ", process.out) is not None
        for text in (process.out, received()):
            self.assertEqual("'locks'" in text or "'rss'" in text, not has_marks)

    def open_stream(self, identifier=b"", priority=b"6", prefix=b"1"):
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(stream.close)
        stream.connect(self.socket_path("stdout"))
        stream.sendall(b"%s\n\n%s\n%s\n0\n0\n0\n" % (identifier, priority, prefix))
        return stream

    def test_streams_of_systemd_cat_are_lines_of_the_unit(self):
        script = self.path("cat.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(
                "import socket, sys\n"
                "stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)\n"
                "stream.connect(sys.argv[1])\n"
                "stream.sendall(b'app\\n\\n6\\n1\\n0\\n0\\n0\\none\\n<3>two\\nend')\n"
            )
        text = SENDER.format(python=sys.executable, script=script, socket=self.socket_path("stdout"))
        self.write_unit("app.service", text)
        received = self.start_daemon()
        process = self.boot("syslog.service", "app.service")
        for line in ("one", "two", "end"):
            self.await_line(process, rf"^app.service\[\d+\]: app: {line}$")
        _, out, _ = self.ctl("logs", "app", "-p", "err")
        self.assertRegex(out, r"\A[^\n]* app.service\[\d+\]: app: two\n\Z")
        stream = self.open_stream(b"me", b"36")
        stream.sendall(b"hello\n")
        self.await_line(process, rf"^me\[{os.getpid()}\]: hello$")
        bridge.eventually("the daemon has it", lambda: f"<36>me[{os.getpid()}]: hello\n" in received())

    def test_a_user_cannot_open_all_streams(self):
        process = self.boot()
        streams = [self.open_stream(b"s%d" % number) for number in range(64)]
        refused = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(refused.close)
        refused.connect(self.socket_path("stdout"))
        refused.settimeout(bridge.PATIENCE)
        self.assertEqual(refused.recv(1), b"")
        streams[63].sendall(b"still here\n")
        self.await_line(process, r"^s63\[\d+\]: still here$")
        for stream in streams:
            stream.close()

        def is_accepted():
            with self.open_stream(b"next") as stream:
                try:
                    stream.sendall(b"accepted\n")
                except OSError:
                    pass
            return re.search(r"(?m)^next\[\d+\]: accepted$", process.out)

        bridge.eventually("a stream is accepted", is_accepted)

    def test_a_flood_of_streams_is_limited(self):
        process = self.boot()
        streams = [self.open_stream(b"flood") for number in range(60)]
        for stream in streams:
            stream.setblocking(False)
        for _ in range(50):
            for stream in streams:
                with contextlib.suppress(BlockingIOError):
                    stream.send(b"x\n" * 50000)
            self.assertEqual(self.ctl("is-system-running")[1], "running\n")
        bridge.eventually("the limit", lambda: process.out.count("]: x\n") == 10000)
        self.assertTrue(process.is_running())

    def test_a_hanging_syslog_daemon_does_not_delay_messages(self):
        self.write_unit("syslog.service", managed.IDLE)
        process = self.boot("syslog.socket")
        # More than the daemon's socket holds, and less than `init` keeps for a slow reader of its
        # output.
        self.send("dev-log", *[b"flood: " + b"x" * 10000] * 60, b"done: now")
        self.await_line(process, r"^done\[\d+\]: now$")
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")

    def write_journald(self):
        """Writes units like those of systemd's package."""
        self.write_unit(
            "systemd-journald-dev-log.socket",
            "[Unit]\nDefaultDependencies=no\n[Socket]\nService=systemd-journald.service\n"
            f"ListenDatagram={self.socket_path('dev-log')}\n",
        )
        self.write_unit(
            "systemd-journald.socket",
            f"[Unit]\nDefaultDependencies=no\n[Socket]\nListenDatagram={self.socket_path('socket')}\n",
        )
        self.write_unit(
            "systemd-journald.service",
            "[Unit]\nRequires=systemd-journald.socket\n" + managed.IDLE,
        )

    def test_journald_of_the_image_is_skipped(self):
        self.write_journald()
        self.write_sender("app.service", "dev-log", "print('printed')\nlog.send(b'<11>app: failed')\n")
        process = self.boot(
            "systemd-journald-dev-log.socket", "systemd-journald.service", "app.service"
        )
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")
        self.assertEqual(process.err.count("use 'systemctl logs UNIT'"), 1)
        _, out, _ = self.ctl("logs", "app")
        for line in ("printed", "app: failed"):
            self.assertRegex(out, rf"(?m) app.service\[\d+\]: {line}$")
        for unit in ("systemd-journald.service", "systemd-journald.socket"):
            self.assertEqual(self.ctl("start", unit)[0], 0)
            self.assertEqual(self.ctl("is-active", unit)[1], "inactive\n")
            self.assertIn("systemctl logs UNIT", self.ctl("cat", unit)[1])
        self.send("socket", b"MESSAGE=later")
        self.await_line(process, "later")

    def test_journald_of_the_image_can_be_enabled(self):
        self.write_journald()
        for unit in (
            "systemd-journald.service",
            "systemd-journald.socket",
            "systemd-journald-dev-log.socket",
        ):
            os.mkdir(os.path.join(self.units, unit + ".d"))
            self.write_unit(unit + ".d/journald.conf", "[Unit]\nConditionPathExists=\n")
        process = self.boot("systemd-journald-dev-log.socket")
        self.assertTrue(os.path.exists(self.socket_path("dev-log")))
        self.assertFalse(os.path.exists(self.socket_path("socket")))
        self.assertNotIn("journald.service,", process.err)
        self.assertEqual(self.ctl("start", "systemd-journald")[0], 0)
        self.assertEqual(self.ctl("is-active", "systemd-journald.socket")[1], "active\n")


bridge.main()

#!/usr/bin/python3
"""Tests programs that do not notify: what `wrap` finds out, and what it sends for them."""

import os
import shutil
import signal
import socket
import threading
import time
import unittest

import adversary
import bridge
import probed

# The answers of unusual servers to each connection. At worst, a client may time out.
STRANGE_SERVERS = {
    "never answers": lambda peer, stop: stop.wait(),
    "drips": lambda peer, stop: drip(peer, stop, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10**6),
    "has a header without an end": lambda peer, stop: repeat(peer, stop, b"X: y\r\n"),
    "speaks something else": lambda peer, stop: peer.sendall(b"SSH-2.0-x\r\n"),
    "redirects to itself": lambda peer, stop: peer.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"
    ),
    "has a body of 10 GB": lambda peer, stop: repeat(
        peer, stop, b"x" * 65536, b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    ),
}


def drip(peer, stop, text):
    for byte in text:
        peer.sendall(bytes([byte]))
        if stop.wait(1):
            return


def repeat(peer, stop, part, first=b"HTTP/1.1 200 OK\r\n"):
    peer.sendall(first)
    while not stop.is_set():
        peer.sendall(part)


class StrangeServer:
    """A server on the loopback interface, which calls SERVE for each connection."""

    def __init__(self, serve):
        self._serve = serve
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._handle, args=(peer,), daemon=True).start()

    def _handle(self, peer):
        with peer:
            try:
                self._serve(peer, self._stop)
            except OSError:
                pass

    def close(self):
        self._stop.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


class Readiness(probed.Case):
    def its_messages(self):
        """Returns the messages, except those about an app that starts slowly and those that request
        time."""
        ours = (b"STATUS=waiting for ", b"EXTEND_TIMEOUT_USEC=")
        return [
            each
            for each in self.manager.messages
            if not each.startswith(ours) and each != b"STATUS="
        ]

    def check_ready(self, probe, script, make_ready=None, **more):
        """Checks that READY=1 arrives once, and not before MAKE_READY."""
        process = self.straight("--ready-when", probe, "--ready-status=it is up", *script, **more)
        if make_ready:
            self.wait_for_status("waiting for ")
            self.assert_never_ready()
            make_ready()
        self.manager.wait_for(b"READY=1\nSTATUS=it is up")
        self.assertEqual(self.manager.lines().count(b"READY=1"), 1)
        return process

    def test_an_http_probe_makes_the_app_ready(self):
        port = probed.free_port()
        self.check_ready(
            f"http://127.0.0.1:{port}/", self.server(port), lambda: self.write("go")
        )

    def test_an_http_probe_works_over_a_unix_socket(self):
        code = """
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'HTTP/1.1 ' + (b'200' if b'/health' in self.rfile.readline() else b'404'))
        self.wfile.write(b' x\\r\\n\\r\\n')
socketserver.UnixStreamServer(PATH, Handler).serve_forever()
"""
        for path in (self.path("socket"), "relative"):
            with self.subTest(path):
                self.manager.messages.clear()
                script = bridge.app(f"PATH = {path!r}{code}")
                self.check_ready(f"http+unix://{path}:/health", script, options={"cwd": self.dir})

    def test_a_tcp_probe_works_on_localhost(self):
        port = probed.free_port()
        self.check_ready(f"tcp:localhost:{port}", self.server(port), lambda: self.write("go"))

    def test_a_unix_probe_works(self):
        for kind in ("STREAM", "SEQPACKET", "DGRAM"):
            with self.subTest(kind):
                self.manager.messages.clear()
                path = self.path(kind)
                code = (
                    f"import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_{kind})\n"
                    f"s.bind({path!r})\n"
                    f"if {kind!r} != 'DGRAM': s.listen()\n"
                    "stay()"
                )
                self.check_ready(f"unix:{path}", bridge.app(code))

    def test_a_file_probe_makes_the_app_ready(self):
        self.check_ready(
            f"file:{self.path('a', 'b')}",
            bridge.IDLE,
            lambda: (os.mkdir(self.path("a")), self.write("a/b")),
        )

    def test_an_exec_probe_makes_the_app_ready(self):
        self.check_ready(
            f"exec:test -e {self.path('go')}", bridge.IDLE, lambda: self.write("go")
        )

    @unittest.skipIf(os.geteuid() != 0, "needs root to take /dev/null away")
    def test_an_exec_probe_does_not_share_the_apps_streams(self):
        os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
        words = ["--ready-when=exec:cat; echo the probe", *bridge.app("up(); stay()")]
        process = self.start(
            "unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /dev; exec "$@"', "sh",
            *self.command(bridge.WRAP, *words),
            NOTIFY_SOCKET=self.manager.path, SHARED_DIR=None,
        )
        self.manager.wait_for_lines(b"READY=1")
        bridge.eventually("the app is up", lambda: process.out)
        self.assertNotIn("the probe", process.out)

    def test_an_fd_probe_makes_the_app_ready(self):
        go = self.path("go")
        script = f"until [ -e {go} ]; do sleep 0.01; done; echo >&5; exec sleep infinity"
        self.check_ready("fd:5", ["sh", "-c", script], lambda: self.write("go"))

    def test_a_closed_descriptor_is_not_a_newline(self):
        process = self.straight("--ready-when=fd:5", "sh", "-c", "exec 5>&-; sleep 0.1; exit 5")
        self.assertEqual(process.wait(), 5, process.err)
        self.assertNotIn(b"READY=1", self.manager.lines())
        self.assertIn("ended before it was ready", process.err)

    def test_an_exit_probe_makes_the_app_ready(self):
        process = self.check_ready(
            "exit",
            ["sh", "-c", f"until [ -e {self.path('go')} ]; do sleep 0.01; done"],
            lambda: self.write("go"),
        )
        self.assertEqual(process.wait(), 0)

    def test_a_start_probe_makes_the_app_ready(self):
        self.check_ready("start", bridge.IDLE)

    def test_a_systemd_probe_waits_for_a_unit_inside(self):
        code = (
            "notify('READY=1'); notify('X_SYSTEMD_UNIT_ACTIVE=basic.target'); barrier(); up()\n"
            f"while not os.path.exists({self.path('go')!r}): time.sleep(0.01)\n"
            "notify('X_SYSTEMD_UNIT_ACTIVE=multi-user.target'); stay()"
        )
        self.check_ready(
            "systemd:multi-user.target", bridge.app(code), lambda: self.write("go")
        )

    def test_all_conditions_have_to_hold(self):
        code = (
            f"go = lambda name: os.path.exists(os.path.join({self.dir!r}, name))\n"
            "while not go('say'): time.sleep(0.01)\n"
            "notify('X_BEFORE=1\\nREADY=1\\nX_WITH=1'); barrier(); notify('X_AFTER=1'); stay()"
        )
        options = ["--ready-when=notify", f"--ready-when=file:{self.path('file')}"]
        self.straight(*options, "--ready-when=start", *bridge.app(code))
        self.wait_for_status("waiting for notify", "and for 1 more")
        self.write("say")
        self.manager.wait_for(b"X_AFTER=1")
        self.assertIn(b"X_BEFORE=1\nX_WITH=1", self.manager.messages)
        self.assert_never_ready()
        self.wait_for_status("waiting for file:")
        self.write("file")
        self.manager.wait_for_lines(b"READY=1")

    def test_messages_of_the_app_keep_their_order(self):
        code = (
            "for n in range(500): notify(f'X_N={n}\\nREADY=1' if n % 2 else f'X_N={n}')\n"
            f"open({self.path('file')!r}, 'w'); time.sleep(0.2)\n"
            "for n in range(500, 600): notify(f'X_N={n}')\n"
            "notify('RELOADING=1'); notify('READY=1\\nX_END=1'); stay()"
        )
        self.straight(f"--ready-when=file:{self.path('file')}", *bridge.app(code))
        self.manager.wait_for_lines(b"X_END=1")
        lines = self.manager.lines()
        numbers = [line for line in lines if line.startswith(b"X_N=")]
        self.assertEqual(numbers, [f"X_N={n}".encode() for n in range(600)])
        self.assertEqual(lines.count(b"READY=1"), 2, "ours, and the end of its reload")
        self.assertGreater(lines.index(b"READY=1"), lines.index(b"X_N=499"))

    def test_early_ready_messages_of_the_app_become_one_message(self):
        code = (
            "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); up()\n"
            "signal.sigwait([signal.SIGUSR1])\n"
            f"[notify(f'X_N={{n}}\\nREADY=1') for n in range(9)]; open({self.path('file')!r}, 'w')\n"
            "os.kill(os.getppid(), signal.SIGCONT); stay()"
        )
        process = self.straight(f"--ready-when=file:{self.path('file')}", *bridge.app(code))
        bridge.eventually("it is up", lambda: process.out)
        # Output that arrived while `wrap` was stopped is available as soon as `wrap` continues.
        process.signal(signal.SIGSTOP)
        (command,) = adversary.children(process.pid)
        os.kill(command, signal.SIGUSR1)
        self.manager.wait_for_lines(b"READY=1")
        self.assertEqual(self.manager.lines().count(b"READY=1"), 1)
        self.assertIn(b"READY=1", self.its_messages()[-1].split(b"\n"))

    def test_ready_of_the_app_precedes_its_barrier(self):
        code = "notify('READY=1'); barrier(); notify('X_AFTER=1'); stay()"
        self.straight("--ready-when=notify", *bridge.app(code))
        self.manager.wait_for(b"X_AFTER=1")
        self.assertEqual(self.its_messages(), [b"READY=1", b"X_AFTER=1"])

    def test_a_message_with_ready_stays_whole(self):
        code = (
            "notify('X_A=1\\nREADY=1\\nSTATUS=up'); barrier(); "
            "notify('X_B=1\\nREADY=1'); barrier(); notify('X_END=1'); stay()"
        )
        whole = [b"X_A=1\nREADY=1\nSTATUS=up", b"X_B=1\nREADY=1", b"X_END=1"]
        for options, ours in (
            (["--ready-when=notify"], []),
            (["--ready-when=start", "--ready-when=notify", "--on-ready=true"], []),
            (["--ready-timeout=1min", "--ready-interval=1s"], []),
            (["--ready-status=serving"], [b"STATUS=serving"]),
        ):
            with self.subTest(options):
                self.manager.messages.clear()
                self.straight(*options, *bridge.app(code))
                self.manager.wait_for(b"X_END=1")
                self.assertEqual(self.its_messages(), whole[:1] + ours + whole[1:])

    def test_the_apps_status_replaces_the_status_of_wrap(self):
        process = self.straight(
            f"--ready-when=file:{self.path('file')}",
            *bridge.app("notify('STATUS=Loading'); barrier(); up(); stay()"),
        )
        bridge.eventually("it is up", lambda: process.out)
        # This pause is several times as long as `wrap` needs to send a message.
        time.sleep(1)
        self.write("file")
        self.manager.wait_for_lines(b"READY=1")
        # If the app starts slowly, messages before its first one are from `wrap`.
        statuses = self.statuses()
        self.assertEqual(statuses[statuses.index(b"STATUS=Loading") :], [b"STATUS=Loading"])

    def test_probes_work_through_a_shared_directory(self):
        port = probed.free_port()
        process = self.start_app(
            self.manager,
            probed.SERVER.format(directory=self.dir, port=port),
            wrap_options=[f"--ready-when=http://127.0.0.1:{port}/", "--ready-status=up"],
        )
        self.write("answer", "200")
        self.wait_for_status("waiting for http://", "connection refused")
        bridge.eventually(
            "container-status has it",
            lambda: any("waiting for" in line for line in self.container_status()),
        )
        self.assertIn("STATE=starting", self.container_status())
        self.write("go")
        self.manager.wait_for(b"READY=1\nSTATUS=up")
        bridge.eventually(
            "container-status has it", lambda: "STATE=ready" in self.container_status()
        )
        process.signal(signal.SIGTERM)
        self.assertIn(process.wait(), (-signal.SIGTERM, 0))

    def test_http_statuses_can_be_listed(self):
        port = probed.free_port()
        self.write("go")
        words = self.server(port)
        self.straight(
            f"--ready-when=http://127.0.0.1:{port}/", "--ready-http-status=204,503", *words
        )
        self.wait_for_status("status 200")
        self.write("answer", "503")
        self.manager.wait_for_lines(b"READY=1")

    def test_wrap_removes_its_status_once_the_app_is_ready(self):
        self.straight(f"--ready-when=file:{self.path('file')}", *bridge.IDLE)
        self.wait_for_status("waiting for")
        self.write("file")
        self.manager.wait_for(b"READY=1\nSTATUS=")

    def test_ready_timeout_extends_the_start(self):
        # The start is also extended while a probe repeats the same answer.
        for option, wanted in (("--ready-timeout=100s", b"115000000"),
                               ("--ready-extend=90s", b"90000000")):
            with self.subTest(option):
                self.setUp()
                self.straight("--ready-when=tcp:127.0.0.1:1", option, *bridge.IDLE)
                line = b"EXTEND_TIMEOUT_USEC=" + wanted
                least = 1 if "timeout" in option else 4
                self.manager.wait_until(
                    f"{least} of {line}", lambda _: self.manager.lines().count(line) >= least
                )

    def test_a_silent_probe_does_not_extend_the_start(self):
        self.straight("--ready-when=exec:exec sleep 1000", "--ready-extend=90s",
                      "--ready-interval=10ms", *bridge.IDLE)
        self.wait_for_status("did not exit in time")
        self.wait_for_status("(8 s)")
        # The first extension is sent at the start, and the second with the first result of the
        # probe.
        self.assertEqual(self.manager.lines().count(b"EXTEND_TIMEOUT_USEC=90000000"), 2)

    def test_timeout_of_wait_extends_the_start(self):
        for options, env in ((("--timeout=100s",), {}), ((), {"TIMEOUT": "100"})):
            with self.subTest(options):
                self.setUp()
                self.start_app(self.manager, "notify('READY=1'); stay()", options, **env)
                self.manager.wait_for_lines(b"READY=1")
                self.assertEqual(self.manager.lines(),
                                 [b"EXTEND_TIMEOUT_USEC=110000000", b"READY=1"])

    def test_the_start_is_extended_only_with_ready_extend(self):
        for options, wanted in (([], False), (["--ready-extend=90s"], True)):
            with self.subTest(options):
                self.manager.messages.clear()
                port = probed.free_port()
                self.write("go")
                self.straight(
                    f"--ready-when=http://127.0.0.1:{port}/",
                    "--ready-when=start",
                    *options,
                    *self.server(port),
                )
                self.manager.wait_for_lines(b"READY=1")
                self.assertEqual(b"EXTEND_TIMEOUT_USEC=90000000" in self.manager.lines(), wanted)


class Failure(probed.Case):
    def test_an_app_that_ends_before_it_is_ready_fails_at_once(self):
        for script, status in (("exit 0", 1), ("exit 3", 3), ("kill -KILL $$", 137)):
            with self.subTest(script):
                self.manager.messages.clear()
                process = self.straight(
                    "--ready-when=tcp:127.0.0.1:1", "sh", "-c", script
                )
                self.assertEqual(process.wait(), status, process.err)
                self.wait_for_status("ended before it was ready", "tcp:127.0.0.1:1")
                self.assertIn("ended before it was ready", process.err)
                self.assert_never_ready()

    def test_the_exit_condition_needs_a_successful_exit(self):
        process = self.straight("--ready-when=exit", "sh", "-c", "exit 3")
        self.assertEqual(process.wait(), 3)
        self.assert_never_ready()

    def test_other_conditions_must_also_hold_beside_exit(self):
        process = self.straight("--ready-when=exit", "--ready-when=file:/no/such", "true")
        self.assertEqual(process.wait(), 1)
        self.assert_never_ready()

    def test_a_condition_met_by_the_last_action_counts(self):
        for probe, script in (
            (f"file:{self.path('file')}", f"touch {self.path('file')}"),
            ("fd:9", "echo >&9"),
            ("notify", f"{self.command('notifybridge')[0]} send --no-block READY=1"),
        ):
            with self.subTest(probe):
                self.manager.messages.clear()
                process = self.straight("--ready-when", probe, "sh", "-c", script)
                self.assertEqual(process.wait(), 0, process.err)
                self.manager.wait_for_lines(b"READY=1")

    def test_closing_the_descriptor_by_exiting_does_not_count(self):
        for _ in range(20):
            process = self.straight("--ready-when=fd:3", "true")
            self.assertEqual(process.wait(), 1)
        self.assert_never_ready()

    def test_a_stop_during_the_start_is_not_a_failure(self):
        code = "signal.signal(signal.SIGTERM, lambda *_: os._exit(0)); up(); stay()"
        process = self.straight("--ready-when=tcp:127.0.0.1:1", *bridge.app(code))
        bridge.eventually("it is up", lambda: process.out)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_a_stopping_app_need_not_become_ready(self):
        late = self.path("late")
        code = (
            f"def end(*_): open({late!r}, 'w').close(); time.sleep(1); os._exit(0)\n"
            "signal.signal(signal.SIGTERM, end); up(); stay()"
        )
        for probe in (f"file:{late}", "tcp:127.0.0.1:1"):
            with self.subTest(probe):
                process = self.straight(
                    f"--ready-when={probe}",
                    "--ready-timeout=500ms",
                    f"--on-ready=touch {self.path('hook')}",
                    *bridge.app(code),
                )
                bridge.eventually("it is up", lambda: process.out)
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0, process.err)
                self.assertNotIn("not ready within", process.err)
                self.assertFalse(os.path.exists(self.path("hook")))

    def test_a_ready_timeout_exits_with_124_and_the_last_reason(self):
        deaf = bridge.app("signal.signal(signal.SIGTERM, signal.SIG_IGN); up(); stay()")
        for words in (bridge.IDLE, deaf):
            with self.subTest(words):
                self.manager.messages.clear()
                process = self.straight(
                    "--ready-when=tcp:127.0.0.1:1", "--ready-timeout=1s", "--kill-after=100ms",
                    *words,
                )
                self.assertEqual(process.wait(), 124, process.err)
                for text in (process.err, self.statuses()[-1].decode()):
                    self.assertIn("not ready within 1s", text)
                    self.assertIn("connection refused", text)
                self.assert_never_ready()

    def test_a_failure_reaches_wait_through_the_shared_directory(self):
        wrap = self.command(bridge.WRAP, "--ready-when=fd:3", "true")
        process = self.start(bridge.WAIT, *wrap, NOTIFY_SOCKET=self.manager.path)
        self.assertEqual(process.wait(), 1, process.err)
        self.wait_for_status("ended before it was ready")

    def test_leftovers_of_a_probe_give_no_warning(self):
        probe = "--ready-when=exec:sleep 9 & sleep 9"
        for words, status in ((["sleep", "0.2"], 1), (["--ready-timeout=200ms", "sleep", "9"], 124)):
            with self.subTest(words):
                process = self.straight(probe, *words)
                self.assertEqual(process.wait(), status)
                self.assertNotIn("left processes behind", process.err)
        process = self.straight(probe, "sh", "-c", "sleep 9 & sleep 0.2")
        self.assertEqual(process.wait(), 1)
        self.assertIn("left processes behind", process.err)

    def strange_server(self, serve):
        server = StrangeServer(serve)
        self.addCleanup(server.close)
        return server

    def test_wrap_survives_strange_servers(self):
        for name, serve in STRANGE_SERVERS.items():
            with self.subTest(name):
                self.manager.messages.clear()
                server = self.strange_server(serve)
                holds = name in ("redirects to itself", "has a body of 10 GB")
                process = self.straight(
                    f"--ready-when=http://127.0.0.1:{server.port}/",
                    "--ready-timeout=60s" if holds else "--ready-timeout=400ms",
                    *bridge.IDLE,
                )
                if holds:
                    self.manager.wait_for_lines(b"READY=1")
                    self.assertEqual(server.connections, 1)
                    process.end()
                else:
                    self.assertEqual(process.wait(), 124, process.err)
                    self.assert_never_ready()

    def test_a_probe_that_forks_and_stays_leaves_no_process(self):
        pids = self.path("pids")
        stays = "sleep 1000 & echo $! >> " + pids
        process = self.straight(f"--ready-when=exec:{stays}; false", *bridge.IDLE)
        bridge.eventually("several checks", lambda: self.read("pids").count("\n") > 3)
        self.assertTrue(process.is_running())
        earlier = [int(pid) for pid in self.read("pids").split()[:3]]
        bridge.eventually(
            "all of them are ended",
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in earlier),
        )

    def test_a_probe_that_hangs_ends_with_the_command(self):
        pid = self.path("pid")
        process = self.straight(
            f"--ready-when=exec:echo $$ > {pid}; trap '' TERM; while :; do sleep 1; done",
            "sh",
            "-c",
            f"until [ -s {pid} ]; do sleep 0.01; done; exit 4",
        )
        self.assertEqual(process.wait(), 4)
        self.assertFalse(os.path.exists(f"/proc/{int(self.read('pid'))}"))


class BadInput(probed.Case):
    def test_invalid_probes_are_refused_with_a_reason(self):
        for words, said in (
            (["--ready-when=nonsense"], "is not a probe"),
            (["--ready-when=tpc:127.0.0.1:1"], 'did you mean "tcp:"?'),
            (["--ready-when=tcp:127.0.0.1:0"], "is not a port"),
            (["--ready-when=http://127.0.0.1:70000/"], "is not a port"),
            (["--ready-when=http://example.org/"], "names are not looked up"),
            (["--ready-when=https://127.0.0.1/"], "exec:curl"),
            (["--ready-when=log:("], "is not a regular expression"),
            (["--ready-when=fd:1"], "is not a descriptor"),
            (["--ready-when=fd:5", "--ready-when=fd:5"], "given twice"),
            (["--ready-when=process"], "--alive-when"),
            (["--alive-when=notify"], "cannot be checked repeatedly"),
            (["--alive-when=process", "--alive-when=process"], "given twice"),
            (["--alive-when=process", "--alive-failures=0"], "is not a number of checks"),
            (["--alive-when=process", "--alive-interval=0"], "more than 0"),
            (["--alive-failures=3"], "no effect without --alive-when"),
            (["--on-dead=kill"], "no effect without --alive-when"),
            (["--ready-http-status=200"], "no effect without an http:// probe"),
            (["--ready-when=start", "--ready-http-status=200"], "no effect without an http:// probe"),
            (["--ready-when=start", "--ready-http-status=ok"], "is not a list of statuses"),
            (["--ready-when=start", "--ready-timeout=soon"], "is not a time span"),
            (["--ready-when=start", "--ready-status=a\nb"], "is not a status"),
            (["--ready-when=start", "--on-ready="], "needs a value"),
        ):
            with self.subTest(words):
                self.assert_refused(self.run_to_end(bridge.WRAP, *words, "true"), said)

    def test_a_descriptor_that_is_a_socket_is_refused(self):
        process = self.start(
            bridge.WRAP, "--ready-when=fd:3", "true", LISTEN_FDS="1", LISTEN_PID="1",
        )
        self.assertEqual(process.wait(), 1, "LISTEN_FDS is not for us")
        script = f'LISTEN_PID=$$ exec {self.command(bridge.WRAP)[0]} "$@"'
        with open(os.devnull, "rb") as socket_:
            process = bridge.Process(
                self.dir,
                ["sh", "-c", f"exec 3<&0; {script}", "sh", "--ready-when=fd:3", "true"],
                self.environment(LISTEN_FDS="1"),
                socket_,
                start_new_session=True,
            )
        self.addCleanup(process.end)
        self.assertEqual(process.wait(), 125)
        self.assertIn("use a higher number", process.err)


bridge.main()

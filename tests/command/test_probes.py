#!/usr/bin/python3
"""Programs that do not notify: what `wrap` finds out about them, and says in their name."""

import os
import re
import signal
import socket
import threading
import time

import bridge

# An HTTP server as an app: it answers with what the file "answer" in its directory says, and
# listens once the file "go" is there.
SERVER = """
import http.server, pathlib
place = pathlib.Path({directory!r})
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int((place / "answer").read_text()))
        self.end_headers()
    def log_message(self, *_):
        pass
while not (place / "go").exists():
    time.sleep(0.01)
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""

# A server's answer for each connection, by name; what a client can make of it is a timeout at most.
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
    """Listens on the loopback, and does with each connection what SERVE does."""

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


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Case(bridge.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver()

    def straight(self, *words, **env):
        """Starts wrap with no shared directory: what it says goes to `self.manager`."""
        return self.start(
            bridge.WRAP, *words, SHARED_DIR=None, NOTIFY_SOCKET=self.manager.path, **env
        )

    def write(self, name, text=""):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def server(self, port):
        """The words that run an HTTP server which waits for `self.write("go")`."""
        self.write("answer", "200")
        return bridge.app(SERVER.format(directory=self.dir, port=port))

    def strange_server(self, serve):
        server = StrangeServer(serve)
        self.addCleanup(server.close)
        return server

    def statuses(self):
        return [line for line in self.manager.lines() if line.startswith(b"STATUS=")]

    def assert_never_ready(self):
        self.assertNotIn(b"READY=1", self.manager.lines())

    def wait_for_status(self, *words):
        self.manager.wait_until(
            repr(words),
            lambda _: any(all(w.encode() in s for w in words) for s in self.statuses()),
        )


class Readiness(Case):
    def check_ready(self, probe, script, make_ready=None):
        """READY=1 comes once, and not before MAKE_READY."""
        process = self.straight("--ready-when", probe, "--ready-status=it is up", *script)
        if make_ready:
            self.wait_for_status("waiting for ")
            self.assert_never_ready()
            make_ready()
        self.manager.wait_for(b"READY=1\nSTATUS=it is up")
        self.assertEqual(self.manager.lines().count(b"READY=1"), 1)
        return process

    def test_http(self):
        port = free_port()
        self.check_ready(
            f"http://127.0.0.1:{port}/", self.server(port), lambda: self.write("go")
        )

    def test_http_over_a_unix_socket(self):
        path = self.path("socket")
        code = f"""
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b'HTTP/1.1 ' + (b'200' if b'/health' in self.rfile.readline() else b'404'))
        self.wfile.write(b' x\\r\\n\\r\\n')
socketserver.UnixStreamServer({path!r}, Handler).serve_forever()
"""
        self.check_ready(f"http+unix://{path}:/health", bridge.app(code))

    def test_tcp_on_localhost(self):
        port = free_port()
        self.check_ready(f"tcp:localhost:{port}", self.server(port), lambda: self.write("go"))

    def test_unix_sockets(self):
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

    def test_a_file(self):
        self.check_ready(
            f"file:{self.path('a', 'b')}",
            bridge.IDLE,
            lambda: (os.mkdir(self.path("a")), self.write("a/b")),
        )

    def test_a_command(self):
        self.check_ready(
            f"exec:test -e {self.path('go')}", bridge.IDLE, lambda: self.write("go")
        )

    def test_a_descriptor(self):
        go = self.path("go")
        for end in ("echo >&5", "exec 5>&-"):
            with self.subTest(end):
                self.manager.messages.clear()
                script = f"until [ -e {go} ]; do sleep 0.01; done; {end}; exec sleep infinity"
                self.check_ready("fd:5", ["sh", "-c", script], lambda: self.write("go"))
                os.unlink(go)

    def test_the_end(self):
        process = self.check_ready(
            "exit",
            ["sh", "-c", f"until [ -e {self.path('go')} ]; do sleep 0.01; done"],
            lambda: self.write("go"),
        )
        self.assertEqual(process.wait(), 0)

    def test_the_start(self):
        self.check_ready("start", bridge.IDLE)

    def test_a_unit_of_a_systemd_inside(self):
        code = (
            "notify('READY=1'); notify('X_SYSTEMD_UNIT_ACTIVE=basic.target'); barrier(); up()\n"
            f"while not os.path.exists({self.path('go')!r}): time.sleep(0.01)\n"
            "notify('X_SYSTEMD_UNIT_ACTIVE=multi-user.target'); stay()"
        )
        self.check_ready(
            "systemd:multi-user.target", bridge.app(code), lambda: self.write("go")
        )

    def test_several_are_an_and_and_its_own_word_counts_where_it_is_asked_for(self):
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

    def test_what_the_app_says_flows_on_in_its_order(self):
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

    def test_its_own_ready_comes_before_the_barrier_that_asks_for_it(self):
        code = "notify('READY=1'); barrier(); notify('X_AFTER=1'); stay()"
        self.straight("--ready-when=notify", *bridge.app(code))
        self.manager.wait_for(b"X_AFTER=1")
        self.assertEqual(self.manager.messages, [b"READY=1", b"X_AFTER=1"])

    def test_its_own_status_is_worth_more_than_ours(self):
        process = self.straight(
            f"--ready-when=file:{self.path('file')}",
            *bridge.app("notify('STATUS=Loading'); barrier(); up(); stay()"),
        )
        bridge.eventually("it is up", lambda: process.out)
        # Several times what it takes until something is said.
        time.sleep(1)
        self.write("file")
        self.manager.wait_for_lines(b"READY=1")
        self.assertEqual(self.statuses(), [b"STATUS=Loading"])

    def test_through_a_shared_directory(self):
        port = free_port()
        process = self.start_app(
            self.manager,
            SERVER.format(directory=self.dir, port=port),
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

    def test_the_statuses_that_hold_can_be_named(self):
        port = free_port()
        self.write("go")
        words = self.server(port)
        self.straight(
            f"--ready-when=http://127.0.0.1:{port}/", "--ready-http-status=204,503", *words
        )
        self.wait_for_status("status 200")
        self.write("answer", "503")
        self.manager.wait_for_lines(b"READY=1")

    def test_a_status_that_was_ours_is_taken_back(self):
        self.straight(f"--ready-when=file:{self.path('file')}", *bridge.IDLE)
        self.wait_for_status("waiting for")
        self.write("file")
        self.manager.wait_for(b"READY=1\nSTATUS=")

    def test_more_time_is_asked_for_only_where_that_is_wanted(self):
        for options, wanted in (([], False), (["--ready-extend=90s"], True)):
            with self.subTest(options):
                self.manager.messages.clear()
                port = free_port()
                self.write("go")
                self.straight(
                    f"--ready-when=http://127.0.0.1:{port}/",
                    "--ready-when=start",
                    *options,
                    *self.server(port),
                )
                self.manager.wait_for_lines(b"READY=1")
                self.assertEqual(b"EXTEND_TIMEOUT_USEC=90000000" in self.manager.lines(), wanted)


class Failure(Case):
    def test_one_that_ends_before_it_is_ready_fails_at_once(self):
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

    def test_with_exit_only_success_counts(self):
        process = self.straight("--ready-when=exit", "sh", "-c", "exit 3")
        self.assertEqual(process.wait(), 3)
        self.assert_never_ready()

    def test_with_exit_what_else_is_asked_for_has_to_hold_too(self):
        process = self.straight("--ready-when=exit", "--ready-when=file:/no/such", "true")
        self.assertEqual(process.wait(), 1)
        self.assert_never_ready()

    def test_what_it_did_last_counts(self):
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

    def test_that_its_descriptor_goes_with_it_does_not_count(self):
        for _ in range(20):
            process = self.straight("--ready-when=fd:3", "true")
            self.assertEqual(process.wait(), 1)
        self.assert_never_ready()

    def test_a_stop_while_it_starts_is_no_failure(self):
        code = "signal.signal(signal.SIGTERM, lambda *_: os._exit(0)); up(); stay()"
        process = self.straight("--ready-when=tcp:127.0.0.1:1", *bridge.app(code))
        bridge.eventually("it is up", lambda: process.out)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_the_time_that_there_is_ends_with_124_and_the_last_reason(self):
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

    def test_servers_that_are_no_help(self):
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

    def test_a_probe_that_forks_and_stays_leaves_nothing(self):
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


class Liveness(Case):
    def start_watched(self, *options, probe=None, **env):
        """A server that is ready, with a watchdog; returns wrap and the server's pid."""
        port = free_port()
        self.write("go")
        probe = probe or f"http://127.0.0.1:{port}/"
        process = self.straight(
            f"--ready-when=http://127.0.0.1:{port}/",
            "--ready-status=up",
            f"--alive-when={probe}",
            *options,
            "sh",
            "-c",
            'echo $$; exec "$@"',
            "sh",
            *self.server(port),
            **env,
        )
        self.manager.wait_for_lines(b"READY=1")
        return process, int(process.out)

    def pings(self):
        return self.manager.messages.count(b"WATCHDOG=1")

    def wait_for_pings(self, number):
        self.manager.wait_until(f"{number} pings", lambda _: self.pings() >= number)

    def test_pings_come_only_while_it_answers(self):
        process, pid = self.start_watched(WATCHDOG_USEC="600000")
        self.wait_for_pings(3)
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive: http://", "no answer in time")
        before = self.pings()
        # Three times what would be a ping's turn.
        time.sleep(0.6)
        self.assertEqual(self.pings(), before)
        self.assertTrue(process.is_running())
        os.kill(pid, signal.SIGCONT)
        self.wait_for_pings(before + 2)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_the_command_is_not_told_of_a_watchdog_that_is_not_its_own(self):
        self.straight(
            "--ready-when=start", "--alive-when=process", "sh", "-c",
            "echo ${WATCHDOG_USEC-none} > " + self.path("watchdog") + "; exec sleep infinity",
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)
        self.assertEqual(self.read("watchdog"), "none\n")

    def test_without_a_watchdog_there_is_no_ping(self):
        process, pid = self.start_watched("--alive-interval=50ms")
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive")
        self.assertEqual(self.pings(), 0)
        self.assertTrue(process.is_running())

    def test_so_many_failures_as_are_asked_for(self):
        self.start_watched(
            "--alive-failures=1000000", "--alive-interval=20ms",
            probe=f"exec:echo >> {self.path('checks')}; false",
            WATCHDOG_USEC="3000000",
        )
        self.wait_for_pings(5)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_one_that_is_dead_can_be_killed(self):
        process, pid = self.start_watched("--alive-interval=50ms", "--on-dead=kill")
        os.kill(pid, signal.SIGSTOP)
        self.assertEqual(process.wait(), 137, process.err)
        self.wait_for_status("not alive")

    def test_one_that_was_told_to_end_may_take_its_time(self):
        port = free_port()
        code = f"""
import socket
server = socket.create_server(('127.0.0.1', {port}))
def end(*_):
    server.close()
    time.sleep(0.5)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
stay()
"""
        process = self.straight(
            f"--ready-when=tcp:127.0.0.1:{port}",
            f"--alive-when=tcp:127.0.0.1:{port}",
            "--alive-interval=20ms",
            "--on-dead=kill",
            *bridge.app(code),
        )
        self.manager.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertFalse([s for s in self.statuses() if b"not alive" in s])

    def test_it_wakes_up_once_a_period(self):
        process = self.straight(
            "--ready-when=start", "--alive-when=process", "--alive-interval=100ms", *bridge.IDLE
        )
        self.manager.wait_for_lines(b"READY=1")

        def wakeups():
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                return int(re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", file.read())[1])

        begin, before = time.monotonic(), wakeups()
        bridge.eventually("some periods go by", lambda: wakeups() > before + 10)
        after, span = wakeups(), time.monotonic() - begin
        self.assertLessEqual(after - before, span / 0.1 + 3)

    def test_or_a_command_says_what_happens(self):
        process, pid = self.start_watched(
            "--alive-interval=50ms",
            f"--on-dead=echo $NOTIFYBRIDGE_STATE: $NOTIFYBRIDGE_STATUS >> {self.path('dead')}",
        )
        os.kill(pid, signal.SIGSTOP)
        bridge.eventually("the command ran", lambda: self.read("dead"))
        self.assertRegex(self.read("dead"), r"\Adead: not alive: http://.*\n\Z")
        self.assertTrue(process.is_running())

    def test_through_a_shared_directory_the_hosts_watchdog_counts(self):
        self.start_app(
            self.manager,
            "stay()",
            wrap_options=["--ready-when=start", "--alive-when=process"],
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)

    def test_its_own_ready_begins_it_where_there_is_no_condition(self):
        process = self.straight(
            "--alive-when=process",
            *bridge.app(
                f"up()\nwhile not os.path.exists({self.path('go')!r}): time.sleep(0.01)\n"
                "notify('READY=1'); stay()"
            ),
            WATCHDOG_USEC="300000",
        )
        bridge.eventually("it is up", lambda: process.out)
        self.write("go")
        self.wait_for_pings(2)
        self.assertEqual(self.manager.messages[0], b"READY=1")


class Hooks(Case):
    def hook(self, name, more=""):
        line = "echo $NOTIFYBRIDGE_STATE/$NOTIFYBRIDGE_STATUS/$NOTIFYBRIDGE_SHARED_DIR"
        return f"{line} >> {self.path(name)}; {more}"

    def test_they_run_once_with_what_there_is_to_know(self):
        process = self.straight(
            "--ready-when=start",
            "--ready-status=it's up",
            "--on-ready=" + self.hook("ready"),
            "--on-stopping=" + self.hook("stopping"),
            *bridge.app(
                f"while not os.path.exists({self.path('ready')!r}): time.sleep(0.01)\n"
                "notify('READY=1\\nSTATUS=again'); notify('STOPPING=1\\nSTATUS=bye'); barrier()"
            ),
        )
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(self.read("ready"), "ready/it's up/\n")
        self.assertEqual(self.read("stopping"), "stopping/bye/\n")

    def test_with_a_shared_directory_they_know_it(self):
        status, _, err = self.run_to_end(
            bridge.WRAP, "--ready-when=exit", "--on-ready=" + self.hook("ready"), "true"
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(self.read("ready"), f"ready//{self.shared}\n")

    def test_one_that_hangs_delays_neither_ready_nor_the_end_for_long(self):
        process = self.straight(
            "--ready-when=start", "--kill-after=200ms", "--on-ready=trap '' TERM; sleep 1000",
            "sh", "-c", "exit 3",
        )
        self.manager.wait_for(b"READY=1")
        self.assertEqual(process.wait(), 3, process.err)
        self.assertIn("the command of --on-ready", process.err)

    def test_that_one_fails_is_only_logged(self):
        process = self.straight("--ready-when=start", "--on-ready=exit 5", "sh", "-c", "exit 0")
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("--on-ready exited with status 5", process.err)

    def test_what_they_leave_in_the_background_goes_on(self):
        self.straight(
            "--ready-when=start",
            f"--on-ready=(until [ -e {self.path('go')} ]; do sleep 0.01; done; "
            f"echo > {self.path('done')}) & touch {self.path('began')}",
            *bridge.IDLE,
        )
        bridge.eventually("the command ran", lambda: os.path.exists(self.path("began")))
        self.write("go")
        bridge.eventually("what it left is done", lambda: self.read("done"))

    def test_what_they_notify_goes_the_commands_way(self):
        send = f"{self.command('notifybridge')[0]} send --no-block"
        self.straight("--ready-when=start", f"--on-ready={send} X_HOOK=1", *bridge.IDLE)
        self.manager.wait_for(b"X_HOOK=1")


class BadInput(Case):
    def test_each_is_refused_with_a_sentence(self):
        for words, said in (
            (["--ready-when=nonsense"], "is no probe"),
            (["--ready-when=tpc:127.0.0.1:1"], 'did you mean "tcp:"?'),
            (["--ready-when=tcp:127.0.0.1:0"], "is no port"),
            (["--ready-when=http://127.0.0.1:70000/"], "is no port"),
            (["--ready-when=http://example.org/"], "names are not looked up"),
            (["--ready-when=https://127.0.0.1/"], "exec:curl"),
            (["--ready-when=log:("], "is no regular expression"),
            (["--ready-when=fd:1"], "is no descriptor"),
            (["--ready-when=fd:5", "--ready-when=fd:5"], "given twice"),
            (["--ready-when=process"], "--alive-when"),
            (["--alive-when=notify"], "cannot be asked again"),
            (["--alive-when=process", "--alive-when=process"], "given twice"),
            (["--alive-when=process", "--alive-failures=0"], "is no number of checks"),
            (["--alive-when=process", "--alive-interval=0"], "more than 0"),
            (["--alive-failures=3"], "of no use without --alive-when"),
            (["--on-dead=kill"], "of no use without --alive-when"),
            (["--ready-status=up"], "of no use without --ready-when"),
            (["--ready-when=start", "--ready-http-status=ok"], "is no list of statuses"),
            (["--ready-when=start", "--ready-timeout=soon"], "is no time span"),
            (["--ready-when=start", "--ready-status=a\nb"], "is no status"),
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
        self.assertIn("take a higher one", process.err)


bridge.main()

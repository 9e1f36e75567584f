#!/usr/bin/python3
"""Tests `wrap --proxy`: sockets of systemd lead to an app that does not support them."""

import json
import os
import resource
import shutil
import signal
import socket
import struct
import sys
import threading
import time

import activated
import bridge
from probed import free_port

PRLIMIT = shutil.which("prlimit")

# A server as an app. It answers each piece of data with the same data in capitals, once the file
# "go" exists.
SERVER = """
import pathlib, socketserver
place = pathlib.Path({directory!r})
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            while not (place / "go").exists():
                time.sleep(0.002)
            self.request.sendall(data.upper())
class Server(socketserver.ThreadingMixIn, socketserver.{kind}):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 100
server = Server({address!r}, Handler)
print(os.environ.get("LISTEN_FDS"), os.environ.get("LISTEN_FDNAMES"), flush=True)
server.serve_forever()
"""


class Proxy(activated.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver()
        self.app_path = self.path("app.sock")
        self.target = f"unix:{self.app_path}"
        self.go()

    def go(self):
        open(self.path("go"), "w", encoding="utf-8").close()

    def listen(self, backlog=100):
        listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.addCleanup(listening.close)
        return listening

    def server(self, address=None):
        kind = "TCPServer" if isinstance(address, tuple) else "UnixStreamServer"
        return bridge.app(
            SERVER.format(directory=self.dir, kind=kind, address=address or self.app_path)
        )

    def start_proxy(self, listening, *options, names=None, app=None, before=(), **env):
        """Starts `wrap` without a shared directory, as systemd does. LISTENING is one socket or
        several."""
        fds = listening if isinstance(listening, list) else [listening]
        words = [*before, *self.command(bridge.WRAP, *options), *(app or self.server())]
        straight = {"SHARED_DIR": None, "RUNTIME_DIRECTORY": self.dir}
        straight["NOTIFY_SOCKET"] = self.manager.path
        return self.start_activated(fds, words, names, **{**straight, **env})

    def connect(self, listening):
        client = socket.create_connection(listening.getsockname(), timeout=bridge.PATIENCE)
        self.addCleanup(client.close)
        return client

    def connect_with_question(self, listening):
        """Returns a client whose question the server does not answer before `go`."""
        client = self.connect(listening)
        self.ask(client)
        os.unlink(self.path("go"))
        client.sendall(b"question")
        return client

    def polling_server(self):
        """Returns the code of a server for many connections, without a thread for each of them."""
        return """
import select, socket
server = socket.socket(socket.AF_UNIX)
server.bind(PATH)
server.listen(4096)
ends, poll = {server.fileno(): server}, select.epoll()
poll.register(server, select.POLLIN)
while True:
    for fd, _ in poll.poll():
        if fd == server.fileno():
            end, _ = server.accept()
            ends[end.fileno()] = end
            poll.register(end, select.POLLIN)
        elif data := ends[fd].recv(100):
            ends[fd].sendall(data.upper())
        else:
            poll.unregister(fd)
            del ends[fd]
""".replace("PATH", repr(self.app_path))

    def ask(self, client, question=b"hello"):
        client.sendall(question)
        self.assertEqual(self.receive(client, len(question)), question.upper())

    def receive(self, client, size):
        received = b""
        while len(received) < size and (more := client.recv(65536)):
            received += more
        return received

    def test_an_early_client_is_answered_once_the_app_is_ready(self):
        listening = self.listen()
        client = self.connect(listening)
        process = self.start_proxy(listening, f"--proxy={self.target}")
        self.ask(client)
        self.manager.wait_for_lines(b"READY=1")
        # The app has no socket from systemd.
        self.assertEqual(process.out, "None None\n")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(1), b"")

    def test_other_sockets_still_reach_the_app(self):
        web, other, both = self.listen(), self.listen(), self.listen()
        process = self.start_proxy(
            [other, web, both], f"--proxy=web={self.target}", names=["other", "web", "web"]
        )
        for listening in web, both:
            self.ask(self.connect(listening))
        self.assertEqual(process.out, "1 other\n")

    def test_two_sockets_lead_to_two_addresses(self):
        one, two = self.listen(), self.listen()
        port = free_port()
        self.start_proxy(
            [one, two],
            f"--proxy=one={self.target}",
            f"--proxy=two=tcp:127.0.0.1:{port}",
            "--ready-when=start",
            names=["one", "two"],
            app=[
                "sh", "-c", '"$0" "$1" "$2" & "$0" "$1" "$3"',
                *self.server(), self.server(("127.0.0.1", port))[2],
            ],
        )
        self.ask(self.connect(one))
        self.ask(self.connect(two))

    def test_wrap_listens_at_an_address_of_its_own(self):
        path, port = self.path("own"), free_port()
        process = self.start_proxy(
            self.listen(),
            f"--proxy=unix:{path}={self.target}",
            f"--proxy=127.0.0.1:{port}={self.target}",
        )
        self.manager.wait_for_lines(b"READY=1")
        # The app gets only the socket of systemd.
        self.assertEqual(process.out, "1 unknown\n")
        for client in socket.socket(socket.AF_UNIX), socket.socket():
            self.addCleanup(client.close)
            client.settimeout(bridge.PATIENCE)
            client.connect(path if client.family == socket.AF_UNIX else ("127.0.0.1", port))
            self.ask(client)

    def test_an_address_that_is_in_use_is_refused(self):
        listening = self.listen()
        port = listening.getsockname()[1]
        process = self.start_proxy(self.listen(), f"--proxy=127.0.0.1:{port}={self.target}")
        self.assertEqual(process.wait(), 125)
        self.assertIn("another process listens on this port", process.err)

    def test_an_address_of_our_own_has_no_idle_timeout(self):
        process = self.start_proxy(
            self.listen(), f"--proxy=unix:{self.path('own')}={self.target}", "--idle-timeout=1"
        )
        self.assertEqual(process.wait(), 125)
        self.assertIn("write a .socket unit", process.err)

    def test_the_proxy_works_through_a_shared_directory(self):
        listening = self.listen()
        client = self.connect(listening)
        wrap = self.command(bridge.WRAP, f"--proxy=web={self.target}", "--idle-timeout=50ms")
        process = self.start_activated(
            [listening],
            self.command(bridge.WAIT, *wrap, *self.server()),
            ["web"],
            NOTIFY_SOCKET=self.manager.path,
        )
        self.ask(client)
        client.close()
        self.assertEqual(process.wait(), 0, process.err)
        self.manager.wait_for_lines(b"READY=1", b"STOPPING=1")

    def test_a_large_transfer_arrives_complete_both_ways(self):
        listening = self.listen()
        port = free_port()
        self.start_proxy(
            listening, f"--proxy=tcp:127.0.0.1:{port}", app=self.server(("127.0.0.1", port))
        )
        client = self.connect(listening)
        sent = os.urandom(8 << 20).lower()
        sender = threading.Thread(target=client.sendall, args=[sent])
        sender.start()
        received = self.receive(client, len(sent))
        sender.join()
        self.assertTrue(received == sent.upper())

    def test_a_time_without_connections_ends_the_app_with_success(self):
        listening = self.listen()
        client = self.connect(listening)
        process = self.start_proxy(
            listening, f"--proxy={self.target}", "--idle-timeout=100ms", "--verbose"
        )
        self.ask(client)
        # A client that sends nothing keeps the app running.
        with self.assertRaises(TimeoutError):
            client.settimeout(0.5)
            client.recv(1)
        self.assertTrue(process.is_running(), process.err)
        client.close()
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("no connection for 100ms (--idle-timeout)", process.err)
        self.assertEqual(
            [line for line in self.manager.lines() if line != b"READY=1"][-2:],
            [b"STOPPING=1", b"STATUS=no connection for 100ms"],
        )
        # A client that connects now waits for the next start, which answers.
        late = self.connect(listening)
        os.unlink(self.app_path)
        self.start_proxy(listening, f"--proxy={self.target}")
        self.ask(late)

    def test_a_health_check_decides_when_connections_are_accepted(self):
        listening = self.listen()
        client = self.connect(listening)
        self.start_proxy(
            listening,
            f"--proxy={self.target}",
            f"--health-cmd=echo not yet; test -e {self.path('up')}",
            "--health-interval=1h",
        )
        client.sendall(b"hello")
        waits = b"STATUS=waiting for the health check: not yet"
        self.manager.wait_until(
            "it waits", lambda _: any(line.startswith(waits) for line in self.manager.lines())
        )
        client.setblocking(False)
        self.assertRaises(BlockingIOError, client.recv, 1)
        client.settimeout(bridge.PATIENCE)
        open(self.path("up"), "w", encoding="utf-8").close()
        self.assertEqual(self.receive(client, 5), b"HELLO")
        self.manager.wait_for_lines(b"READY=1")

    def test_health_checks_do_not_count_as_connections(self):
        port = free_port()
        process = self.start_proxy(
            self.listen(),
            f"--proxy=tcp:127.0.0.1:{port}",
            "--idle-timeout=100ms",
            f'--health-cmd=["CMD", "bash", "-c", "</dev/tcp/127.0.0.1/{port}"]',
            "--health-interval=1ms",
            "--health-retries=1",
            "--health-start-period=1h",
            app=self.server(("127.0.0.1", port)),
        )
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn(b"READY=1", self.manager.lines())
        self.assertEqual(process.err, "")

    def test_killing_an_idle_app_that_ignores_sigterm_is_success(self):
        listening = self.listen()
        code = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + self.server()[2]
        process = self.start_proxy(
            listening,
            f"--proxy={self.target}",
            "--idle-timeout=50ms",
            "--stop-timeout=50ms",
            app=[sys.executable, "-c", code],
        )
        self.assertEqual(process.wait(), 0, process.err)

    def test_an_idle_app_gets_its_own_stop_signal(self):
        listening = self.listen()
        code = """
import os, signal
signal.signal(signal.SIGTERM, lambda number, frame: print("TERM", flush=True))
signal.signal(signal.SIGUSR2, lambda number, frame: (print("USR2", flush=True), os._exit(7)))
"""
        process = self.start_proxy(
            listening,
            f"--proxy={self.target}",
            "--idle-timeout=50ms",
            "--stop-signal=SIGUSR2",
            app=[sys.executable, "-c", code + self.server()[2]],
        )
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(process.out, "None None\nUSR2\n")

    def test_a_stop_waits_for_an_answer(self):
        listening = self.listen()
        process = self.start_proxy(
            listening, f"--proxy={self.target}", "--stop-timeout=1min", "--verbose"
        )
        client = self.connect_with_question(listening)
        silent = self.connect(listening)
        bridge.eventually("it is on its way", lambda: "READY=1" in str(self.manager.lines()))
        process.signal(signal.SIGTERM)
        bridge.eventually("it waits", lambda: "before the command is asked to stop" in process.err)
        # The next start accepts this client.
        late = self.connect(listening)
        self.assertNotIn("passing", process.err)
        self.go()
        self.assertEqual(self.receive(client, 8), b"QUESTION")
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        for ended in client, silent:
            self.assertEqual(ended.recv(1), b"")
        os.unlink(self.app_path)
        self.start_proxy(listening, f"--proxy={self.target}")
        self.ask(late)

    def test_a_stop_does_not_wait_for_silent_clients(self):
        listening = self.listen()
        process = self.start_proxy(listening, f"--proxy={self.target}", "--stop-timeout=1h")
        client = self.connect(listening)
        self.ask(client)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_a_stop_waits_for_an_answer_no_longer_than_its_time(self):
        listening = self.listen()
        process = self.start_proxy(listening, f"--proxy={self.target}", "--stop-timeout=100ms")
        client = self.connect_with_question(listening)
        begin = time.monotonic()
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        self.assertGreaterEqual(time.monotonic() - begin, 0.09)
        # The time for the clients and then the time for the command.
        self.assertIn(b"EXTEND_TIMEOUT_USEC=5200000", self.manager.lines())

    def test_wait_gives_the_clients_and_then_the_app_their_time(self):
        listening = self.listen()
        process = self.start_proxy(
            listening,
            f"--proxy={self.target}",
            "--stop-timeout=500ms",
            before=self.command(bridge.WAIT, "--stop-timeout=500ms"),
            app=bridge.app(
                "signal.signal(signal.SIGTERM, lambda *_: print('asked', flush=True))\n"
                + self.server()[-1]
            ),
            SHARED_DIR=self.shared,
        )
        client = self.connect_with_question(listening)
        begin = time.monotonic()
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 128 + signal.SIGKILL, process.err)
        self.assertIn("asked", process.out)
        self.assertGreaterEqual(time.monotonic() - begin, 0.9)
        self.assertIn(b"EXTEND_TIMEOUT_USEC=6000000", self.manager.lines())

    def test_a_reset_is_passed_on(self):
        listening = self.listen()
        port = free_port()
        code = """
import socket
with socket.create_server(("127.0.0.1", PORT)) as server:
    print("up", flush=True)
    while True:
        client, _ = server.accept()
        try:
            print(client.recv(100), flush=True)
            if not client.recv(100):
                print("an end", flush=True)
        except ConnectionResetError:
            print("a reset", flush=True)
        client.close()
""".replace("PORT", str(port))
        process = self.start_proxy(
            listening, f"--proxy=tcp:127.0.0.1:{port}", "--ready-when=log:up", app=bridge.app(code)
        )
        client = self.connect(listening)
        client.sendall(b"hello")
        bridge.eventually("the app has it", lambda: "hello" in process.out)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        bridge.eventually("the app is told", lambda: "a reset" in process.out)

    def test_a_client_of_an_app_that_does_not_listen_is_reset(self):
        listening = self.listen()
        port = free_port()
        code = f"""
import socket
server = socket.create_server(("127.0.0.1", {port}))
for _ in range(2):
    client, _ = server.accept()
    client.close()
server.close()
print("closed", flush=True)
stay()
"""
        process = self.start_proxy(
            listening, f"--proxy=tcp:127.0.0.1:{port}", app=bridge.app(code)
        )
        self.assertEqual(self.connect(listening).recv(1), b"")
        bridge.eventually("it has closed its socket", lambda: "closed" in process.out)
        with self.assertRaises(ConnectionResetError):
            self.connect(listening).recv(1)
        self.assertIn(
            f"warning: --proxy=tcp:127.0.0.1:{port}: cannot reach the app; resetting the client's "
            "connection: Connection refused",
            process.err,
        )

    def test_the_limit_of_open_files_bounds_the_connections(self):
        listening = self.listen()
        process = self.start_proxy(
            listening, f"--proxy={self.target}", before=[PRLIMIT, "--nofile=128"]
        )
        clients = [self.connect(listening) for _ in range(30)]
        for client in clients[:16]:
            self.ask(client)
        bridge.eventually("it is said", lambda: "16 connections are open" in process.err)
        self.assertIn("128 open files", process.err)
        clients[16].sendall(b"waiting")
        for number in range(5):
            clients[number].close()
        self.assertEqual(self.receive(clients[16], 7), b"WAITING")
        self.assertEqual(process.err.count("connections are open"), 1, process.err)

    def test_an_option_limits_the_connections(self):
        listening = self.listen()
        process = self.start_proxy(listening, f"--proxy={self.target}", "--proxy-connections=2")
        clients = [self.connect(listening) for _ in range(3)]
        for client in clients[:2]:
            self.ask(client)
        bridge.eventually("it is said", lambda: "2 connections are open" in process.err)
        self.assertIn("--proxy-connections=2 allows no more", process.err)
        clients[0].close()
        self.ask(clients[2])

    def test_status_counts_the_connections(self):
        listening = self.listen()
        wrap = self.command(bridge.WRAP, f"--proxy={self.target}")
        self.start_activated(
            [listening],
            self.command(bridge.WAIT, *wrap, *self.server()),
            NOTIFY_SOCKET=self.manager.path,
        )
        clients = [self.connect(listening) for _ in range(3)]
        for client in clients:
            self.ask(client)
        clients[0].close()
        counts = {"open": 2, "waiting": 0, "accepted": 3, "refused": 0}
        self.wait_for_counts(counts)
        _, out, _ = self.run_to_end("notifybridge", "status", self.shared)
        self.assertRegex(out, r"Proxy: 2 open \(at most \d+\); 3 since the start\n")
        _, out, _ = self.run_to_end("notifybridge", "status", "--prometheus", self.shared)
        self.assertRegex(out, r"connections_accepted_total\{.*\} 3\n")
        # The server no longer accepts connections at this path.
        os.unlink(self.app_path)
        with self.assertRaises(ConnectionResetError):
            self.connect(listening).recv(1)
        self.wait_for_counts({**counts, "accepted": 4, "refused": 1})
        _, out, _ = self.run_to_end("notifybridge", "status", "--check", self.shared)
        self.assertIn("the app did not accept 1 connection", out)

    def wait_for_counts(self, wanted):
        def are_there():
            _, out, _ = self.run_to_end("notifybridge", "status", "--json", self.shared)
            counts = json.loads(out)["connections"] or {}
            return {key: counts.get(key) for key in wanted} == wanted

        bridge.eventually(f"the counts are {wanted}", are_there)

    def test_silent_clients_above_the_limit_are_not_lost(self):
        with open("/proc/sys/net/core/somaxconn", encoding="ascii") as file:
            backlog = min(int(file.read()), 4096)
        # The limit must suffice for the ends of the client and of the app.
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= allowed[1] < 8192:
            self.skipTest(f"the hard limit of open files is {allowed[1]}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, allowed[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, allowed)
        listening = self.listen(backlog)
        process = self.start_proxy(
            listening, f"--proxy={self.target}", app=bridge.app(self.polling_server()),
            before=[PRLIMIT, "--nofile=8192:8192"],
        )
        self.manager.wait_for_lines(b"READY=1")
        clients = [self.connect(listening) for _ in range(1024 + backlog - 100)]
        bridge.eventually("it is said", lambda: "1024 connections are open" in process.err)
        for client in clients:
            self.ask(client)
            client.close()
        self.assertEqual(process.err.count("connections are open"), 1, process.err)
        self.assertTrue(process.is_running())

    def test_a_thousand_silent_clients_do_not_disturb_other_clients(self):
        listening = self.listen(backlog=4096)
        self.start_proxy(
            listening, f"--proxy={self.target}", app=bridge.app(self.polling_server()),
            before=[PRLIMIT, "--nofile=2048:9000"],
        )
        clients = [self.connect(listening) for _ in range(1000)]
        self.ask(self.connect(listening))
        del clients

    def test_the_app_and_hooks_keep_the_limit_of_open_files(self):
        listening = self.listen()
        port = free_port()
        code = "import resource\nprint(resource.getrlimit(resource.RLIMIT_NOFILE), flush=True)\n"
        process = self.start_proxy(
            listening,
            f"--proxy=tcp:127.0.0.1:{port}",
            f"--on-stopping=ulimit -Sn >{self.path('hook')}",
            app=[sys.executable, "-c", code + self.server(("127.0.0.1", port))[2]],
            before=[PRLIMIT, "--nofile=200:300"],
        )
        self.ask(self.connect(listening))
        process.signal(signal.SIGTERM)
        process.wait()
        self.assertIn("(200, 300)", process.out)
        self.assertEqual(self.read("hook"), "200\n")

    def assert_sockets_refused(self, listening, words, *options, names=None):
        process = self.start_proxy(listening, *options, names=names)
        self.assertEqual(process.wait(), 125, process.err)
        self.assertIn(words, process.err)
        self.assertEqual(process.out, "")

    def test_unsuitable_sockets_are_refused(self):
        one, two = self.listen(), self.listen()
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        connection, other_end = socket.socketpair()
        for each in udp, connection, other_end:
            self.addCleanup(each.close)
        proxy = f"--proxy={self.target}"
        for listening, words in (
            ([one, two], f"if all sockets are for this target, give --proxy=unknown={self.target}; "),
            ([udp], "is a datagram socket (UDP)"),
            ([connection], "set Accept=no in the .socket unit"),
        ):
            with self.subTest(words=words):
                self.assert_sockets_refused(listening, words, proxy)
        self.assert_sockets_refused(
            one, 'only "web"', f"--proxy=admin={self.target}", names=["web"]
        )
        port = one.getsockname()[1]
        self.assert_sockets_refused(
            one, "connections would return to it", f"--proxy=tcp:127.0.0.1:{port}"
        )

    def test_without_a_socket_nothing_is_started(self):
        words = ["systemd has passed no socket (LISTEN_FDS)", "create a .socket unit"]
        result = self.run_to_end(bridge.WRAP, f"--proxy={self.target}", "touch", self.path("app"))
        self.assert_refused(result, *words)
        result = self.run_to_end(
            "notifybridge", "run", f"--proxy={self.target}", "podman", "run", "image",
            SHARED_DIR=None, XDG_RUNTIME_DIR=self.dir,
        )
        self.assert_refused(result, *words)
        self.assertFalse(os.path.exists(self.path("app")))

    def test_unsuitable_options_are_refused(self):
        for options, words in (
            (["--proxy=udp:127.0.0.1:53"], "UDP and other datagrams are not supported"),
            (["--proxy=8080"], "not a target; give tcp:HOST:PORT or unix:PATH"),
            (["--proxy=tcp:web:80"], "names are not looked up"),
            (["--proxy=tcp:127.0.0.1:1", "--proxy=b=tcp:127.0.0.1:2"], "needs the name"),
            (["--proxy=a=tcp:127.0.0.1:1", "--proxy=a=tcp:127.0.0.1:2"], "already"),
            (["--idle-timeout=1min"], "--idle-timeout has no effect without --proxy"),
            (["--stop-timeout=1min"], "--stop-timeout has no effect without --proxy"),
            (["--proxy-connections=9"], "--proxy-connections has no effect without --proxy"),
            (["--proxy=unix:/x", "--proxy-connections=0"], "is not a number of connections"),
            (["--proxy=unix:/x", "--idle-timeout=0"], "0 is not possible"),
            (["--proxy=unix:/x", "--idle-timeout=soon"], "--idle-timeout"),
        ):
            with self.subTest(options=options):
                self.assert_refused(self.run_to_end(bridge.WRAP, *options, "true"), words)


if __name__ == "__main__":
    bridge.main()

#!/usr/bin/python3
"""Tests that init survives its services, their users and clients, and keeps serving others."""

import array
import contextlib
import json
import os
import pwd
import resource
import signal
import socket
import struct
import threading
import unittest

import bridge
import managed
from managed import DONE, IDLE

# This service is never ready, so its start never ends.
NEVER = "[Service]\nType=notify\nTimeoutStartSec=infinity\nExecStart=/bin/sleep infinity\n"


class Guests(managed.Case):
    def start_idle(self):
        self.write_unit("idle.service", IDLE)
        process = self.start_init("--unit=idle.service")
        self.wait_until_up(process)
        return process

    def start_never(self, **env):
        self.write_unit("never.service", NEVER)
        process = self.start_init("--unit=never.service", **env)
        bridge.eventually("init listens", lambda: self.ctl("is-system-running")[1] == "initializing\n")
        return process

    def property(self, unit, name):
        return self.ctl("show", "--value", f"--property={name}", unit)[1].rstrip("\n")

    def connect(self):
        """Connects to the control socket. The user may differ from that of `init`."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(client.close)
        client.connect(os.path.join(self.root, "run", "notifybridge", "control"))
        return client

    def test_a_socket_unit_for_a_file_without_poll_fails(self):
        process = self.start_idle()
        with open(self.path("file"), "w", encoding="utf-8") as file:
            file.write("text\n")
        for path in (self.path("file"), "/dev/null"):
            self.write_unit("file.socket", f"[Socket]\nListenSpecial={path}\n")
            self.write_unit("file.service", IDLE)
            self.ctl("daemon-reload")
            self.assertEqual(self.ctl("start", "file.socket")[0], 1, path)
            self.assertEqual(self.property("file.socket", "Result"), "resources", path)
        self.assertTrue(process.is_running(), process.err)

    def test_a_reload_during_startup_does_not_send_ready(self):
        receiver = self.receiver()
        process = self.start_never(NOTIFY_SOCKET=receiver.path)
        self.assertEqual(self.ctl("daemon-reload")[0], 0)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        receiver.wait_for_lines(b"EXIT_STATUS=0")
        self.assertNotIn(b"READY=1", receiver.lines())
        self.assertNotIn(b"RELOADING=1", receiver.lines())

    def test_odd_output_lines_are_shown_as_by_systemctl(self):
        script = self.path("script")
        with open(script, "wb") as file:
            # One ASCII character, and then 3000 characters of two bytes: the line is cut at 4096
            # bytes.
            file.write(b"echo 'caf\xe9 au lait'\necho 'a" + "é".encode() * 3000 + b"'\nexec sleep infinity\n")
        self.start_idle()
        self.write_unit("latin.service", f"[Service]\nExecStart=/bin/sh {script}\n")
        self.ctl("start", "latin")
        bridge.eventually("it has written", lambda: "a" + "é" * 9 in self.ctl("status", "latin")[1])
        status, out, err = self.ctl("status", "latin")
        self.assertEqual((status, err), (0, ""))
        self.assertIn(": [12B blob data]\n", out)
        self.assertIn("a" + "é" * 2047 + "...\n", out)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_other_users_cannot_read_the_output_of_units(self):
        self.start_idle()
        os.chmod(self.dir, 0o755)
        self.write_unit("a.service", "[Service]\nExecStart=/bin/sh -c 'echo secret; sleep 1000'\n")
        self.ctl("start", "a")
        bridge.eventually("it has written", lambda: "secret\n" in self.ctl("status", "a")[1])
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        status, out, err = self.ctl("status", "a", options=user)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Active: active (running)", out)
        self.assertNotIn("secret\n", out)
        status, out, err = self.ctl("logs", "a", options=user)
        self.assertEqual((status, out), (4, ""))
        self.assertIn("may read the output of units", err)

    def test_clients_that_leave_free_their_descriptors(self):
        process = self.start_never()

        def descriptors():
            return len(os.listdir(f"/proc/{process.pid}/fd"))

        before = descriptors()
        for _ in range(100):
            with self.connect() as client:
                client.send(json.dumps({"call": "system-state", "waits": True}).encode())
        bridge.eventually("they are closed", lambda: descriptors() <= before + 2)

    def ask(self, **call):
        client = self.connect()
        client.send(json.dumps(call).encode())
        return client

    def answers(self, client):
        """Returns all answers, until the last one or the end of the connection."""
        client.settimeout(bridge.PATIENCE)
        found = []
        while packet := client.recv(200000):
            found.append(json.loads(packet))
            if "end" in found[-1] or "error" in found[-1]:
                break
        return found

    @contextlib.contextmanager
    def guest(self):
        os.chmod(self.dir, 0o755)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)

    def test_many_clients_wait_at_once(self):
        self.start_never()
        start = {"call": "enqueue", "type": "start", "mode": "replace", "waits": True}
        clients = [self.ask(**start, units=["never.service"]) for _ in range(400)]
        self.assertEqual(self.ctl("stop", "never")[0], 0)
        for client in clients:
            first, last = self.answers(client)
            self.assertEqual((first["unit"], first["outcome"]), ("never.service", "canceled"))
            self.assertEqual(last, {"end": True})

    def test_a_word_is_not_a_job_id(self):
        self.start_never()
        self.assertEqual(
            self.ctl("cancel", "never.service"),
            (1, "", 'Failed to parse job id "never.service": Invalid argument\n'),
        )

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_many_clients_of_other_users_do_not_lock_out_root(self):
        self.start_never()
        client = self.ask(call="system-state", waits=True)
        with self.guest():
            # A silent client must make room for another client.
            silent = [self.connect() for _ in range(300)]
            guests = [self.ask(call="system-state", waits=True) for _ in range(256)]
            refused = self.answers(self.ask(call="system-state", waits=True))
            self.assertEqual(self.answers(silent[0]), [])
        self.assertEqual([answer["error"] for answer in refused], ["LimitsExceeded"])
        self.assertEqual(self.ctl("cancel")[0], 0)
        for each in (client, *guests):
            self.assertEqual(self.answers(each)[-1], {"end": True})

    def test_init_continues_without_descriptors_for_clients(self):
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))}
        receiver = self.receiver()
        self.write_unit("idle.service", IDLE)
        self.write_unit("other.service", DONE)
        process = self.start_init("--unit=idle.service", options=limit, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for_lines(b"READY=1")
        first = self.connect()
        others = []

        def is_full():
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            others.append(client)
            self.addCleanup(client.close)
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(os.path.join(self.root, "run", "notifybridge", "control"))
                return False
            return max(map(int, os.listdir(f"/proc/{process.pid}/fd"))) >= 47

        bridge.eventually("a quarter is left, and no client is accepted", is_full)
        # Starting a unit needs descriptors.
        start = {"call": "enqueue", "type": "start", "mode": "replace", "waits": True}
        first.send(json.dumps({**start, "units": ["other.service"]}).encode())
        self.assertEqual([answer.get("outcome") for answer in self.answers(first)], ["done", None])
        # A client that has not made a call yet is served later.
        waits = self.start("notifybridge", "ctl", f"--root={self.root}", "is-active", "other")
        bridge.eventually("it waits", lambda: self.waiting([waits]) == 1)
        for client in others:
            client.close()
        self.assertEqual((waits.wait(), waits.out), (0, "active\n"))
        self.assertTrue(process.is_running(), process.err)

    def test_a_query_is_answered_during_startup(self):
        process = self.start_idle()
        names = [f"a{number}.service" for number in range(300)]
        for name in names:
            self.write_unit(name, DONE)
        self.write_unit("all.target", "[Unit]\nWants=" + " ".join(names) + "\n")
        self.ctl("daemon-reload")
        # All calls arrive before `init` continues.
        process.signal(signal.SIGSTOP)
        start = self.ask(call="enqueue", type="start", mode="replace", units=["all.target"])
        others = [self.ask(call="jobs") for _ in range(5)]
        process.signal(signal.SIGCONT)
        self.assertEqual(self.answers(start), [{"end": True}])
        waiting = [
            sum(answer.get("state") == "waiting" and answer["unit"] in names for answer in self.answers(other))
            for other in others
        ]
        self.assertGreater(max(waiting), 0)
        bridge.eventually("all is up", lambda: self.ctl("list-jobs", "--no-legend")[1] == "")
        self.assertEqual(self.property("all.target", "ActiveState"), "active")
        states = self.ctl("is-active", *names)
        self.assertEqual(states, (0, "active\n" * len(names), ""))

    def test_clients_above_the_limit_wait_for_their_turn(self):
        process = self.start_idle()
        process.signal(signal.SIGSTOP)
        clients = [
            self.start("notifybridge", "ctl", f"--root={self.root}", "is-active", "idle")
            for _ in range(15)
        ]
        # `init` has room for nine calls.
        bridge.eventually("some wait", lambda: self.waiting(clients) == len(clients))
        process.signal(signal.SIGCONT)
        for client in clients:
            self.assertEqual((client.wait(), client.err), (0, ""))

    def test_a_tree_of_many_units_needs_one_call(self):
        names = [f"a{number}.service" for number in range(1000)]
        directory = os.path.join(self.root, "run", "notifybridge")
        os.makedirs(directory)
        calls = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(os.path.join(directory, "control"))
            listener.listen()

            def answer():
                # The thread ends when the socket is shut down.
                with contextlib.suppress(OSError):
                    while True:
                        with listener.accept()[0] as client:
                            calls.append(json.loads(client.recv(200000)))
                            units = [[name, "active"] for name in names]
                            client.send(json.dumps({"units": units}).encode())
                            client.send(b'{"end": true}')

            manager = threading.Thread(target=answer)
            manager.start()
            status, out, err = self.ctl("list-dependencies", "all.target")
            listener.shutdown(socket.SHUT_RDWR)
            manager.join()
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out.count("● ├─a") + out.count("● └─a"), len(names))
        self.assertEqual([call["call"] for call in calls], ["dependencies"])

    def waiting(self, clients):
        """Returns how many of the clients are sleeping or have ended."""
        count = 0
        for client in clients:
            if not client.is_running():
                count += 1
                continue
            with open(f"/proc/{client.pid}/stat", encoding="ascii", errors="replace") as file:
                count += file.read().rsplit(")", 1)[1].split()[0] in "SZ"
        return count

    def test_show_prints_a_long_answer(self):
        self.start_idle()
        names = [f"a-long-name-of-a-target-{number:05d}.target" for number in range(5000)]
        self.write_unit("big.target", "[Unit]\nWants=" + " ".join(names) + "\n")
        variables = "".join(f"Environment=A{number}={'é' * 500}\n" for number in range(300))
        self.write_unit("big.service", f"[Service]\nExecStart=/bin/true\n{variables}")
        self.assertEqual(self.property("big.target", "Wants").split(), names)
        wanted = " ".join(f"A{number}={'é' * 500}" for number in range(300))
        self.assertEqual(self.property("big.service", "Environment"), wanted)

    def lingering_socket(self, seconds):
        """Returns a connection that takes long to close, because its other end does not read."""
        listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listener.getsockname())
        other = listener.accept()[0]
        for one in (listener, other):
            self.addCleanup(one.close)
        client.setblocking(False)
        try:
            while True:
                client.send(b"x" * 65536)
        except BlockingIOError:
            pass
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))
        return client

    def test_a_passed_socket_does_not_block_the_end_of_init(self):
        process = self.start_idle()
        # `init` is stopped here, so that it is the last to close its copy.
        process.signal(signal.SIGSTOP)
        client = self.lingering_socket(2 * bridge.PATIENCE)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendmsg(
                [b"READY=1"],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [client.fileno()]))],
                0,
                os.path.join(self.root, "run", "systemd", "notify"),
            )
        client.close()
        process.signal(signal.SIGCONT)
        self.assertEqual(self.ctl("is-active", "idle")[1], "active\n")

    def test_a_connection_does_not_block_the_end_of_init(self):
        self.start_idle()
        address = self.path("socket")
        script = self.path("linger.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"""
import socket, struct
connection = socket.socket(fileno=0)
connection.setblocking(False)
connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, {2 * bridge.PATIENCE}))
try:
    while True:
        connection.send(b"x" * 65536)
except BlockingIOError:
    pass
""")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.write_unit("linger.socket", f"[Socket]\nListenStream=127.0.0.1:{port}\nAccept=yes\n")
        self.write_unit("linger@.service", "[Service]\nStandardInput=socket\n"
                        f"ExecStart=/usr/bin/python3 {script}\n")
        self.assertEqual(self.ctl("start", "linger.socket")[0], 0)
        with socket.create_connection(("127.0.0.1", port)):
            bridge.eventually("it was served", lambda: self.property("linger.socket", "NAccepted") == "1"
                              and self.property("linger.socket", "NConnections") == "0")

    def test_a_blocked_service_keeps_no_other_socket_open(self):
        self.start_idle()
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        # Nobody reads the FIFO, so the service waits forever.
        self.write_unit("waits.service", IDLE + f"StandardOutput=file:{fifo}\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.write_unit("tcp.socket", f"[Socket]\nListenStream=127.0.0.1:{port}\n")
        self.write_unit("tcp.service", IDLE)
        self.assertEqual(self.ctl("start", "tcp.socket", "waits")[0], 0)
        self.assertEqual(self.ctl("stop", "tcp.socket")[0], 0)

        def is_closed():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) != 0

        bridge.eventually("nobody listens", is_closed)


bridge.main()

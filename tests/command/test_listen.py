#!/usr/bin/python3
"""Tests `wait --listen`: messages of a virtual machine, each over a separate connection.

The test takes the place of the guest. With cloud-hypervisor and firecracker, a guest's connection
to port N arrives at the Unix socket PATH_N as a plain stream. So the tests use Unix sockets.
"""

import os
import shutil
import signal
import socket
import threading
import unittest

import bridge
import few_calls

SETPRIV = shutil.which("setpriv")


def vsock_loopback():
    """Returns why this machine cannot connect to itself over vsock, or None if it can."""
    try:
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listening:
            listening.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
            listening.listen()
            with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as client:
                client.settimeout(5)
                client.connect((1, listening.getsockname()[1]))  # VMADDR_CID_LOCAL.
    except OSError as error:
        return f"this kernel has no loopback of vsock: {error}"
    return None


NO_VSOCK = vsock_loopback()
HAS_VSOCK_SOCKETS = NO_VSOCK is None or "Address family" not in NO_VSOCK


def free_vsock_port():
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listening:
        listening.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
        return listening.getsockname()[1]


class Listen(bridge.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver()
        self.place = self.path("vm.sock_9999")

    def start_listening(self, *options, address=None, command=("sleep", "infinity"), **env):
        """Starts `wait --listen`, and returns when a guest can connect."""
        process = self.start(
            "notifybridge", "wait", f"--listen={address or 'unix:' + self.place}", "--verbose",
            *options, *command,
            **{"SHARED_DIR": None, "NOTIFY_SOCKET": self.manager.path, **env},
        )
        bridge.eventually(
            lambda: f"it listens: {process.err}", lambda: "listening on " in process.err
        )
        return process

    def connect(self, port=None):
        if port is None:
            guest = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            place = self.place
        else:
            guest = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
            place = (1, port)
        self.addCleanup(guest.close)
        guest.settimeout(bridge.PATIENCE)
        guest.connect(place)
        return guest

    def say(self, text, port=None):
        """Sends a message like sd_notify(3) in a guest, and waits until `wait` has handled it."""
        with self.connect(port) as guest:
            guest.sendall(text if isinstance(text, bytes) else text.encode())
            guest.shutdown(socket.SHUT_WR)
            self.assertEqual(guest.recv(1), b"")

    def test_a_guest_makes_the_unit_ready(self):
        process = self.start_listening()
        self.assertIn("vmm.notify_socket=vsock-stream:2:9999", process.err)
        self.say("READY=1\nSTATUS=Welcome")
        # The sender in the guest has waited until the message was sent.
        self.assertIn(b"READY=1", self.manager.lines())
        self.assertIn(b"STATUS=Welcome", self.manager.lines())
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_the_old_socket_of_an_earlier_run_is_replaced(self):
        first = self.start_listening()
        self.say("STATUS=first")
        first.signal(signal.SIGKILL)
        first.wait()
        self.assertTrue(os.path.exists(self.place))
        self.start_listening()
        self.say("READY=1")
        self.assertIn(b"READY=1", self.manager.lines())

    @unittest.skipIf(NO_VSOCK, NO_VSOCK)
    def test_a_guest_sends_messages_over_vsock(self):
        port = free_vsock_port()
        self.start_listening(address=f"vsock:{port}")
        self.say("READY=1", port)
        self.assertIn(b"READY=1", self.manager.lines())

    @unittest.skipIf(NO_VSOCK, NO_VSOCK)
    def test_only_messages_of_the_named_guest_are_accepted(self):
        port = free_vsock_port()
        process = self.start_listening("--guest-cid=3", address=f"vsock:{port}")
        guest = self.connect(port)
        try:
            guest.sendall(b"READY=1")
            guest.shutdown(socket.SHUT_WR)
            self.assertEqual(guest.recv(1), b"")
        except OSError:
            pass
        bridge.eventually("it is said", lambda: "CID 1" in process.err or "guest 1" in process.err)
        self.assertNotIn(b"READY=1", self.manager.lines())
        process.end()
        self.start_listening("--guest-cid=1", address=f"vsock:{port}")
        self.say("READY=1", port)
        self.assertIn(b"READY=1", self.manager.lines())

    def test_fifty_senders_at_once_lose_no_message(self):
        self.start_listening()
        failures = []

        def send(number):
            try:
                for count in range(20):
                    self.say(f"X_SENDER={number}.{count}")
            except Exception as error:  # Another thread reports this exception.
                failures.append(error)

        senders = [threading.Thread(target=send, args=[number]) for number in range(50)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual(failures, [])
        lines = self.manager.lines()
        wanted = {f"X_SENDER={number}.{count}".encode() for number in range(50) for count in range(20)}
        self.assertEqual(wanted - set(lines), set())
        # The messages of each sender keep their order.
        for number in range(50):
            prefix = f"X_SENDER={number}.".encode()
            own = [line for line in lines if line.startswith(prefix)]
            self.assertEqual(own, [prefix + str(count).encode() for count in range(20)])

    def test_the_named_unit_of_the_guest_makes_the_unit_ready(self):
        self.start_listening("--ready-on=multi-user.target")
        self.say("READY=1\nSTATUS=Startup finished")
        self.say("X_SYSTEMD_UNIT_ACTIVE=sysinit.target")
        self.assertNotIn(b"READY=1", self.manager.lines())
        self.assertIn(b"STATUS=Startup finished", self.manager.lines())
        self.say("X_SYSTEMD_UNIT_ACTIVE=multi-user.target")
        self.assertIn(b"READY=1", self.manager.lines())

    def test_the_guests_exit_status_becomes_that_of_the_unit(self):
        # A virtual machine manager exits with 0, no matter what its guest reports.
        process = self.start_listening(command=("cat", self.fifo()))
        self.say("READY=1")
        self.say("EXIT_STATUS=3\nX_SYSTEMD_SHUTDOWN=poweroff")
        self.let_go()
        self.assertEqual(process.wait(), 3, process.err)

    def test_a_machine_that_fails_by_itself_fails_the_unit(self):
        process = self.start_listening(command=("sh", "-c", f"cat {self.fifo()}; exit 9"))
        self.say("EXIT_STATUS=0")
        self.let_go()
        self.assertEqual(process.wait(), 9, process.err)

    def fifo(self):
        os.mkfifo(self.path("fifo"))
        return self.path("fifo")

    def let_go(self):
        with open(self.path("fifo"), "w", encoding="ascii"):
            pass

    def test_without_a_command_the_guests_shutdown_ends_wait(self):
        process = self.start_listening(command=())
        self.say("READY=1")
        self.say("EXIT_STATUS=0\nX_SYSTEMD_SHUTDOWN=reboot")
        self.say("STATUS=booting again")
        self.assertTrue(process.is_running(), process.err)
        self.say("EXIT_STATUS=4\nX_SYSTEMD_SHUTDOWN=poweroff")
        self.assertEqual(process.wait(), 4, process.err)

    def test_a_guest_that_did_not_become_ready_is_explained(self):
        process = self.start_listening(command=("true",))
        self.assertEqual(process.wait(), 0)
        self.assertIn("vmm.notify_socket=vsock-stream:2:9999", process.err)
        self.assertIn("no message arrived from the guest", process.err)
        process = self.start_listening("--timeout=100ms")
        self.assertEqual(process.wait(), 124, process.err)
        self.assertIn("READY=1 did not arrive within 100ms", process.err)

    @unittest.skipUnless(HAS_VSOCK_SOCKETS, f"{NO_VSOCK}")
    @unittest.skipIf(os.path.exists("/dev/vhost-vsock"), "this machine has /dev/vhost-vsock")
    def test_a_missing_device_explains_that_no_message_arrives(self):
        process = self.start_listening("--timeout=100ms", address=f"vsock:{free_vsock_port()}")
        self.assertEqual(process.wait(), 124, process.err)
        self.assertIn("guests of this machine need /dev/vhost-vsock", process.err)

    def test_a_guest_is_restricted_like_a_container(self):
        self.start_listening("--deny=X_SECRET")
        self.say("MAINPID=1\nNOTIFYACCESS=all\nWATCHDOG_USEC=1\nX_SECRET=1\nSTATUS=evil")
        self.say("FDSTORE=1\nFDNAME=stolen\nSTATUS=store")
        self.say("BARRIER=1")
        self.say("STATUS=last")
        lines = self.manager.lines()
        self.assertIn(b"STATUS=evil", lines)
        self.assertIn(b"STATUS=last", lines)
        for key in b"MAINPID=", b"NOTIFYACCESS=", b"X_SECRET=", b"FDSTORE=", b"BARRIER=":
            self.assertFalse([line for line in lines if line.startswith(key)], lines)

    def test_invalid_messages_are_dropped_without_harm(self):
        process = self.start_listening()
        for text in b"\0" * 100, b"", b"no assignment":
            self.say(text)
        endless = self.connect()
        with self.assertRaises(OSError):
            while True:
                endless.sendall(b"x" * 4096)
        self.say("READY=1")
        self.assertEqual(
            [line for line in self.manager.lines() if not line.startswith(b"EXTEND")], [b"READY=1"]
        )
        self.assertTrue(process.is_running(), process.err)

    def test_silent_connections_do_not_delay_a_message(self):
        process = self.start_listening()
        silent = [self.connect() for _ in range(600)]
        self.say("READY=1")
        self.assertIn(b"READY=1", self.manager.lines())
        self.assertLess(len(os.listdir(f"/proc/{process.pid}/fd")), 400)
        self.assertEqual(process.err.count("closing the oldest connection"), 1, process.err)
        del silent

    def test_a_flood_is_delayed_but_not_lost(self):
        process = self.start_listening("--rate=5")
        # All messages are sent before `wait` accepts the first connection.
        process.signal(signal.SIGSTOP)
        for number in range(70):
            with self.connect() as guest:
                guest.sendall(f"X_NUMBER={number}".encode())
        process.signal(signal.SIGCONT)
        # The senders do not wait for each other, so the order may differ.
        wanted = {f"X_NUMBER={number}".encode() for number in range(70)}
        bridge.eventually("all arrive", lambda: wanted <= set(self.manager.lines()))
        # A burst of fifty messages is allowed.
        self.assertIn("delaying messages: more than 5 arrive per second", process.err)

    def assert_cannot_listen(self, words, *options, **more):
        result = self.run_to_end(
            "notifybridge", "wait", *options, "touch", self.path("started"), SHARED_DIR=None, **more
        )
        self.assertEqual(result[0], 125, result[2])
        self.assertIn(words, result[2])
        self.assertFalse(os.path.exists(self.path("started")))

    def test_places_that_cannot_be_listened_on_are_refused(self):
        with open(self.path("file"), "w", encoding="ascii"):
            pass
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(taken.close)
        taken.bind(self.path("taken"))
        taken.listen()
        for place, words in (
            ("file", "the file at this path is not a socket; remove it"),
            ("no/socket", "its directory does not exist; create it"),
            ("taken", "another process listens on this socket; stop it"),
            ("x" * 108, "a socket's path can have at most 107 bytes"),
        ):
            with self.subTest(place):
                self.assert_cannot_listen(words, f"--listen=unix:{self.path(place)}")

    @unittest.skipUnless(HAS_VSOCK_SOCKETS, f"{NO_VSOCK}")
    def test_ports_that_cannot_be_listened_on_are_refused(self):
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as taken:
            taken.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY))
            taken.listen()
            port = taken.getsockname()[1]
            self.assert_cannot_listen(
                "another process listens on this port; choose another", f"--listen=vsock:{port}"
            )

    @unittest.skipUnless(few_calls.is_known(), "the calls of this processor are not known here")
    def test_a_kernel_without_vsock_is_reported(self):
        self.assert_cannot_listen(
            "this kernel has no vsock, or the unit forbids it; run `modprobe vhost_vsock`",
            "--listen=vsock:9999",
            options={"preexec_fn": lambda: few_calls.give_up_family(socket.AF_VSOCK)},
        )

    @unittest.skipUnless(HAS_VSOCK_SOCKETS, f"{NO_VSOCK}")
    @unittest.skipUnless(SETPRIV and os.getuid() == 0, "needs root and setpriv(1)")
    def test_only_root_can_listen_on_low_ports(self):
        os.chmod(self.dir, 0o755)
        process = bridge.Process(
            self.dir,
            [SETPRIV, "--reuid=65534", "--clear-groups", bridge.EXECUTABLE, "wait",
             "--listen=vsock:900", "true"],
            self.environment(SHARED_DIR=None),
            start_new_session=True,
        )
        self.addCleanup(process.end)
        self.assertEqual(process.wait(), 125, process.err)
        self.assertIn("only root may use ports below 1024; choose a higher port", process.err)

    def test_contradictory_options_of_listen_are_refused(self):
        for options, words in (
            (["--listen=vsock:x"], "the port is not a number"),
            (["--listen=9999"], "--listen="),
            (["--ready-on=a.target"], "--ready-on has no effect without --listen"),
            (["--guest-cid=3"], "--guest-cid has no effect without --listen"),
            (["--listen=unix:/x", "--member=a"], "--member is only for containers"),
            (["--listen=unix:/x", "--ready-on=x"], "is not the name of a unit"),
            (["--listen=unix:/x", "--guest-cid=3"], "--guest-cid is only for vsock"),
            (["--listen=vsock:9999", "--guest-cid=x"], "is not a CID"),
            (["--listen=vsock:9999", "--guest-cid=4294967295"], "is not a CID"),
            (["--listen=vsock:9999", "--guest-cid=0"], "CID 0 is reserved; give the CID of"),
            (["--listen=vsock:9999", "--guest-cid=2"], "CID 2 is the host; give the CID of"),
            (["--listen=unix:/x", "--main-pid=translate"], "--main-pid=translate is only for containers"),
        ):
            with self.subTest(options=options):
                self.assert_refused(
                    self.run_to_end("notifybridge", "wait", *options, "true", SHARED_DIR=None), words
                )


if __name__ == "__main__":
    bridge.main()

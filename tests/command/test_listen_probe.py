#!/usr/bin/python3
"""Tests programs that do not notify, but listen: --ready-when=listen, and the published ports."""

import os
import socket
import time

import bridge
import probed

# An app that listens on the addresses in its arguments, one after the other, when the file "go"
# exists. Each argument is HOST:PORT, and "close" closes all sockets when the file "close" exists.
LISTENER = """
import os, socket, sys
os.chdir({directory!r})
while not os.path.exists("go"):
    time.sleep(0.01)
kept = []
for place in {places!r}:
    host, port = place.rsplit(":", 1)
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, int(port)))
    made.listen()
    kept.append(made)
while not os.path.exists("close"):
    time.sleep(0.01)
made = kept.clear()
time.sleep(60)
"""


class Case(probed.Case):
    def listener(self, *places):
        return bridge.app(LISTENER.format(directory=self.dir, places=places))

    def ready_after(self, seconds):
        """Returns whether READY=1 has come after this time."""
        time.sleep(seconds)
        return b"READY=1" in self.manager.lines()


class Listen(Case):
    def test_an_app_is_ready_as_soon_as_it_listens(self):
        for host in ("127.0.0.1", "0.0.0.0", "::1", "::"):
            with self.subTest(host):
                self.manager = self.receiver()
                port = probed.free_port()
                process = self.straight(
                    f"--ready-when=listen:{port}", *self.listener(f"{host}:{port}")
                )
                self.wait_for_status(f"waiting for listen:{port}: nothing listens there")
                self.assert_never_ready()
                self.write("go")
                self.manager.wait_for_lines(b"READY=1")
                process.end()
                os.unlink(self.path("go"))

    def test_no_connection_is_made(self):
        port = probed.free_port()
        script = (
            f"s = socket.create_server(('127.0.0.1', {port})); s.settimeout(1)\n"
            "try: s.accept(); print('a client')\nexcept TimeoutError: print('nobody')\n"
        )
        process = self.straight(
            f"--ready-when=listen:{port}", "python3", "-c", f"import socket\n{script}"
        )
        self.manager.wait_for_lines(b"READY=1")
        process.wait()
        self.assertIn("nobody", process.out)

    def test_a_socket_of_another_process_does_not_count(self):
        with socket.create_server(("127.0.0.1", 0)) as early:
            port = early.getsockname()[1]
            process = self.straight(f"--ready-when=listen:{port}", "sleep", "60")
            self.wait_for_status("only another process listens there")
            self.assert_never_ready()
            process.end()
        port = probed.free_port()
        process = self.straight(f"--ready-when=listen:{port}", "sleep", "60")
        self.wait_for_status("nothing listens there")
        with socket.create_server(("127.0.0.1", port)):
            self.wait_for_status("only another process listens there")
            self.assert_never_ready()

    def test_a_socket_that_a_child_keeps_counts(self):
        port = probed.free_port()
        script = (
            f"import os, socket, time\ns = socket.create_server(('127.0.0.1', {port}))\n"
            "if os.fork(): s.close()\ntime.sleep(60)\n"
        )
        self.straight(f"--ready-when=listen:{port}", "python3", "-c", script)
        self.manager.wait_for_lines(b"READY=1")

    def test_udp_and_paths_are_possible(self):
        port = probed.free_port()
        path = self.path("s")
        for probe, made in (
            (f"listen:udp:{port}", f"socket.SOCK_DGRAM); s.bind(('127.0.0.1', {port}))"),
            (f"listen:unix:{path}", f"socket.SOCK_STREAM); s.bind({path!r}); s.listen()"),
            (f"listen:unix:@{path}", f"socket.SOCK_STREAM); s.bind('\\0' + {path!r}); s.listen()"),
        ):
            with self.subTest(probe):
                self.manager = self.receiver()
                family = "AF_UNIX" if "unix" in probe else "AF_INET"
                process = self.straight(
                    f"--ready-when={probe}",
                    *bridge.app(f"import socket; s = socket.socket(socket.{family}, {made}; stay()"),
                )
                self.manager.wait_for_lines(b"READY=1")
                process.end()

    def test_an_unknown_place_is_refused(self):
        for probe, words in (
            ("listen", "no port is known; give the port that the app listens on"),
            ("listen:0", "is not a port"),
            ("listen:70000", "is not a port"),
            ("listen:host.name:80", "names are not looked up"),
            ("listen:sctp:80", "sctp is not supported"),
            ("listen:unix:/" + "x" * 107, "the path of a socket has 1 to 107 bytes"),
        ):
            with self.subTest(probe):
                process = self.straight(f"--ready-when={probe}", "true")
                self.assertEqual(process.wait(), 125)
                self.assertIn(words, process.err)
        process = self.straight("--published=80,x", "true")
        self.assertEqual(process.wait(), 125)
        self.assertIn('"80,x" is not a list of ports', process.err)


class Published(Case):
    def test_an_app_that_listens_gets_a_second(self):
        port = probed.free_port()
        self.write("go")
        self.straight(f"--published={port}", *self.listener(f"0.0.0.0:{port}"))
        self.assertFalse(self.ready_after(0.6))
        self.manager.wait_for_lines(b"READY=1")

    def test_the_option_waits_no_second(self):
        port = probed.free_port()
        self.straight(
            f"--published={port}", "--ready-when=listen", *self.listener(f"0.0.0.0:{port}")
        )
        self.wait_for_status("nothing listens there")
        before = time.monotonic()
        self.write("go")
        self.manager.wait_for_lines(b"READY=1")
        self.assertLess(time.monotonic() - before, 0.9)

    def test_an_app_that_speaks_decides_itself(self):
        port = probed.free_port()
        self.straight(
            f"--published={port}",
            *bridge.app(
                f"import socket; notify('STATUS=starting'); s = socket.create_server(('', {port}))\n"
                "time.sleep(2); notify('READY=1'); stay()"
            ),
        )
        self.assertFalse(self.ready_after(1.7))
        self.manager.wait_for_lines(b"READY=1")

    def test_the_ready_of_the_app_counts_at_once(self):
        port = probed.free_port()
        self.straight(f"--published={port}", *bridge.app("notify('READY=1'); stay()"))
        self.manager.wait_for_lines(b"READY=1")

    def test_some_of_the_ports_suffice_after_5_s(self):
        port = probed.free_port()
        other = probed.free_port()
        self.write("go")
        process = self.straight(
            f"--published={port},{other}", *self.listener(f"0.0.0.0:{port}")
        )
        self.wait_for_status(f"nothing listens on port {other}")
        self.assert_never_ready()
        self.manager.wait_for_lines(b"READY=1")
        self.assertIn(f"the command is ready without port {other}", process.err)

    def test_a_loopback_address_does_not_suffice(self):
        port = probed.free_port()
        self.write("go")
        self.straight(f"--published={port}", *self.listener(f"127.0.0.1:{port}"))
        self.wait_for_status(f"127.0.0.1:{port} only, which published ports never reach")
        self.assertFalse(self.ready_after(1.5))

    def test_the_watchdog_is_pinged_while_the_app_listens(self):
        port = probed.free_port()
        self.write("go")
        self.straight(
            f"--published={port}",
            *self.listener(f"0.0.0.0:{port}"),
            WATCHDOG_USEC="600000",
        )
        self.manager.wait_for_lines(b"READY=1")
        self.manager.wait_for_lines(b"WATCHDOG=1")
        self.write("close")
        self.wait_for_status(f"not alive: port {port}: nothing listens there")

    def test_the_watchdog_is_left_to_an_app_that_notifies(self):
        port = probed.free_port()
        self.straight(
            f"--published={port}",
            *bridge.app(
                f"import socket; s = socket.create_server(('', {port})); notify('READY=1'); stay()"
            ),
            WATCHDOG_USEC="600000",
        )
        self.manager.wait_for_lines(b"READY=1")
        time.sleep(1)
        self.assertNotIn(b"WATCHDOG=1", self.manager.lines())

    def test_other_options_come_first(self):
        port = probed.free_port()
        self.write("go")
        for option in ("--ready-when=notify", "--alive-when=process", "--health-cmd=false"):
            with self.subTest(option):
                self.manager = self.receiver()
                process = self.straight(
                    f"--published={port}", option, *self.listener(f"0.0.0.0:{port}")
                )
                self.assertFalse(self.ready_after(1.6))
                process.end()

    def test_run_names_the_reason_of_its_default(self):
        words = ["run", "--dry-run", "podman", "run", "-p", "80:8080", "image"]
        status, out, err = self.run_to_end("notifybridge", *words)
        self.assertEqual(status, 0, err)
        self.assertIn("ready when the app sends READY=1, or listens on port 8080, because -p publishes it", err)
        self.assertIn("--published=8080", out)


if __name__ == "__main__":
    bridge.main()

#!/usr/bin/python3
"""Tests the environment that the command gets."""

import ctypes.util
import json
import os
import signal
import socket
import sys
import unittest

import bridge

SHOW = [sys.executable, "-c", "import os, json; print(json.dumps(dict(os.environ)))"]


class Environment(bridge.Case):
    def shown(self, *words, **more):
        status, out, err = self.run_to_end(*words, *SHOW, **more)
        self.assertEqual(status, 0, err)
        return json.loads(out)

    def test_wait_does_not_pass_on_its_own_variables(self):
        receiver = self.receiver()
        env = self.shown(
            bridge.WAIT,
            NOTIFY_SOCKET=receiver.path,
            WATCHDOG_USEC="1000000",
            WATCHDOG_PID="1",
            LISTEN_FDS="1",
            LISTEN_PID="1",
            LISTEN_FDNAMES="x",
            FDSTORE="3",
            OTHER="stays",
        )
        for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "FDSTORE"):
            self.assertNotIn(name, env)
        for name in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"):
            self.assertNotIn(name, env)
        self.assertEqual(env["OTHER"], "stays")

    def test_wait_exports_an_absolute_shared_directory(self):
        relative = os.path.basename(self.shared)
        for words, more in (
            ([bridge.WAIT], {"SHARED_DIR": relative}),
            ([bridge.WAIT, f"--shared-dir={relative}"], {"SHARED_DIR": None}),
            ([bridge.WAIT, "--shared-dir", relative], {"SHARED_DIR": "/elsewhere"}),
            ([bridge.WAIT], {"SHARED_DIR": f"./{relative}/."}),
            ([bridge.WAIT], {"SHARED_DIR": f"{self.dir}//{relative}/"}),
        ):
            with self.subTest(words=words, more=more):
                env = self.shown(*words, options={"cwd": self.dir}, **more)
                self.assertEqual(env["SHARED_DIR"], self.shared)

    def test_a_slash_after_the_directory_is_not_in_the_socket_path(self):
        env = self.shown(bridge.WRAP, SHARED_DIR=f"{self.shared}/")
        self.assertEqual(env["NOTIFY_SOCKET"], f"{self.shared}/notify.sock")

    def test_wait_keeps_using_a_relative_directory(self):
        # The message about the missing `wrap` contains the whole path, but the working directory
        # cannot be read at that time.
        receiver = self.receiver()
        env = {"NOTIFY_SOCKET": receiver.path, "options": {"cwd": self.dir}}
        relative = f"--shared-dir={os.path.basename(self.shared)}"
        for words, wanted in ((["sh", "-c", "exit 3"], 3), (["--timeout=100ms", *bridge.IDLE], 124)):
            with self.subTest(words):
                status, _, err = self.run_to_end(bridge.WAIT, relative, *words, **env)
                self.assertEqual(status, wanted, err)
        wait = self.start(bridge.WAIT, relative, *bridge.IDLE, **env)
        bridge.eventually("it is there", lambda: os.path.exists(self.path(self.shared, "token")))
        wait.signal(signal.SIGTERM)
        self.assertEqual(wait.wait(), -signal.SIGTERM, wait.err)
        self.assertIn(f"no wrap has started in {self.shared}: ", wait.err)

    def test_wait_creates_the_directory_before_its_command_starts(self):
        os.rmdir(self.shared)
        status, out, err = self.run_to_end(bridge.WAIT, "stat", "--format=%a %F", self.shared)
        self.assertEqual((status, out), (0, "755 directory\n"), err)

    def test_wrap_sets_no_watchdog_if_the_host_has_none(self):
        env = self.shown(bridge.WRAP)
        self.assertEqual(env["NOTIFY_SOCKET"], os.path.join(self.shared, "notify.sock"))
        self.assertNotIn("WATCHDOG_USEC", env)
        self.assertNotIn("WATCHDOG_PID", env)

    def test_wrap_does_not_keep_its_working_directory_busy(self):
        for options, wanted in (
            ((), "/"),
            (("--ready-when=start",), "/"),
            (("--ready-when=exec:true",), self.bin),
            (("--alive-when=file:bin",), self.bin),
            (("--on-ready=true",), self.bin),
        ):
            with self.subTest(options):
                wrap = self.start(
                    bridge.WRAP,
                    *options,
                    *bridge.app("print(os.getcwd(), flush=True); stay()"),
                    options={"cwd": self.bin},
                )
                bridge.eventually("the app is up", lambda wrap=wrap: wrap.out.endswith("\n"))
                self.assertEqual(wrap.out, f"{self.bin}\n")

                def is_as_wanted(path=f"/proc/{wrap.pid}/cwd", wanted=wanted):
                    return os.readlink(path) == wanted

                bridge.eventually(f"it is in {wanted}", is_as_wanted)
                wrap.signal(signal.SIGTERM)
                wrap.wait()

    def test_the_hosts_watchdog_applies_to_each_process(self):
        code = (
            "notify('X_WATCHDOG=' + os.environ.get('WATCHDOG_USEC', 'none') + ' '"
            " + {'': 'none', str(os.getpid()): 'ours'}[os.environ.get('WATCHDOG_PID', '')])"
        )
        for options, pid in (((), b"none"), (("--watchdog-pid",), b"ours")):
            with self.subTest(options):
                self.setUp()
                receiver = self.receiver()
                self.start_app(receiver, code, wrap_options=options, WATCHDOG_USEC="30000000")
                receiver.wait_for(b"X_WATCHDOG=30000000 " + pid)

    def test_the_watchdog_reaches_an_app_below_a_shell(self):
        """Uses libsystemd's own sd_watchdog_enabled(3), if it is installed."""
        library = ctypes.util.find_library("systemd")
        if library is None:
            self.skipTest("libsystemd is not installed")
        code = (
            f"import ctypes; usec = ctypes.c_uint64(); found = ctypes.CDLL({library!r})"
            ".sd_watchdog_enabled(0, ctypes.byref(usec)); notify(f'X_FOUND={found} {usec.value}')"
        )
        receiver = self.receiver()
        self.start(bridge.WAIT, *self.command(bridge.WRAP), "sh", "-c", '"$@"; :', "sh",
                   *bridge.app(code), NOTIFY_SOCKET=receiver.path, WATCHDOG_USEC="30000000")
        receiver.wait_for(b"X_FOUND=1 30000000")

    @unittest.skipIf(os.geteuid() != 0, "root alone makes a pid namespace")
    def test_pid_1_accepts_variables_that_name_an_outer_pid(self):
        # With PrivatePIDs=, systemd sets the variables to a pid of its own namespace.
        receiver = self.receiver()
        code = (
            "count = int(os.environ.get('LISTEN_FDS', '0'));"
            "is_ours = os.environ.get('LISTEN_PID') == str(os.getpid());"
            "kind = os.readlink('/proc/self/fd/3').partition(':')[0] if count else '';"
            "notify(f\"X_GOT={os.environ.get('WATCHDOG_USEC')} {count} {is_ours} {kind}\")"
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            script = 'exec 3<&"$1"; shift; exec unshare --pid --fork --mount-proc -- "$@"'
            process = bridge.Process(
                self.dir,
                ["bash", "-c", script, "bash", str(listener.fileno()),
                 *self.command(bridge.WRAP, *bridge.app(code))],
                self.environment(NOTIFY_SOCKET=receiver.path, SHARED_DIR=None,
                                 RUNTIME_DIRECTORY=self.dir, WATCHDOG_USEC="30000000",
                                 WATCHDOG_PID="4242", LISTEN_PID="4242", LISTEN_FDS="1"),
                start_new_session=True, pass_fds=[listener.fileno()],
            )
            self.addCleanup(process.end)
            self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(receiver.messages, [b"X_GOT=30000000 1 True socket"])

    def test_a_watchdog_of_another_process_is_ignored(self):
        receiver = self.receiver()
        code = "notify('X_WATCHDOG=' + os.environ.get('WATCHDOG_USEC', 'none'))"
        self.start_app(receiver, code, WATCHDOG_USEC="30000000", WATCHDOG_PID="1")
        receiver.wait_for(b"X_WATCHDOG=none")


class Straight(bridge.Case):
    """`wrap` without a shared directory, under a service manager."""

    def start_straight(self, receiver, code, **env):
        return self.start(
            bridge.WRAP,
            *bridge.app(code),
            NOTIFY_SOCKET=receiver.path,
            SHARED_DIR=None,
            RUNTIME_DIRECTORY=self.shared,
            **env,
        )

    def test_messages_go_to_the_service_manager(self):
        receiver = self.receiver()
        code = "notify('READY=1\\nSTATUS=up'); barrier(); notify('STOPPING=1')"
        process = self.start_straight(receiver, code)
        self.assertEqual(process.wait(), 0, process.err)
        receiver.wait_for(b"STOPPING=1")
        self.assertEqual(receiver.messages[0], b"READY=1\nSTATUS=up")

    def test_wrap_creates_its_own_socket_and_removes_it(self):
        receiver = self.receiver()
        code = "notify('X_SOCKET=' + os.environ['NOTIFY_SOCKET'])"
        process = self.start_straight(receiver, code)
        self.assertEqual(process.wait(), 0, process.err)
        socket = receiver.wait_until("the socket", lambda messages: messages and messages[0])
        self.assertTrue(socket.startswith(b"X_SOCKET=" + self.shared.encode()), socket)
        self.assertEqual(os.listdir(self.shared), [])

    def test_a_relative_or_too_long_directory_is_skipped(self):
        receiver = self.receiver()
        deep = os.path.join(self.dir, *["directory" * 4] * 3)
        os.makedirs(deep)
        code = "notify('X_SOCKET=' + os.environ['NOTIFY_SOCKET'])"
        for place in ("relative", ".", deep):
            with self.subTest(place):
                receiver.messages.clear()
                process = self.start(
                    bridge.WRAP,
                    *bridge.app(code),
                    NOTIFY_SOCKET=receiver.path,
                    SHARED_DIR=None,
                    RUNTIME_DIRECTORY=place,
                    XDG_RUNTIME_DIR=self.shared,
                )
                self.assertEqual(process.wait(), 0, process.err)
                socket = receiver.wait_until("it", lambda messages: messages and messages[0])
                self.assertTrue(socket.startswith(b"X_SOCKET=" + self.shared.encode()), socket)

    def test_refused_keys_do_not_reach_the_manager(self):
        receiver = self.receiver()
        code = (
            "notify('MAINPID=1\\nSTATUS=a\\nNOTIFYACCESS=all');"
            "notify('MAINPID=1'); notify('X_END=1')"
        )
        self.start_straight(receiver, code)
        receiver.wait_for(b"X_END=1")
        self.assertEqual(receiver.lines(), [b"STATUS=a", b"X_END=1"])

    def test_sockets_that_were_passed_in_reach_the_command(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        code = (
            "ours = os.environ['LISTEN_PID'] == str(os.getpid());"
            "notify(f'X_LISTEN={os.environ[\"LISTEN_FDS\"]} {ours} {os.read(3, 5).decode()}')"
        )
        # The first passed descriptor has number 3, so a shell opens the pipe there.
        words = self.command(bridge.WRAP, *bridge.app(code))
        script = f'exec 3<&{reading}; export LISTEN_PID=$$; exec "$@"'
        process = bridge.Process(
            self.dir,
            ["sh", "-c", script, "sh", *words],
            self.environment(
                NOTIFY_SOCKET=receiver.path,
                SHARED_DIR=None,
                RUNTIME_DIRECTORY=self.shared,
                LISTEN_FDS="1",
            ),
            pass_fds=[reading],
            start_new_session=True,
        )
        self.addCleanup(process.end)
        os.write(writing, b"hello")
        receiver.wait_for(b"X_LISTEN=1 True hello")
        os.close(reading)
        os.close(writing)


bridge.main()

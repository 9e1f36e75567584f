#!/usr/bin/python3
"""Tests the path of a message from the app through `wrap` and `wait` to the service manager."""

import contextlib
import os
import select
import shutil
import signal
import socket
import time

import bridge

STAY = "\nstay()"


class Relay(bridge.Case):
    def test_messages_arrive_whole_and_in_order(self):
        receiver = self.receiver()
        code = "for n in range(1000): notify(f'X_NUMBER={n}\\nX_MORE=' + 'm' * n)"
        process = self.start_app(receiver, code)
        self.assertEqual(process.wait(), 0, process.err)
        receiver.wait_until("all of them", lambda messages: len(messages) >= 1000)
        wanted = [f"X_NUMBER={n}\nX_MORE={'m' * n}".encode() for n in range(1000)]
        self.assertEqual(receiver.messages, wanted)

    def test_the_last_message_arrives_before_wait_ends(self):
        receiver = self.receiver()
        code = "for i in range(300): notify(f'X_NUMBER={i}')\nnotify('STOPPING=1\\nSTATUS=bye')"
        process = self.start_app(receiver, code)
        self.assertEqual(process.wait(), 0, process.err)
        # All messages that were sent before the end of `wait` are in the receiver's queue now. This
        # message comes after them.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"X_AFTER=1", receiver.path)
        receiver.wait_for(b"X_AFTER=1")
        self.assertEqual(receiver.messages[-2], b"STOPPING=1\nSTATUS=bye")
        self.assertEqual(len(receiver.messages), 302)

    def test_a_barrier_ends_when_the_manager_has_the_message(self):
        receiver = self.receiver()
        code = """
for number in range(50):
    notify(f'X_NUMBER={number}')
    barrier()
    print(number, flush=True)
    sys.stdin.readline()
"""
        reading, writing = os.pipe()
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app(code)),
            NOTIFY_SOCKET=receiver.path,
            stdin=reading,
        )
        os.close(reading)
        for number in range(50):
            bridge.eventually("the barrier ends", lambda: f"{number}\n" in process.out)
            self.assertEqual(receiver.messages[-1], f"X_NUMBER={number}".encode())
            os.write(writing, b"next\n")
        os.close(writing)
        self.assertEqual(process.wait(), 0)

    def test_a_barrier_in_a_run_without_wait_ends_at_once(self):
        status, _, err = self.run_to_end(bridge.WRAP, *bridge.app("notify('READY=1'); barrier()"))
        self.assertEqual(status, 0, err)

    def test_the_option_explain_names_the_rule_of_each_decision(self):
        receiver = self.receiver()
        process = self.start_app(
            receiver,
            "notify('READY=1\\nMAINPID=5'); notify('STATUS=\\x1b[1m'); notify('X_END=1')" + STAY,
            ["--explain"],
        )
        receiver.wait_for(b"X_END=1")
        bridge.eventually("all is explained", lambda: "X_END=1" in process.err)
        lines = [line.split("] ", 1)[-1] for line in process.err.splitlines()]
        self.assertIn('"READY=1": forwarded: this is the default for its key', lines)
        self.assertTrue(any(line.startswith('"MAINPID=5": dropped: ') for line in lines), lines)
        self.assertIn('"READY=1\\nMAINPID=5": changed: sent as READY=1', lines)
        self.assertNotIn("\x1b", process.err)

    def test_forbidden_keys_are_dropped(self):
        receiver = self.receiver()
        refused = ("MAINPID=1", "MAINPIDFD=1", "NOTIFYACCESS=all", "RESTART_RESET=1", "FDNAME=a")
        code = f"""
for line in {refused!r}:
    notify(line)
    notify('STATUS=next to it\\n' + line)
    notify(line.replace('=', '=\\r', 1))
notify('MA\\\\INPID=1')
notify('STATUS=x\\rMAINPID=1')
notify('X_END=1')
"""
        self.start_app(receiver, code + STAY)
        receiver.wait_for(b"X_END=1")
        received = b"\n".join(receiver.messages)
        for line in refused:
            self.assertNotIn(line.split("=")[0].encode(), received)
        self.assertNotIn(b"INPID", received)
        self.assertEqual(received.count(b"STATUS=next to it"), len(refused))

    def test_the_option_allow_forwards_a_refused_key(self):
        receiver = self.receiver()
        self.start_app(
            receiver, "notify('RESTART_RESET=1')" + STAY, wait_options=["--allow=RESTART_RESET"]
        )
        receiver.wait_for(b"RESTART_RESET=1")

    def test_only_invalid_datagrams_are_dropped(self):
        receiver = self.receiver()
        code = """
notify('X_LONG=' + 'x' * (4097 - 7))
notify('X_NUL=1\\0X_MORE=1')
notify('X_ESCAPE=1\\\\')
notify(b'')
notify('X_LONGEST=' + 'x' * (4096 - 10))
notify('X_TRAILING_NUL=1\\0')
notify(b'STATUS=\\xff\\xfe')
null = os.open('/dev/null', os.O_RDONLY)
notify('FDSTORE=1\\nFDNAME=x', [null] * 3)
notify('X_FDS=1', [null] * 253)
notify('BARRIER=1')
notify('BARRIER=1\\nREADY=1')
notify('X_END=1')
"""
        process = self.start_app(receiver, code + STAY)
        receiver.wait_for(b"X_END=1")
        received = b"\n".join(receiver.messages)
        for dropped in (b"X_LONG=", b"X_NUL", b"X_ESCAPE", b"X_MORE", b"READY", b"BARRIER"):
            self.assertNotIn(dropped, received)
        for kept in (b"X_LONGEST=", b"X_TRAILING_NUL=1", b"X_FDS=1"):
            self.assertIn(kept, received)
        self.assertTrue(process.is_running())

    def test_no_descriptor_is_leaked(self):
        receiver = self.receiver()
        code = """
null = os.open('/dev/null', os.O_RDONLY)
for text in ['FDSTORE=1', 'X_A=1', 'BARRIER=1', 'BARRIER=1\\nX_B=1', 'x' * 5000, 'X_C=\\0X_D'] * 30:
    notify(text, [null] * 3)
notify('X_END=1')
barrier()
print('up', os.getppid(), flush=True)
"""
        process = self.start_app(receiver, code + STAY)
        bridge.eventually("all of it is sent", lambda: process.out.endswith("\n"))
        for pid in (process.pid, process.out.split()[1]):
            fds = [int(fd) for fd in os.listdir(f"/proc/{pid}/fd")]
            self.assertLess(len(fds), 25, fds)
            # The standard streams are always open.
            targets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in fds if fd > 2]
            self.assertNotIn("/dev/null", targets)


class Attach(bridge.Case):
    """Tests of a `wait` without a command, beside a `wrap` that was started elsewhere."""

    def start_wrap(self, code):
        process = self.start(bridge.WRAP, *bridge.app(code))
        bridge.eventually("the app is up", lambda: process.out)
        return process

    def attach(self, receiver, *options, **env):
        return self.start(bridge.WAIT, *options, NOTIFY_SOCKET=receiver.path, **env)

    def test_a_late_wait_loses_no_message(self):
        self.start_wrap(
            "notify('STATUS=old'); notify('READY=1\\nSTATUS=up'); notify('WATCHDOG=1')\n"
            "notify('X_EVENT=1'); notify('ERRNO=5'); barrier(); up()" + STAY
        )
        receiver = self.receiver()
        self.attach(receiver)
        receiver.wait_for_lines(b"READY=1", b"STATUS=up", b"ERRNO=5")
        self.assertEqual(len(receiver.messages), 1, "the folded state is one datagram")
        for event in (b"WATCHDOG=1", b"X_EVENT=1", b"STATUS=old"):
            self.assertNotIn(event, receiver.lines())

    def test_a_new_wait_ignores_an_ended_run(self):
        self.assertEqual(self.run_to_end(bridge.WRAP, *bridge.app("notify('READY=1')"))[0], 0)
        receiver = self.receiver()
        waiting = self.attach(receiver)
        self.start_wrap("notify('STATUS=new'); up()" + STAY)
        receiver.wait_for(b"STATUS=new")
        self.assertNotIn(b"READY=1", receiver.lines())
        self.assertTrue(waiting.is_running())

    def is_attached(self):
        """Returns whether the host file names the run. The file exists before `wait` has found a
        run."""
        try:
            with open(os.path.join(self.shared, "host"), "rb") as file:
                return b"\nRUN_ID=" in file.read()
        except FileNotFoundError:
            return False

    def test_a_resumed_wait_does_not_send_ready_again(self):
        for member in ([], ["--member=a"]):
            for options, status in (["--until=ready"], 0), (["--timeout=200ms"], 143):
                with self.subTest(options + member):
                    self.renew_shared_directory()
                    receiver = self.receiver()
                    invocation = {"INVOCATION_ID": "a" * 32}
                    killed = self.attach(receiver, *member, **invocation)
                    shared = os.path.join(self.shared, "a" if member else ".")
                    bridge.eventually("it is there", lambda d=shared: os.path.exists(f"{d}/host"))
                    app = bridge.app("notify('READY=1'); barrier(); up(); stay()")
                    wrap = self.start(bridge.WRAP, f"--shared-dir={shared}", *app)
                    bridge.eventually("the app is ready", lambda w=wrap: w.out)
                    killed.signal(signal.SIGKILL)
                    killed.wait()
                    next_one = self.attach(receiver, *options, *member, **invocation)
                    if status != 0:
                        time.sleep(0.5)
                        self.assertTrue(next_one.is_running(), next_one.err)
                        wrap.signal(signal.SIGTERM)
                    self.assertEqual(next_one.wait(), status, next_one.err)
                    self.assertEqual(receiver.lines().count(b"READY=1"), 1)
                    wrap.end()

    def test_an_attached_wait_ends_with_the_runs_status(self):
        for wanted in (0, 3):
            with self.subTest(wanted):
                receiver = self.receiver()
                wrap = self.start_wrap(
                    f"signal.signal(signal.SIGTERM, lambda *_: os._exit({wanted})); up(); stay()"
                )
                waiting = self.attach(receiver)
                bridge.eventually("wait is attached", self.is_attached)
                wrap.signal(signal.SIGTERM)
                self.assertEqual(wrap.wait(), wanted)
                self.assertEqual(waiting.wait(), wanted, waiting.err)

    def test_a_broken_off_run_is_delivered_and_exits_with_1(self):
        receiver = self.receiver()
        wrap = self.start_wrap(
            "notify('READY=1'); up()" + STAY
        )
        waiting = self.attach(receiver)
        receiver.wait_for(b"READY=1")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"STATUS=last words", os.path.join(self.shared, "notify.sock"))
        bridge.eventually(
            "wrap has it", lambda: "STATUS=last words" in self.container_status()
        )
        wrap.signal(signal.SIGKILL)
        self.assertEqual(waiting.wait(), 1)
        receiver.wait_for(b"STATUS=last words")

    def test_wait_ends_if_its_directory_is_removed(self):
        for has_run in (False, True):
            with self.subTest(has_run=has_run):
                self.renew_shared_directory()
                receiver = self.receiver()
                process = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=receiver.path)
                host = os.path.join(self.shared, "host")
                bridge.eventually("wait is there", lambda: os.path.exists(host))
                if has_run:
                    run = self.start(bridge.WRAP, *bridge.app("notify('READY=1'); stay()"))
                    receiver.wait_for(b"READY=1")
                if has_run:
                    # The directory is empty long before it is removed.
                    for name in os.listdir(self.shared):
                        with contextlib.suppress(FileNotFoundError):
                            os.unlink(os.path.join(self.shared, name))
                    run.signal(signal.SIGTERM)
                    run.wait()
                    time.sleep(0.3)
                shutil.rmtree(self.shared)
                self.assertEqual(process.wait(), 1, process.err)
                self.assertIn("was removed", process.err)

    def test_wait_leaves_the_next_run_alone(self):
        for options in ((), ("--until=ready",)):
            self.renew_shared_directory()
            receiver = self.receiver()
            wait = self.start(bridge.WAIT, *options, NOTIFY_SOCKET=receiver.path)
            bridge.eventually("wait is there", lambda: os.path.exists(self.shared + "/host"))
            reading, writing = os.pipe()
            self.addCleanup(os.close, writing)
            code = "notify('X_FIRST=1'); sys.stdin.readline(); sys.exit(4)"
            first = self.start(bridge.WRAP, *bridge.app(code), stdin=reading)
            os.close(reading)
            receiver.wait_for(b"X_FIRST=1")
            wait.signal(signal.SIGSTOP)
            os.write(writing, b"\n")
            self.assertEqual(first.wait(), 4)
            code = "notify('READY=1'); up(); stay()"
            second = self.start(bridge.WRAP, *bridge.app(code))
            bridge.eventually("the second is up", lambda second=second: second.out)
            wait.signal(signal.SIGCONT)
            self.assertEqual(wait.wait(), 4)
            self.assertEqual(receiver.messages, [b"X_FIRST=1"])

    def test_sigterm_ends_the_attached_wait_alone(self):
        receiver = self.receiver()
        wrap = self.start_wrap("notify('READY=1'); up()" + STAY)
        waiting = self.attach(receiver)
        receiver.wait_for(b"READY=1")
        waiting.signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(), 0)
        self.assertTrue(wrap.is_running())

    def test_a_killed_wait_resumes_without_loss(self):
        receiver = self.receiver()
        wrap = self.start(
            bridge.WRAP,
            *bridge.app(
                """
def send(*_):
    global number
    for _ in range(100):
        notify(f'X_NUMBER={number}')
        number += 1
    print(number, flush=True)
number = 0
signal.signal(signal.SIGUSR1, send)
up()
stay()
"""
            ),
        )
        bridge.eventually("the app is up", lambda: wrap.out)
        env = {"INVOCATION_ID": "0123456789abcdef0123456789abcdef"}
        waiting = self.attach(receiver, **env)
        for end in range(100, 1100, 100):
            wrap.signal(signal.SIGUSR1)
            bridge.eventually(f"the app sent {end}", lambda: f"{end}\n" in wrap.out)
            # `wait` is killed while it works, or after it has finished, depending on timing.
            waiting.signal(signal.SIGKILL)
            waiting.wait()
            waiting = self.attach(receiver, **env)
            receiver.wait_for(f"X_NUMBER={end - 1}".encode())
        numbers = [int(message[9:]) for message in receiver.messages if message[:2] == b"X_"]
        self.assertEqual(sorted(set(numbers)), list(range(1000)), "none is lost")
        repeated = sum(1 for a, b in zip(numbers, numbers[1:]) if b <= a)
        self.assertLessEqual(repeated, 10, "a batch is sent again at most once a kill")
        for before, after in zip(numbers, numbers[1:]):
            self.assertTrue(after == before + 1 or before - 64 <= after <= before, (before, after))

    def test_a_new_invocation_starts_with_the_folded_state(self):
        receiver = self.receiver()
        self.start_wrap("notify('STATUS=up'); notify('READY=1'); up()" + STAY)
        for invocation in ("1" * 32, "2" * 32):
            with self.subTest(invocation):
                receiver.messages.clear()
                waiting = self.attach(receiver, INVOCATION_ID=invocation)
                receiver.wait_for_lines(b"READY=1", b"STATUS=up")
                waiting.signal(signal.SIGKILL)
                waiting.wait()

    def test_the_option_keep_waits_for_the_next_run(self):
        receiver = self.receiver()
        waiting = self.attach(receiver, "--keep")
        for number in range(3):
            code = f"notify('X_RUN={number}'); barrier()"
            self.assertEqual(self.run_to_end(bridge.WRAP, *bridge.app(code))[0], 0)
            receiver.wait_for(f"X_RUN={number}".encode())
            self.assertTrue(waiting.is_running())


class Waiting(bridge.Case):
    """Tests of other options of `wait`: how long to wait, until which event, and for which user."""

    def test_a_command_that_never_gets_ready_is_ended(self):
        for words, env in ((["--timeout=100ms"], {}), ([], {"TIMEOUT": "100ms"})):
            with self.subTest(words=words, env=env):
                process = self.start(bridge.WAIT, *words, "sleep", "1000", **env)
                self.assertEqual(process.wait(), 124)
                self.assertIn("TIMEOUT", process.err)
                self.assertIn("--timeout", process.err)

    def test_in_a_unit_only_systemd_limits_the_start(self):
        limit = "waiting at most 1min for READY=1"
        receiver = self.receiver()
        for env in ({}, {"INVOCATION_ID": "1" * 32}, {"NOTIFY_SOCKET": receiver.path}):
            with self.subTest(env):
                result = self.run_to_end(bridge.WAIT, "--verbose", "true", **env)
                self.assertEqual(result[0], 0, result[2])
                self.assertEqual(limit in result[2], not env, result[2])

    def test_a_ready_timeout_is_logged_once(self):
        for command in ([], ["sleep", "1000"]):
            with self.subTest(command):
                result = self.run_to_end(
                    bridge.WAIT,
                    "--until=ready",
                    "--timeout=100ms",
                    *command,
                    NOTIFY_SOCKET=self.receiver().path,
                )
                self.assert_refused(result, "TIMEOUT", "--timeout", status=124)

    def test_an_ended_command_does_not_time_out(self):
        for status in (0, 3):
            for words in ([], ["--until=ready"]):
                with self.subTest(words=words, status=status):
                    result = self.run_to_end(
                        bridge.WAIT, *words, "sh", "-c", f"exit {status}", TIMEOUT="500ms"
                    )
                    wanted = 1 if words and status == 0 else status
                    self.assertEqual(result[0], wanted, result[2])
                    self.assertNotIn("Timeout", result[2])

    def test_a_detached_run_after_the_timeout_is_too_late(self):
        receiver = self.receiver()
        late = 'sleep 0.4; exec "$@"'
        # The client ends at once, and leaves its container running.
        client = 'setsid "$@" &'
        result = self.run_to_end(
            bridge.WAIT,
            "--timeout=200ms",
            *("sh", "-c", client, "client", "sh", "-c", late, "late"),
            *self.command(bridge.WRAP, *bridge.app("stay()")),
            NOTIFY_SOCKET=receiver.path,
        )
        self.assertEqual(result[0], 124, result[2])

    def test_a_run_that_outlives_its_command_keeps_the_rate_limit(self):
        receiver = self.receiver()
        # Like `podman run -d`, this client ends when its container has started.
        client = 'CLIENT=$$ setsid "$@" & until [ -e "$SHARED_DIR/journal" ]; do sleep 0.01; done'
        # The app continues when `wait` has reaped the client.
        code = """
        while os.path.exists("/proc/" + os.environ["CLIENT"]):
            time.sleep(0.01)
        for number in range(400):
            notify(f"STATUS={number}")
        barrier()
        """
        process = self.start(
            bridge.WAIT,
            "--rate=10",
            *("sh", "-c", client, "client"),
            *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
            NOTIFY_SOCKET=receiver.path,
        )
        self.assertEqual(process.wait(), 0, process.err)
        # A burst of 100 is allowed. Later texts that have to wait replace each other.
        self.assertIn(b"STATUS=399", receiver.messages)
        self.assertLess(len(receiver.messages), 300)

    def test_undelivered_messages_are_counted(self):
        for code, counted in (
            ("notify('X_A=1')", "1 message"),
            ("notify('X_A=1'); notify('X_A=2')", "2 messages"),
        ):
            with self.subTest(counted):
                status, _, err = self.run_to_end(
                    bridge.WAIT,
                    "--stop-timeout=100ms",
                    *self.command(bridge.WRAP, *bridge.app(code)),
                    NOTIFY_SOCKET=self.path("nobody"),
                )
                self.assertEqual(status, 0, err)
                self.assertIn(f" {counted} could not be delivered", err)

    def test_an_app_that_ignores_a_stop_is_killed_after_a_timeout(self):
        ignoring = bridge.app("signal.signal(signal.SIGTERM, signal.SIG_IGN)" + STAY)
        wrap = self.command(bridge.WRAP, *ignoring)
        process = self.start(bridge.WAIT, "--timeout=1s", "--stop-timeout=100ms", *wrap)
        self.assertEqual(process.wait(), 124)

    def test_a_wrap_as_command_leaves_no_process_behind(self):
        stays = "trap '' TERM; sleep 100 & sleep 100; sleep 100"
        leaves = "(trap '' TERM; sleep 100) & trap 'exit 0' TERM; while :; do sleep 0.1; done"
        for script in (stays, leaves):
            with self.subTest(script):
                # All processes hold the pipe open, so its end shows that the last process has
                # ended.
                reading, writing = os.pipe()
                process = self.start(
                    bridge.WAIT,
                    "--timeout=300ms",
                    "--stop-timeout=2s",
                    *self.command(bridge.WRAP, "sh", "-c", script),
                    options={"pass_fds": [writing]},
                )
                os.close(writing)
                self.assertEqual(process.wait(), 124)
                self.assertEqual(select.select([reading], [], [], 0)[0], [reading])
                os.close(reading)

    def test_ready_in_time_prevents_a_timeout(self):
        receiver = self.receiver()
        code = "notify('READY=1'); barrier(); time.sleep(4.5); notify('X_END=1')"
        process = self.start_app(receiver, code, wait_options=["--timeout=4s"])
        self.assertEqual(process.wait(), 0, process.err)
        receiver.wait_for(b"X_END=1")

    def test_the_app_may_request_more_time(self):
        receiver = self.receiver()
        code = (
            "notify('EXTEND_TIMEOUT_USEC=60000000'); barrier(); time.sleep(4.5)\n"
            "notify('READY=1')"
        )
        process = self.start_app(receiver, code, wait_options=["--timeout=4s"])
        self.assertEqual(process.wait(), 0, process.err)

    def test_a_denied_extension_gives_no_time(self):
        receiver = self.receiver()
        process = self.start_app(
            receiver,
            "notify('EXTEND_TIMEOUT_USEC=60000000'); stay()",
            ["--timeout=1", "--deny=EXTEND_TIMEOUT_USEC"],
        )
        self.assertEqual(process.wait(), 124)

    def test_wait_until_ready_leaves_the_app_running(self):
        code = (
            "print(os.getpid(), flush=True); notify('READY=1'); barrier()\n"
            "notify('STATUS=alone'); barrier(); print('not held up', flush=True)"
        )
        process = self.start(
            bridge.WAIT, "--until=ready", *self.command(bridge.WRAP, *bridge.app(code + STAY))
        )
        self.assertEqual(process.wait(), 0, process.err)
        os.kill(int(process.out.split()[0]), 0)
        bridge.eventually("its barriers are answered", lambda: "not held up" in process.out)
        # A `wait` that starts later gets the state.
        receiver = self.receiver()
        self.start(bridge.WAIT, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1\nSTATUS=alone")

    def test_wait_until_ready_fails_if_the_app_ends_before_readiness(self):
        for status in (0, 3):
            with self.subTest(status):
                wrap = self.command(bridge.WRAP, "sh", "-c", f"exit {status}")
                process = self.start(bridge.WAIT, "--until=ready", *wrap)
                self.assertNotEqual(process.wait(), 0)

    def test_without_a_service_manager_messages_are_printed(self):
        code = "notify('READY=1\\nSTATUS=it is up')"
        process = self.start(bridge.WAIT, *self.command(bridge.WRAP, *bridge.app(code)))
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("NOTIFY_SOCKET", process.err)
        self.assertIn("READY=1", process.out + process.err)
        self.assertIn("it is up", process.out + process.err)

    def test_a_late_service_manager_is_used(self):
        path = self.path("notify")
        code = (
            "notify('READY=1'); up()\n"
            "while True: notify('WATCHDOG=1'); time.sleep(0.1)"
        )
        process = self.start(
            bridge.WAIT, *self.command(bridge.WRAP, *bridge.app(code)), NOTIFY_SOCKET=path
        )
        bridge.eventually("the app is up", lambda: process.out)
        receiver = self.receiver(path)
        receiver.wait_for_lines(b"READY=1")

    def test_a_late_detached_run_also_waits_for_the_manager(self):
        path = self.path("notify")
        process = self.start(
            bridge.WAIT,
            "--stop-timeout=100ms",
            *("sh", "-c", 'setsid "$@" &', "client"),
            *("sh", "-c", 'sleep 0.4; exec "$@"', "late"),
            *self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()")),
            NOTIFY_SOCKET=path,
        )
        bridge.eventually("the app is up", lambda: process.out)
        time.sleep(0.3)
        receiver = self.receiver(path)
        receiver.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_a_service_manager_that_returns_is_used_again(self):
        path = self.path("notify")
        receiver = bridge.Receiver(path)
        code = "notify('READY=1')\nfor n in range(10**6): notify(f'X_NUMBER={n}'); time.sleep(0.01)"
        self.start_app(receiver, code)
        receiver.wait_for(b"X_NUMBER=5")
        receiver.close()
        again = self.receiver(path)
        again.wait_until("more of them", lambda messages: len(messages) > 5)

    def test_a_command_that_forks_into_the_background_is_followed(self):
        receiver = self.receiver()
        wrap = " ".join(self.command(bridge.WRAP))
        script = (
            f"setsid {wrap} sh -c 'sleep 0.3; exit 4' &"
            f"until [ -S {self.shared}/notify.sock ]; do :; done"
        )
        process = self.start(bridge.WAIT, "sh", "-c", script, NOTIFY_SOCKET=receiver.path)
        self.assertEqual(process.wait(), 4, process.err)


bridge.main()

#!/usr/bin/python3
"""Everything works if a kernel, a sandbox or a container's filter lacks newer calls."""

import errno
import functools
import signal
import sys

import bridge
import few_calls
import managed

ERRORS = (errno.ENOSYS, errno.EPERM)


class FewCalls(managed.Case):
    def start_with(self, error, name, *words, **env):
        options = {"preexec_fn": functools.partial(few_calls.give_up, error)}
        return self.start(name, *words, options=options, **env)

    def for_each_error(self):
        for error in ERRORS:
            self.renew_shared_directory()
            yield error, self.receiver()

    def test_the_end_of_the_command_is_noticed(self):
        for error, receiver in self.for_each_error():
            words = self.command(bridge.WRAP, *bridge.app("notify('STATUS=up'); sys.exit(7)"))
            process = self.start_with(error, bridge.WAIT, *words, NOTIFY_SOCKET=receiver.path)
            self.assertEqual(process.wait(), 7, process.err)
            self.assertEqual(receiver.messages, [b"STATUS=up"])

    def test_signals_reach_the_command(self):
        for error, receiver in self.for_each_error():
            end = "signal.signal(signal.SIGTERM, lambda *_: os._exit(3))\n"
            words = self.command(bridge.WRAP, *bridge.app(end + "notify('READY=1'); stay()"))
            process = self.start_with(error, bridge.WAIT, *words, NOTIFY_SOCKET=receiver.path)
            receiver.wait_for(b"READY=1")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 3, process.err)

    def test_exec_probes_work(self):
        for error, receiver in self.for_each_error():
            process = self.start_with(
                error, bridge.WRAP, "--ready-when=exec:true", f"--ready-when=file:{self.dir}",
                *bridge.IDLE, NOTIFY_SOCKET=receiver.path, RUNTIME_DIRECTORY=self.dir,
                SHARED_DIR=None,
            )
            receiver.wait_for_lines(b"READY=1")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_send_names_a_main_process(self):
        for error, receiver in self.for_each_error():
            environment = {"NOTIFY_SOCKET": receiver.path, "SHARED_DIR": None}
            process = self.start_with(error, bridge.SEND, "--pid=1", "READY=1", **environment)
            self.assertEqual(process.wait(), 0, process.err)
            receiver.wait_for_lines(b"MAINPID=1", b"READY=1")
            process = self.start_with(error, bridge.SEND, "--pid=4194305", **environment)
            self.assertEqual(process.wait(), 1)
            self.assertIn("No such process", process.err)

    def test_init_stops_its_services(self):
        up, told = self.path("up"), self.path("told")
        script = f"trap 'echo >>{told}; exit' TERM; echo >>{up}; while :; do sleep 0.01; done"
        self.write_unit("default.target", "[Unit]\nWants=app.service\n")
        self.write_unit("app.service", f'[Service]\nExecStart=/bin/sh -c "{script}"\n')
        for number, (error, _) in enumerate(self.for_each_error()):
            options = {"preexec_fn": functools.partial(few_calls.give_up, error)}
            process = self.start_init(options=options)
            bridge.eventually("it is up", lambda n=number: self.read(up).count("\n") > n)
            self.assertEqual(self.ctl("stop", "app")[0], 0)
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(self.read(told), "\n\n")


if not few_calls.is_known():
    print("skipped: the numbers of this processor's calls are not known here")
    sys.exit(bridge.SKIPPED)
bridge.main()

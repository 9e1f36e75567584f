#!/usr/bin/python3
"""Tests that an app cannot get the host's sockets of `--proxy`.

With such a socket, an app without a network could connect to the host's own addresses.
"""

import os
import shutil
import socket
import subprocess
import sys
import unittest

import activated
import bridge

STEAL = os.path.join(bridge.HERE, "steal.py")
SETPRIV = shutil.which("setpriv")
# The network, and the rights, of a container with the default settings of podman.
CONTAINER = ["unshare", "--map-root-user", "--net", SETPRIV, "--bounding-set=-sys_ptrace"]

# An app that attacks its parent, `wrap`, when a client is connected. Prints the result, because the
# attack may break the client's connection. Also prints whether it may dump core itself.
THIEF = """
import ctypes, socket, subprocess
server = socket.socket(socket.AF_UNIX)
server.bind({path!r})
server.listen()
while not (port := server.accept()[0].recv(100)):
    pass
subprocess.run([sys.executable, {steal!r}, str(os.getppid()), port.decode()], check=False)
PR_GET_DUMPABLE = 3
print("dumpable:", ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), flush=True)
stay()
"""

# An app that makes `wait` believe that its run is over, and that another run has begun. Prints the
# number of descriptors that `wait` sends to that run.
FORGER = """
import journal, socket, struct
run = journal.fresh_run()
lane = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
lane.bind(SHARED + "/lane." + run.hex())
lane.listen()
with open(SHARED + "/journal", "r+b") as genuine:
    genuine.truncate(journal.HEADER_SIZE)
    genuine.seek(0, os.SEEK_END)
    genuine.write(b"damage" * 100)
AWAITS_FDS = 2  # A flag of the header.
forged = journal.Journal(SHARED, run=run, beats=AWAITS_FDS)
try:
    lane.settimeout(20)
    _, fds, _, _ = socket.recv_fds(lane.accept()[0], 1000, 100)
    print(len(fds), flush=True)
except OSError as error:
    print(error, flush=True)
stay()
"""


def works(container):
    words = [*container, "true"]
    return SETPRIV and subprocess.run(words, check=False, stderr=subprocess.PIPE).returncode == 0


@unittest.skipUnless(works(CONTAINER), "user namespaces, unshare(1) or setpriv(1) are missing")
class StolenSockets(activated.Case):
    def listen(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)
        return listening

    def test_an_app_cannot_take_sockets_out_of_wrap(self):
        systemd, host = self.listen(), self.listen()
        path = self.path("app.sock")
        wrap = self.command(bridge.WRAP, f"--proxy=unix:{path}")
        process = self.start_activated(
            [systemd],
            self.command(
                bridge.WAIT, *CONTAINER, *wrap,
                *bridge.app(THIEF.format(path=path, steal=STEAL)),
            ),
            NOTIFY_SOCKET=self.receiver().path,
        )
        client = socket.create_connection(systemd.getsockname(), timeout=bridge.PATIENCE)
        self.addCleanup(client.close)
        client.sendall(b"%d" % host.getsockname()[1])
        bridge.eventually("the attack is over", lambda: "dumpable" in process.out)
        if process.out.startswith("unable"):
            self.skipTest(process.out)
        self.assertEqual(process.out, "denied\ndumpable: 1\n", process.err)

    def test_a_forged_run_gets_no_sockets(self):
        systemd = self.listen()
        wrap = self.command(bridge.WRAP, f"--proxy=unix:{self.path('app.sock')}")
        code = FORGER.replace("SHARED", repr(self.shared))
        process = self.start_activated(
            [systemd],
            self.command(
                bridge.WAIT, "--verbose", "unshare", "--map-root-user", "--pid", "--fork",
                "--kill-child", *wrap, *bridge.app(code),
            ),
            NOTIFY_SOCKET=self.receiver().path,
        )
        bridge.eventually("the app has tried", lambda: process.out.endswith("\n"))
        self.assertEqual(process.out, "0\n", process.err)


if __name__ == "__main__":
    bridge.main()

#!/usr/bin/python3
"""The measurements of tests/bench/servers.

servers.py packages                  prints the packages for the root directory
servers.py table ROOT NOTIFYBRIDGE ROUNDS [NAME…]
                                     measures these servers, or all, and prints a table; the NAME
                                     first-starts means the entry points
servers.py once NUMBER WAY           runs a server below `wrap`; in the root directory
servers.py first NUMBER OPTION…      runs an entry point below `wrap` with these options
servers.py images                    prints the names for tests/bench/images
servers.py image NAME                prints the port and the command of an image
servers.py ask NAME PORT             connects once, and prints how long the answer took

Each run is in its own namespaces, and its changes to the root directory are in memory.
"""

import dataclasses
import json
import os
import re
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

from servers_rows import FIRST_STARTS, IMAGES, SERVERS

PATIENCE = 40
POLL = 0.002
# A server that sends its own READY=1 may do so after its first answer.
TIME_FOR_OWN_READY = 0.3
MILLISECONDS_A_SECOND = 1000
SO_TIMESTAMPNS = 35
WAYS = ("listen", "tcp", "answer", "untraced")
TRACE = "/run/bench/trace"
COMMON_PACKAGES = ("strace", "python3", "netbase", "procps")

# Runs in new namespaces. $1 has the layers of the root directory, $2 is an empty directory in
# memory, and $3 is the executable.
ENTER = """
set -eu
layers=$1 work=$2 executable=$3 bench=$4
shift 4
ip link set lo up
hostname servers
root=$work/root
mkdir -p "$work/upper" "$work/work" "$root"
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$work/upper,workdir=$work/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755,dev tmpfs "$root/dev"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev/"; done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir -p "$root/dev/shm" "$root/bench" "$root/run/bench" "$root/run/lock"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount --bind "$bench" "$root/bench"
cp "$executable" "$root/usr/bin/notifybridge"
printf '127.0.0.1 localhost servers\\n::1 localhost\\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
: >"$root/etc/resolv.conf"
cd "$root"
pivot_root . mnt
umount --lazy /mnt
cd /
exec env -i HOME=/root LANG=C.UTF-8 TMPDIR=/tmp PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 "$@"
"""


# --- in the root directory -------------------------------------------------------------------


def receive_ready(receiver, deadline):
    """Returns the time at which the kernel got READY=1, or None."""
    while (left := deadline - time.time()) > 0:
        receiver.settimeout(left)
        try:
            data, ancillary, _, _ = receiver.recvmsg(4096, 256)
        except TimeoutError:
            return None
        if b"READY=1" in data.split(b"\n"):
            for _, kind, value in ancillary:
                if kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", value[:16])
                    return seconds + nanoseconds / 1e9
    return None


def answers_tcp(server, deadline):
    """Connects once, and returns whether the server answers."""
    ask = server.ask
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=deadline - time.time()) as client:
        if ask.is_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(client):
                return True
        client.sendall(ask.question)
        received = b""
        while piece := client.recv(4096):
            received += piece
            if re.match(ask.answer, received):
                return True
    return False


def answers_udp(server, client):
    try:
        client.sendto(server.ask.question, ("127.0.0.1", server.port))
        return bool(re.match(server.ask.answer, client.recv(4096)))
    except (TimeoutError, ConnectionError):
        return False


def first_answer(server, deadline):
    """Asks every 2 ms. Returns the time of the first answer, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(POLL)
        while time.time() < deadline:
            try:
                if answers_udp(server, udp) if server.ask.is_udp else answers_tcp(server, deadline):
                    return time.time()
            except OSError:
                pass
            time.sleep(POLL)
    return None


def time_of_listen(server):
    """Returns when the server first called listen(2) for its port, or bind(2) for a UDP port, as
    strace recorded it."""
    bound = {}
    with open(TRACE, encoding="utf-8", errors="replace") as trace:
        for line in trace:
            found = re.match(r"(\d+) +([\d.]+) (bind|listen)\((\d+)(.*)", line)
            if not found:
                continue
            pid, when, call, descriptor, rest = found.groups()
            if call == "bind":
                port = re.search(r"sin6?_port=htons\((\d+)\)", rest)
                number = int(port.group(1)) if port else None
                # Another thread may listen on the socket.
                bound[pid, descriptor] = bound[descriptor] = number
                if server.ask.is_udp and number == server.port:
                    return float(when)
            elif bound.get((pid, descriptor), bound.get(descriptor)) == server.port:
                return float(when)
    return None


def make_receiver():
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    receiver.bind("/run/bench/notify")
    return receiver


def first(number, options):
    """Runs an entry point below `wrap`, and prints when the real server answered first, and when
    READY=1 came, as JSON."""
    server = FIRST_STARTS[number]
    receiver = make_receiver()
    command = ["notifybridge", "wrap", "--socket-mode=0666", *options, "--"]
    command += ["sh", "-c", f"exec {server.command}"]
    environment = os.environ | {"NOTIFY_SOCKET": "/run/bench/notify"}
    with open("/run/bench/log", "w", encoding="utf-8") as log, subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    ):
        deadline = time.time() + PATIENCE
        result = {"answer": first_answer(server, deadline)}
        # The default for published ports waits for a second.
        result["ready"] = receive_ready(receiver, time.time() + 5)
        with open("/run/bench/log", encoding="utf-8", errors="replace") as text:
            result["log"] = text.read()
        print(json.dumps(result), flush=True)
        # The end of PID 1 ends the server, which may not end by itself.
        os._exit(0)


def once(number, way):
    """Runs a server below `wrap`, and prints the times as JSON."""
    server = SERVERS[number]
    receiver = make_receiver()
    probe = f"listen:{'udp:' if server.ask.is_udp else ''}{server.port}"
    if way in ("tcp", "answer"):
        probe = f"tcp:127.0.0.1:{server.port}" if way == "tcp" else "notify"
    # With --seccomp-bpf, a process stops for strace only at these calls.
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-etrace=bind,listen"]
    strace += ["-esignal=none", "-o", TRACE]
    command = ["notifybridge", "wrap", "--socket-mode=0666", f"--ready-when={probe}", "--"]
    command += [] if way == "untraced" else strace
    command += ["sh", "-c", f"exec {server.command}"]
    environment = os.environ | {"NOTIFY_SOCKET": "/run/bench/notify"}
    began = time.time()
    with open("/run/bench/log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        deadline = began + PATIENCE

        def give_up_at_end():
            process.wait()
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"READY=1\nX_ENDED=1", "/run/bench/notify")

        threading.Thread(target=give_up_at_end, daemon=True).start()
        result = {"began": began}
        if way == "answer":
            result["answer"] = first_answer(server, deadline)
            deadline = time.time() + TIME_FOR_OWN_READY
        result["ready"] = receive_ready(receiver, deadline)
        time.sleep(0.05)
        result["ended"] = process.poll()
        if way != "untraced":
            result["listen"] = time_of_listen(server)
    has_ended = result["ended"] is not None and way != "tcp"
    is_late = result["answer" if way == "answer" else "ready"] is None
    if has_ended or is_late or result.get("listen", 1) is None:
        with open("/run/bench/log", encoding="utf-8", errors="replace") as log:
            result["log"] = log.read()[-1500:]
    print(json.dumps(result))


# --- outside ---------------------------------------------------------------------------------


class Machine:
    """Makes roots for runs. `scratch` is in memory."""

    def __init__(self, root, executable, scratch):
        self.root, self.executable, self.scratch = root, executable, scratch
        self.bench = os.path.dirname(os.path.realpath(__file__))
        self.count = 0

    def run(self, layers, command):
        """Runs a command in a new root. Returns what it printed, and the layer with its changes."""
        self.count += 1
        work = f"{self.scratch}/{self.count}"
        os.mkdir(work)
        words = ["unshare", "--mount", "--pid", "--ipc", "--net", "--uts", "--fork"]
        words += ["--kill-child=KILL", "bash", "-c", ENTER, "enter", ":".join(layers), work]
        words += [self.executable, self.bench, *command]
        limit = 3 * PATIENCE
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", check=False, timeout=limit
        )
        return done, f"{work}/upper"

    def forget(self):
        works = [entry.path for entry in os.scandir(self.scratch)]
        subprocess.run(["rm", "-rf", "--one-file-system", *works], check=True)


def milliseconds(values):
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    value = statistics.median(known) * MILLISECONDS_A_SECOND
    return f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"


def difference(result, late, early="listen"):
    if result.get(late) is None or result.get(early) is None:
        return None
    return result[late] - result[early]


def version(root, package):
    words = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "--show"]
    words += ["--showformat=${source:Upstream-Version}", package]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout or "?"


def measure(machine, number, rounds):
    """Returns the results of each way."""
    server = SERVERS[number]
    done, layer = machine.run([machine.root], ["sh", "-c", f"mkdir -p /srv\n{server.prepare}"])
    if done.returncode != 0:
        print(f"{server.name}: prepare: {done.returncode}: {done.stderr[-800:]}", file=sys.stderr)
    results = {way: [] for way in WAYS}
    for turn in range(rounds):
        for way in WAYS:
            if (way == "tcp" and server.ask.is_udp) or (way == "untraced" and turn > 0):
                continue
            words = ["python3", "/bench/servers.py", "once", str(number), way]
            done, _ = machine.run([layer, machine.root], words)
            try:
                result = json.loads(done.stdout)
            except ValueError:
                result = {"log": done.stderr[-800:]}
            if "log" in result:
                print(f"{server.name}: {way}: {result}", file=sys.stderr)
                return None
            results[way].append(result)
    return results


def table(root, executable, rounds, names):
    columns = ["server", "version", "port", "from its start to listen(2)", "READY=1, `listen:`"]
    columns += ["READY=1, `tcp:`", "its first answer", "its own READY=1"]
    print("| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns), flush=True)
    traced, untraced, shown = [], [], 0
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", scratch], check=True)
        machine = Machine(root, executable, scratch)
        for number, server in enumerate(SERVERS):
            if names and server.name not in names and server.package not in names:
                continue
            results = measure(machine, number, rounds)
            machine.forget()
            if results is None:
                continue
            listened = results["listen"] + results["tcp"] + results["answer"]
            cells = [
                server.name,
                version(root, server.package),
                f"{server.port}{'/udp' if server.ask.is_udp else ''}",
                milliseconds(difference(one, "listen", "began") for one in listened),
                milliseconds(difference(one, "ready") for one in results["listen"]),
                milliseconds(difference(one, "ready") for one in results["tcp"])
                + (" (it ends)" if any(one["ended"] is not None for one in results["tcp"]) else ""),
                milliseconds(difference(one, "answer") for one in results["answer"]),
                milliseconds(difference(one, "ready") for one in results["answer"]),
            ]
            print("| " + " | ".join(cells) + " |", flush=True)
            for times, way in ((traced, "listen"), (untraced, "untraced")):
                starts = [difference(one, "ready", "began") for one in results[way]]
                times.append(statistics.median(starts))
            shown += 1
        subprocess.run(["umount", scratch], check=True)
    if shown:
        more = [1000 * (a - b) for a, b in zip(traced, untraced)]
        print(
            f"\n{shown} servers, rounds: {rounds}. With strace, the time from the start to READY=1 "
            f"is {statistics.median(more):.1f} ms longer (median)."
        )


FIRST_WAYS = (
    ["--published={port}"],
    ["--published={port}", "--notify-access=main"],
    ["--ready-when=listen:{port}"],
    ["--ready-when=tcp:127.0.0.1:{port}"],
)


def first_table(root, executable):
    """Prints when READY=1 comes at a first start, relative to the real server's first answer."""
    print("| entry point | options of `wrap` | READY=1 after the real server's first answer, ms |")
    print("| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", scratch], check=True)
        machine = Machine(root, executable, scratch)
        for number, server in enumerate(FIRST_STARTS):
            prepare = ["sh", "-c", f"mkdir -p /srv\n{server.prepare}"]
            _, layer = machine.run([machine.root], prepare)
            for way in FIRST_WAYS:
                options = [option.format(port=server.port) for option in way]
                words = ["python3", "/bench/servers.py", "first", str(number), *options]
                done, _ = machine.run([layer, machine.root], words)
                result = json.loads(done.stdout) if done.stdout else {"log": done.stderr}
                late = difference(result, "ready", "answer")
                if late is None:
                    print(f"{server.name}: {options}: {result}", file=sys.stderr)
                shown = milliseconds([late])
                print(f"| {server.name} | `{' '.join(options)}` | {shown} |", flush=True)
            machine.forget()
        subprocess.run(["umount", scratch], check=True)


def image(name):
    """Prints the port, and the command of an image as JSON."""
    server = next(server for server in SERVERS if server.name == name)
    script = f"mkdir -p /srv; {server.prepare}\nexec {server.command}{IMAGES[name]}"
    print(server.port, json.dumps(["/bin/sh", "-c", script]))


def ask_image(name, port):
    """Connects once to a published port, and prints how many ms the answer took."""
    server = next(server for server in SERVERS if server.name == name)
    began = time.monotonic()
    try:
        if not answers_tcp(dataclasses.replace(server, port=int(port)), time.time() + PATIENCE):
            print("closed")
            return
        print(f"{(time.monotonic() - began) * MILLISECONDS_A_SECOND:.1f} ms")
    except OSError as error:
        print(error)


def main(words):
    if words[:1] == ["packages"]:
        names = {name for server in SERVERS for name in (server.package, *server.more_packages)}
        print(*sorted(names | set(COMMON_PACKAGES)), sep="\n")
    elif words[:1] == ["once"]:
        once(int(words[1]), words[2])
    elif words[:1] == ["images"]:
        print(*IMAGES, sep="\n")
    elif words[:1] == ["image"]:
        image(words[1])
    elif words[:1] == ["ask"]:
        ask_image(*words[1:])
    elif words[:1] == ["first"]:
        first(int(words[1]), words[2:])
    elif words[4:] == ["first-starts"]:
        first_table(words[1], words[2])
    else:
        table(words[1], words[2], int(words[3]), words[4:])


main(sys.argv[1:])

"""Short runs of a bridge, for tests that interrupt it at any point. A scenario describes the app
and the processes that take part."""

import signal
from dataclasses import dataclass

# The app ends with `wrap`, as it does in a container. It numbers each message, and writes down how
# many it has sent, how many a barrier has confirmed, and when. A second run goes on counting.
PRELUDE = """
import ctypes, select, socket
PR_SET_PDEATHSIG = 1
wrap = os.getppid()
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() != wrap or wrap == 1:
    os._exit(1)
ledger = os.open(os.environ["LEDGER"], os.O_RDWR | os.O_APPEND | os.O_CREAT)
count = os.read(ledger, 65536).count(b" sent ")

def write_down(what):
    os.write(ledger, b"%f %s %d\\n" % (time.time(), what.encode(), count))

def say(*lines, fds=()):
    global count
    notify("\\n".join([*lines, f"X_NUMBER={count}"]), fds)
    count += 1
    write_down("sent")

def confirm():
    barrier()
    write_down("confirmed")

def wait_for_reader():
    while not os.path.exists(os.environ["READER"]):
        time.sleep(0.002)

def on(number, *lines):
    def handle(*_):
        for line in lines:
            say(line)
        if number == signal.SIGTERM:
            os._exit(0)
    signal.signal(number, handle)
"""


@dataclass(frozen=True)
class Scenario:
    """One run. Each signal has a number: `wait` gets the signal when the app has sent that many
    messages. Signals are used only if `starts` is true."""

    name: str
    app: str
    wrap: tuple = ()
    wait: tuple = ()
    signals: tuple = ()
    # The exit status of `wait`, or of `wrap` if there is no `wait`.
    status: int = 0
    # A program that starts `wrap`, whose words follow.
    starter: tuple = ()
    # Whether `run` takes the place of `wait`.
    by_run: bool = False
    # The subdirectory of the run, if the unit has several containers.
    member: str = ""
    # Whether the processes inherit a listening socket, whose path is in CLIENTS.
    has_socket: bool = False
    # Whether `wait` starts the container. Otherwise it attaches to a container that already runs.
    starts: bool = True
    # The number of messages that the app sends before `wait` begins, if `starts` is false.
    late: int = 0


READY = "say('READY=1', 'STATUS=ready')\n"
STREAM = "for _ in range(10): say('STATUS=%d' % count)\n"
STOPPING = "on(signal.SIGTERM, 'STOPPING=1', 'STATUS=last words')\n"
RELOAD = """
def reload(*_):
    say('RELOADING=1', 'MONOTONIC_USEC=%d' % (time.monotonic_ns() // 1000))
    say('READY=1')
signal.signal(signal.SIGHUP, reload)
"""
STORE = """
reader, writer = os.pipe()
say('FDSTORE=1', 'FDNAME=stored', fds=[reader])
confirm()
say('FDSTOREREMOVE=1', 'FDNAME=stored')
"""
HELPER = """
if os.fork() == 0:
    for _ in range(5): say('STATUS=%d of a helper' % count)
    confirm()
    os._exit(0)
os.wait()
count += 5
"""
# One client of the inherited socket, which `wrap` passes on to the app's own socket. A client that
# is lost gets a word in the ledger.
SERVE = """
server, client = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
server.bind(os.environ["LEDGER"] + ".app")
server.listen()
for end in server, client: end.settimeout(10)
try:
    client.connect(os.environ["CLIENTS"])
    client.sendall(b"question")
    question = b""
    while not question:  # The first connection is the one with which `wrap` asks for readiness.
        peer = server.accept()[0]
        peer.settimeout(10)
        question = peer.recv(8)
    peer.sendall(question)
    assert client.recv(8) == question
except (OSError, AssertionError):
    write_down("lost")
"""
# A process that the app leaves behind. It also ends with `wrap`, as it does in a container.
ORPHAN = """
container = os.pidfd_open(wrap)
if os.fork() == 0:
    select.select([container], [], [])
    os._exit(0)
"""
IGNORING = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
# A journal of more than 4 MiB is rotated.
BIG = "for _ in range(600): say('X_LONG=' + 4000 * 'x')\nconfirm()\n"

# The container starts again after its end, as with `restart: always`. If `wait` was killed, systemd
# would kill this shell.
TWICE = ("sh", "-c", '"$@" && test -e /proc/$PPID/exe && "$@"', "sh")
# A second container, whose app says nothing.
WITH_WEB = (
    "sh",
    "-c",
    'SHARED_DIR=$SHARED_DIR/web "$WRAP" --ready-when=start true & export SHARED_DIR=$SHARED_DIR/db; '
    '"$@"; status=$?; wait; exit $status',
    "sh",
)
MEMBERS = ("--member=db", "--member=web")

STARTED = (
    Scenario("ready", READY),
    Scenario("barriers", READY + STREAM + "confirm()\n" + STREAM + "confirm()\n"),
    Scenario("last words without a barrier", READY + STREAM),
    Scenario("stop", STOPPING + READY + "stay()", signals=((1, signal.SIGTERM),)),
    Scenario(
        "reload",
        RELOAD + STOPPING + READY + "stay()",
        signals=((1, signal.SIGHUP), (3, signal.SIGTERM)),
    ),
    Scenario("descriptors", READY + STORE),
    Scenario("rotation", READY + BIG + BIG),
    Scenario("probe", READY + STREAM, wrap=("--ready-when=file:/proc/self/status",)),
    Scenario(
        "output as a probe", "print('now up', flush=True)\n" + STREAM, wrap=("--ready-when=log:up",)
    ),
    Scenario(
        "health check",
        STREAM + "time.sleep(0.1)\n" + STREAM,
        wrap=("--health-cmd=exit 0", "--health-interval=20ms"),
    ),
    Scenario("orphans", READY + ORPHAN + "confirm()", wrap=("--kill-after=50ms",)),
    Scenario("only the main process", READY + STREAM, wrap=("--notify-access=main",)),
    Scenario("helper", READY + HELPER + STREAM),
    Scenario("flood", READY + "for _ in range(200): say('STATUS=%d' % count)\nconfirm()\n"),
    Scenario("watchdog", READY + "for _ in range(5): say('WATCHDOG=1'); time.sleep(0.01)\n"),
    Scenario("main pid", "say('MAINPID=%d' % os.getpid())\n" + READY + STREAM),
    Scenario("failure", READY + STREAM + "say('ERRNO=2')\nos._exit(3)\n", status=3),
    Scenario("death", READY + STREAM + "os.kill(os.getpid(), signal.SIGKILL)\n", status=128 + 9),
    Scenario(
        "ignored stop",
        IGNORING + READY + "stay()",
        wait=("--stop-timeout=300ms",),
        signals=((1, signal.SIGTERM),),
        status=128 + 9,
    ),
    Scenario(
        "descriptor as a probe", STREAM + "os.write(3, b'\\n')\n" + STREAM, wrap=("--ready-when=fd:3",)
    ),
    Scenario(
        "command as a probe",
        STREAM + "time.sleep(0.1)\n" + STREAM,
        wrap=("--ready-when=exec:true", "--on-ready=true", "--ready-interval=20ms"),
    ),
    Scenario(
        "proxy", READY + SERVE + STREAM, wrap=("--proxy=unix:{ledger}.app",), has_socket=True
    ),
    Scenario("restarted container", READY + STREAM + "confirm()\n", starter=TWICE),
    Scenario("run", READY + STREAM + "confirm()\n", by_run=True),
    Scenario("member", READY + STREAM + "confirm()\n", starter=WITH_WEB, member="db", wait=MEMBERS),
)

ATTACHED = (
    Scenario(
        "attached",
        READY + "wait_for_reader()\n" + STREAM + "confirm()\n",
        starts=False,
        late=1,
    ),
    Scenario("late", READY + STREAM + "wait_for_reader()\n" + STREAM, starts=False, late=11),
    Scenario("rotated", READY + BIG + BIG + "wait_for_reader()\n" + STREAM, starts=False, late=1201),
)

# `wrap` without `wait`: it forwards straight to the service manager.
STRAIGHT = (
    Scenario("straight", READY + STREAM + "confirm()\n" + STREAM),
    Scenario("straight stop", STOPPING + READY + "stay()", signals=((1, signal.SIGTERM),)),
    Scenario("straight descriptors", READY + STORE),
    Scenario("straight probe", READY + STREAM, wrap=("--ready-when=file:/proc/self/status",)),
    Scenario(
        "straight proxy", READY + SERVE + STREAM, wrap=("--proxy=unix:{ledger}.app",), has_socket=True
    ),
)

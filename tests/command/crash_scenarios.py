"""Short runs of a bridge, for tests that interrupt it at any point. A scenario describes the app
and the processes that take part."""

import signal
from dataclasses import dataclass

# The app ends with `wrap`, as it does in a container. It numbers each message, and writes down how
# many it has sent, how many a barrier has confirmed, and when.
PRELUDE = """
import ctypes
PR_SET_PDEATHSIG = 1
wrap = os.getppid()
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() != wrap or wrap == 1:
    os._exit(1)
ledger = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
count = 0

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
# A journal of more than 1 MiB is rotated.
BIG = "for _ in range(200): say('X_LONG=' + 4000 * 'x')\nconfirm()\n"

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
    Scenario("orphans", READY + "os.fork() or time.sleep(60)\nconfirm()", wrap=("--kill-after=50ms",)),
    Scenario("only the main process", READY + STREAM, wrap=("--notify-access=main",)),
)

ATTACHED = (
    Scenario(
        "attached",
        READY + "wait_for_reader()\n" + STREAM + "confirm()\n",
        starts=False,
        late=1,
    ),
    Scenario("late", READY + STREAM + "wait_for_reader()\n" + STREAM, starts=False, late=11),
    Scenario("rotated", READY + BIG + BIG + "wait_for_reader()\n" + STREAM, starts=False, late=401),
)

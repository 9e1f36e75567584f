"""The time from a connection to a socket of process 1 to the answer of the service that it starts.
"""

import contextlib
import os

from boxes import UNIT, write
from managers import InLab
from measure import OURS, Measure, Ratio, Row

SYSTEMD = "systemd"
CLIENT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "client.py")
ACCEPTING = "perl -e 'open S, \"+<&=3\"; accept C, S; syswrite C, \"answer\"'"
NO_LIMIT = "TriggerLimitIntervalSec=0\n"
KINDS = {
    "accept": ("Accept=yes\n", "@", "ExecStart=echo answer\nStandardInput=socket\n"),
    "wake": ("", "", f"ExecStart={ACCEPTING}\n"),
}


class Answers(Measure):
    order = 35
    rows = (
        Row("accept", "connection to an Accept=yes socket, to the answer", "ms", Ratio(SYSTEMD, 1)),
        Row("wake", "first answer of a socket-activated service", "ms", Ratio(SYSTEMD, 1)),
    )
    contenders = (InLab(OURS, "ours", ours=True), InLab(SYSTEMD))

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with contextlib.ExitStack() as stack:
            for each in contenders:
                stack.enter_context(each.booted(bench, ()))
                write_units(each.lab.units)
                sockets = " ".join(f"answer-{kind}.socket" for kind in KINDS)
                each.lab.run(f"{each.systemctl} daemon-reload; {each.systemctl} start {sockets}")
            yield

    def run(self, bench, contender):
        count = bench.pick(30, 5)
        return {
            kind: float(contender.lab.run(f"python3 {CLIENT} /run/answer-{kind}.sock {count}"))
            for kind in KINDS
        }


def write_units(directory):
    for kind, (options, template, command) in KINDS.items():
        listen = f"[Socket]\nListenStream=/run/answer-{kind}.sock\n{NO_LIMIT}{options}"
        write(os.path.join(directory, f"answer-{kind}.socket"), UNIT + listen)
        service = f"{UNIT}StartLimitIntervalSec=0\n[Service]\n{command}"
        write(os.path.join(directory, f"answer-{kind}{template}.service"), service)

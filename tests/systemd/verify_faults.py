"""Real unit files with a fault: a line is damaged, doubled, removed or added."""

TYPES = "simple exec forking oneshot notify dbus idle nonsense".split()
ADDED = {
    "Unit": [
        "Requires=missing-one.service",
        "BindsTo=missing-one.socket",
        "Wants=missing-one.service",
        "Requires=not a name",
        "ConditionNonsense=1",
        "ConditionPathExists=relative",
        "OnFailureJobMode=nonsense",
        "StartLimitBurst=many",
        "JobTimeoutSec=5 nonsense",
        "RequiresMountsFor=relative",
        "Description=%Z",
    ],
    "Service": [
        "Typ=simple",
        "ExecStart=/bin/true",
        "ExecStart=",
        "ExecStart=relative/path",
        "ExecStartPre=/nonexistent/program",
        "ExecStartPre=-/nonexistent/program",
        "ExecStop=/bin/sh -c 'no end",
        "ExecReload=/bin/sh \\q",
        "Restart=sometimes",
        "Restart=always",
        "User=not a user",
        "Group=root:root",
        "KillMode=none",
        "KillSignal=SIGNONSENSE",
        "Environment=NO VALUE",
        "EnvironmentFile=relative",
        "WorkingDirectory=relative",
        "LimitNOFILE=many",
        "UMask=999",
        "Nice=100",
        "OOMScoreAdjust=2000",
        "TimeoutSec=soon",
        "WatchdogSec=-1",
        "SuccessExitStatus=NONSENSE",
        "StandardOutput=syslog",
        "StandardError=nowhere",
        "RuntimeDirectory=/absolute",
        "PIDFile=../up",
        "BusName=nodots",
        "CapabilityBoundingSet=CAP_NONSENSE",
        "RemainAfterExit=perhaps",
        "PrivateTmp=perhaps",
        "ProtectSystem=perhaps",
        "ProtectHome=perhaps",
        "MemoryMax=much",
        "SystemCallFilter=@nonsense",
        "RestrictAddressFamilies=AF_NONSENSE",
        "X-Mine=1",
    ],
    "Socket": [
        "ListenStream=",
        "ListenStream=nonsense:nonsense",
        "ListenStream=99999",
        "Accept=perhaps",
        "Accept=yes",
        "Service=missing-one.service",
        "Service=one.socket",
        "SocketMode=rw",
        "Backlog=many",
        "MaxConnections=-1",
        "BindIPv6Only=perhaps",
        "Symlinks=relative",
    ],
    "Install": ["WantedBy=not a name", "Alias=other.timer", "Nonsense=1"],
}


def heads(lines):
    """Returns (index, name) for the first line of each section."""
    return [(at, line.strip()[1:-1]) for at, line in enumerate(lines) if line.startswith("[")]


def assignments(lines):
    return [at for at, line in enumerate(lines) if "=" in line and line[0] not in "#;[ \t"]


def add_line(chance, lines):
    places = [(at, ADDED[name]) for at, name in heads(lines) if name in ADDED]
    if places:
        at, choices = chance.choice(places)
        lines.insert(at + 1, chance.choice(choices))


def lose_line(chance, lines):
    del lines[chance.choice(assignments(lines))]


def double_line(chance, lines):
    at = chance.choice(assignments(lines))
    lines.insert(at, lines[at])


def misspell_key(chance, lines):
    at = chance.choice(assignments(lines))
    cut = chance.randrange(lines[at].index("="))
    lines[at] = lines[at][:cut] + lines[at][cut + 1 :]


def spoil_value(chance, lines):
    at = chance.choice(assignments(lines))
    key, _, value = lines[at].partition("=")
    ends = ["", "nonsense", value + " nonsense", value + "\\", '"' + value, value + " %Z", "%"]
    lines[at] = f"{key}={chance.choice([*ends, '-1', 'relative/path', '/a/../b'])}"


def change_type(chance, lines):
    for at, name in heads(lines):
        if name == "Service":
            lines.insert(at + 1, f"Type={chance.choice(TYPES)}")
            break


def spoil_section(chance, lines):
    at, name = chance.choice(heads(lines))
    lines[at] = chance.choice([f"[{name}", f"[{name}s]", f"[X-{name}]", name, f"[{name}] x", "[]"])


def spoil_line(chance, lines):
    at = chance.randrange(len(lines))
    lines.insert(at, chance.choice(["nonsense", "=value", "\udcff", "[Nonsense]", "# \udcff", "\\"]))


KINDS = [add_line] * 6 + [spoil_value] * 3
KINDS += [lose_line, double_line, misspell_key, change_type, spoil_section, spoil_line]


def broken(chance, text):
    """Returns the text with a fault, as bytes."""
    lines = text.split("\n")
    if not assignments(lines) or not heads(lines):
        return text.encode(errors="surrogateescape")
    chance.choice(KINDS)(chance, lines)
    return "\n".join(lines).encode(errors="surrogateescape")

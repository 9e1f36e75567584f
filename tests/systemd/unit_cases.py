"""Unit files for details that are easy to get wrong.

A case consists of files and of the names of the units to check. A file's path begins with the
directory of its load path: etc, run or lib, of which the first has priority.
"""

import collections
import glob
import os

Case = collections.namedtuple("Case", "files names")
Link = collections.namedtuple("Link", "target")

# The cases depend on units with these names, so that the test recognizes dependencies that systemd
# adds.
DEPENDENCY = "wanted-"
MOUNT = "/mounted"

ALONE = "[Unit]\nDefaultDependencies=no\n"
RUNS = "[Service]\nType=oneshot\nExecStart=/bin/true\n"
LISTENS = "[Socket]\nListenFIFO=/run/fifo\nService=served.service\n"

# Pairs (unit, property) for which a difference is intended.
MEANT = {
    # systemd replaces specifiers with the name under which the unit is first requested.
    ("alias-of-named.service", "Description"),
    ("alias-of-template@x.service", "Description"),
}


def service(name, text, **more):
    return Case({f"etc/{name}.service": text, **more}, [f"{name}.service"])


def syntax_cases():
    """Returns cases for systemd.syntax(7)."""
    texts = {
        "not-utf8": ALONE.encode() + b"Description=a\xff b\n" + RUNS.encode(),
        "not-utf8-comment": ALONE.encode() + b"# a\xff b\n" + RUNS.encode(),
        "not-a-character": ALONE + "Description=\ufffe\n" + RUNS,
        "half-header": ALONE + "[Foo\nDescription=x\n" + RUNS,
        "after-header": ALONE + "Description=hi\n" + RUNS + "[Foo] x\nFoo=1\n",
        "spaces-in-header": "[ Unit ]\nDescription=x\n" + ALONE + RUNS,
        "spaces-around-header": "  [Unit]  \nDescription=x\n" + ALONE + RUNS,
        "no-equals": ALONE + "foo bar\n=baz\n[Bla]\nx=1\n[X-Bla]\n" + RUNS + "X-Foo=1\nFoo=2\n",
        "no-section": "Description=x\n" + ALONE + RUNS,
        "again": ALONE + RUNS + "[Unit]\nDescription=x\n[Service]\nNice=3\n",
        "long": ALONE + "Description=" + "x" * (1024 * 1024) + "\n" + RUNS,
        "long-enough": ALONE + "#" + "x" * (1024 * 1024 - 2) + "\n" + RUNS,
        "too-long": ALONE + "#" + "x" * (1024 * 1024 - 1) + "\n" + RUNS,
        "long-comment": ALONE + "#" + "x" * (1024 * 1024) + "\n" + RUNS,
        "long-joined": ALONE + "Documentation=" + ("x" * 307200 + "\\\n") * 4 + "\n" + RUNS,
        "nul": ALONE + "Description=a\0Wants=wanted-nul.service\n" + RUNS,
        "nuls": ALONE + "Description=a\0\0\0Wants=wanted-nul.service\\\0\nb.service\n" + RUNS,
        "crlf": (ALONE + "Description=a\\\nb\n" + RUNS).replace("\n", "\r\n"),
        "lfcr": (ALONE + "Description=a\\\nb\n" + RUNS).replace("\n", "\n\r"),
        "cr": (ALONE + "Description=a\\\nb\n" + RUNS).replace("\n", "\r"),
        "bom": b"\xef\xbb\xbf" + (ALONE + RUNS).encode(),
        "bom-later": (ALONE + "\ufeffDescription=x\n" + RUNS),
        "bom-twice": ("\ufeff\ufeff" + ALONE + RUNS),
        "no-last-newline": ALONE + RUNS + "[Unit]\nDescription=x",
        "joined-at-end": ALONE + RUNS + "[Unit]\nDescription=a \\\n   b \\",
        "joined-comments": ALONE
        + "Description=a\\\n# c \\\n; d\nb\\\n\nWants=wanted-j.target\n" + RUNS,
        "joined-header": ALONE + "Description=a\\\n[Service]\n" + RUNS,
        "joined-key": ALONE + "Descrip\\\ntion=a\n" + RUNS,
        "joined-nothing": ALONE + "\\\nDescription=a\n\\\n\\\n\n" + RUNS,
        "backslashes": ALONE + "Description=a\\\\\nWants=wanted-a.service\\\\\\\n b\n" + RUNS,
        "spaces": ALONE + "Description = sp \n  Wants\t=\twanted-s.target\ndescription=x\n" + RUNS,
        "empty": "",
        "newlines": "\n\n",
        "blank": " \n",
        "comments": "# nothing\n",
        "sections-of-others": ALONE + "[Socket]\nListenStream=/x\n[Timer]\nOnBootSec=1\n" + RUNS,
        "control": ALONE + "Description=a\x01\x1b[31m\n" + RUNS,
    }
    for name, text in texts.items():
        yield service(f"syntax-{name}", text)
    others = {"target": "[Target]\nFoo=1\n", "socket": "[Service]\nNice=1\n" + LISTENS}
    for kind, text in others.items():
        yield Case({f"etc/sections.{kind}": ALONE + text}, [f"sections.{kind}"])


def specifier_cases():
    """Returns cases for systemd.unit(5), SPECIFIERS."""
    letters = "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ0%-"
    told = "CdEfghGiIjJLnNpPsStTuUVyY%-"  # The specifiers that do not depend on the machine.
    for letter in letters:
        # These specifiers are about control groups. systemd still supports them, but does not
        # document them.
        if letter in "crR":
            continue
        shown = "a %" + letter + " b" if letter in told else "x" + "%" + letter * 0
        name = f"spec{ord(letter)}-a\\x2db-c"
        yield service(name, f"{ALONE}Description={shown}\nWants=wanted-%{letter}.service\n" + RUNS)
        at = f"spec{ord(letter)}-t@x-y\\x2dz.service"
        yield Case(
            {f"lib/spec{ord(letter)}-t@.service": f"{ALONE}Description={shown}\n" + RUNS}, [at]
        )
        if letter in told:
            text = f"ExecStart=/bin/x%{letter} %{letter}%% -%{letter}\n"
            yield service(f"spec{ord(letter)}-exec", ALONE + RUNS + text)
            text = f"Environment=A=%{letter} B%{letter}=1\nWorkingDirectory=/%{letter}\n"
            yield service(f"spec{ord(letter)}-env", ALONE + RUNS + text)
    paths = ["a-b", "-", "a-", "-a", "\\x2f", "\\x", "a--b", "..", "a-.-b"]
    for name in (f"path{number}@{path}" for number, path in enumerate(paths)):
        template = name.split("@")[0]
        text = f"{ALONE}Description=[%i] [%I]\n{RUNS}Environment='A=%f'\n"
        yield Case({f"lib/{template}@.service": text}, [f"{name}.service"])
    yield service("spec-percent", ALONE + "Description=%% %- % %\n" + RUNS)


def exec_cases():
    """Returns cases for systemd.service(5), COMMAND LINES."""
    lines = [
        "/bin/true a\\qb \\x41 \\101 \\u00e4 \\U0001f600 \\s \\t \"a b\"c 'd e' \"\" x",
        "/bin/true ; /bin/echo ;; \\; ; ",
        "/bin/true a;b ;c d; ';' \";\" \\;x x\\; \\\\; ; /bin/echo",
        "; /bin/true",
        "/bin/echo ; ; /bin/true",
        "/bin/a ;",
        ";",
        "\\; /bin/a",
        '"/bin/true x" y',
        "'/bin/true'",
        "/bin/tr'u'e",
        "@-:+/bin/true zero one",
        "!!/bin/echo",
        "!/bin/echo",
        "!!!/bin/echo",
        "+!/bin/echo",
        "!+/bin/echo",
        "++/bin/echo",
        "--/bin/echo",
        "@@/bin/echo a",
        "::/bin/echo",
        "-@/bin/true",
        '-@/bin/true ""',
        '@/bin/true ""',
        "@/bin/true",
        "- /bin/x",
        "-",
        "-/bin/",
        "/bin/",
        "./x",
        "a/b",
        "true a",
        "/bin/../bin/true",
        "/bin//./true",
        "/" + "a" * 255,
        "/" + "a" * 256,
        "a" * 255,
        "a" * 256,
        "..",
        ".",
        "/bin/true \"abc",
        "/bin/true 'abc",
        "-/bin/true 'abc",
        "-/bin/true ok 'abc ; /bin/next",
        "/bin/true 'a'b'c'",
        "/bin/true \"a'b\" 'a\"b'",
        "/bin/true \\",
        "/bin/true a\\ b",
        "/bin/true a\\",
        "'/bin/true",
        "/bin/true \\xzz \\400 \\000 \\x00 \\u12 \\ud800 \\U00110000",
        "/bin/true $A ${A} $$ $ ${ \"$A\" '${A}'",
        "/bin/true \\$A",
        "/bin/true %% %n %i|%I",
        "-/bin/true %Z",
        "/bin/true %Z",
        "/bin/%Z",
        "-/bin/%Z",
        "/bin/tr\\x22ue",
        "/bin/tr\\\\ue",
        "/bin/tr\\x01ue",
        "/bin/tr\\x20ue",
        "/bin/tr\u00e4ue \u00e4",
        "/bin/echo " + "a " * 5000,
        "\t/bin/true \t a\tb ",
        "/bin/sh -c 'echo \"$$HOME\" \\\"x\\\" \\'y'",
        "/bin/sh -c \"echo 'a b' \\\"c\\\" \\\\d\"",
    ]
    for number, line in enumerate(lines):
        text = f"{ALONE}[Service]\nType=oneshot\nExecStartPre=/bin/first\nExecStart={line}\n"
        yield service(f"exec-{number}", text + "ExecStartPost=/bin/last\n")
    resets = "ExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\n"
    yield service("exec-reset", f"{ALONE}[Service]\n{resets}")
    yield service("exec-reset-all", f"{ALONE}[Service]\n{resets}ExecStart=\n")
    yield service("exec-two", f"{ALONE}[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n")


def verdict_cases():
    """Returns cases that systemd refuses completely, and cases that are similar."""
    texts = [
        "",
        "ExecStop=/bin/true\n",
        "ExecStop=/bin/true\nRemainAfterExit=yes\n",
        "Type=oneshot\nRemainAfterExit=yes\n",
        "Type=oneshot\nExecStop=/bin/true\nRemainAfterExit=yes\n",
        "Type=simple\nExecStop=/bin/true\nRemainAfterExit=yes\n",
        "[Unit]\nSuccessAction=reboot\n",
        "[Unit]\nFailureAction=reboot\n",
        "Type=oneshot\nExecStart=/bin/true\nRestart=always\n",
        "Type=oneshot\nExecStart=/bin/true\nRestart=on-success\n",
        "Type=oneshot\nExecStart=/bin/true\nRestart=on-failure\n",
        "Type=oneshot\nExecStart=/bin/true\nRestartForceExitStatus=1\n",
        "Type=oneshot\nExecStart=/bin/true\nExitType=cgroup\n",
        "Type=dbus\nExecStart=/bin/true\n",
        "Type=dbus\nExecStart=/bin/true\nBusName=org.example\n",
        "Type=dbus\nExecStart=/bin/true\nBusName=example\n",
        "Type=nonsense\nExecStart=/bin/true\n",
        "Type=\nExecStart=/bin/true\n",
        "BusName=org.example\nExecStart=/bin/true\n",
        "Type=notify\nExecStart=/bin/true\n",
        "Type=notify\nNotifyAccess=none\nExecStart=/bin/true\n",
        "Type=notify\nNotifyAccess=all\nExecStart=/bin/true\n",
        "WatchdogSec=5\nExecStart=/bin/true\n",
        "FileDescriptorStoreMax=5\nExecStart=/bin/true\n",
        "Type=oneshot\nTimeoutStartSec=5\nExecStart=/bin/true\n",
        "Type=oneshot\nTimeoutSec=5\nExecStart=/bin/true\n",
        "Type=forking\nPIDFile=x.pid\nExecStart=/bin/true\n",
        "Type=forking\nPIDFile=/var/run/x.pid\nExecStart=/bin/true\n",
        "PIDFile=../x.pid\nExecStart=/bin/true\n",
        "PIDFile=/run/../x.pid\nExecStart=/bin/true\n",
        "WorkingDirectory=-/a/../b\nExecStart=/bin/true\n",
        "WorkingDirectory=/a/../b\nExecStart=/bin/true\n",
        "WorkingDirectory=a\nExecStart=/bin/true\n",
        "WorkingDirectory=-a\nExecStart=/bin/true\n",
        "WorkingDirectory=-~\nExecStart=/bin/true\n",
        "WorkingDirectory=%Z\nExecStart=/bin/true\n",
        "User=a:b\nExecStart=/bin/true\n",
        "User=a/b\nExecStart=/bin/true\n",
        "User=-1\nExecStart=/bin/true\n",
        "User=65535\nExecStart=/bin/true\n",
        "User=4294967295\nExecStart=/bin/true\n",
        "User=%Z\nExecStart=/bin/true\n",
        "SupplementaryGroups=a b:c\nExecStart=/bin/true\n",
        "StandardInputText=a\\x20b\nStandardInputData=QUJD RA==\nExecStart=/bin/true\n",
        "StandardInput=socket\nExecStart=/bin/true\n",
        "StandardInput=socket\nStandardOutput=null\nExecStart=/bin/true\n",
        "StandardInput=file:/x\nStandardError=inherit\nExecStart=/bin/true\n",
        "StandardOutput=inherit\nStandardError=null\nExecStart=/bin/true\n",
        "StandardOutput=syslog\nStandardError=syslog+console\nExecStart=/bin/true\n",
        "StandardInput=tty\nStandardError=journal\nExecStart=/bin/true\n",
        "StandardInput=fd:x\nStandardOutput=fd:y\nExecStart=/bin/true\n",
        "RuntimeDirectory=a b/c:d private e/../f /g \"h i:j\" k:l k:m\nExecStart=/bin/true\n",
        "ConfigurationDirectory=a a:b\nExecStart=/bin/true\n",
        "StartLimitInterval=7\nStartLimitBurst=3\nFailureAction=reboot\nExecStart=/bin/true\n",
    ]
    for number, text in enumerate(texts):
        yield service(f"verdict-{number}", f"{ALONE}[Service]\n{text}")
    sockets = [
        "",
        "ListenStream=/x\nAccept=yes\n",
        "ListenStream=/x\nAccept=yes\nService=x.service\n",
        "ListenStream=/x\nAccept=yes\nMaxConnections=0\n",
        "ListenDatagram=/x\nAccept=yes\n",
        "ListenFIFO=/x\nAccept=yes\n",
        "ListenStream=/x\nListenStream=\n",
        "ListenStream=/x\nSymlinks=/a /b\n",
        "ListenStream=80\nSymlinks=/a\n",
        "ListenStream=/x\nListenFIFO=/y\nSymlinks=/a\n",
        "ListenStream=/x\nListenSpecial=/dev/null\nSymlinks=/a\n",
        "ListenStream=/x/../y\n",
        "ListenFIFO=/x/../y\nListenFIFO=/z\n",
        "ListenStream=/x\nService=x@.service\n",
        "ListenStream=/x\nService=x.socket\n",
        "ListenStream=/x\nFileDescriptorName=a:b\n",
        "ListenStream=/x\nFileDescriptorName=%p\n",
        "ListenStream=/x\nSocketUser=a:b\n",
        "ListenStream=/x\nBindToDevice=lo\nTCPCongestion=cubic\n",
    ]
    for number, text in enumerate(sockets):
        name = f"verdict-{number}"
        files = {f"etc/{name}.socket": f"{ALONE}[Socket]\n{text}"}
        for sort in ("", "@"):
            files[f"etc/{name}{sort}.service"] = ALONE + RUNS
        yield Case(files, [f"{name}.socket"])


def dependency_cases():
    lines = [
        'Wants=wanted-a.service "wanted-b.service" wanted-c wanted-d@.service wanted-e.foo',
        "Wants=wanted-f.service,wanted-g.service\nWants=wanted-h.service wanted-h.service",
        "After=wanted-a.service\nAfter=",
        "Requires=wanted-%N.service wanted-%p@%i.service\nWants=wanted-\\x2d.service",
        "BindTo=wanted-a.service\nPropagateReloadTo=wanted-b.service",
        "PropagateReloadFrom=wanted-a.service\nRequiresOverridable=wanted-b.service",
        "RequiresMountsFor=/mounted/a /mounted/b/../c '/mounted/d e' mounted /mounted//f/",
        "OnFailure=wanted-a@%n.service\nOnFailureIsolate=yes",
        "JobTimeoutSec=5\nStartLimitIntervalSec=0",
        "JobTimeoutSec=5\nJobRunningTimeoutSec=7",
        "JobRunningTimeoutSec=7\nJobTimeoutSec=5",
        "Documentation=man:a(1) http://b nonsense file:/c\nDocumentation=\nDocumentation=info:d",
        "Documentation=man:a(1) 'man:b c'",
        "Documentation=file:/ä man:a(1)",
        "ConditionPathExists=|!/a\nConditionPathExists=!|/b\nConditionPathExists=! /c",
        "ConditionPathExists=a\nConditionPathExists=/a/../b\nConditionPathExists=/a//b/",
        "ConditionPathExists=/a\nAssertPathExists=/b\nConditionHost=\nConditionUser=root",
        "ConditionHost=%n\nConditionHost=%Z\nConditionVirtualization=!container",
        "ConditionKernelCommandLine=|a b\nConditionNeedsUpdate=/etc\nConditionNeedsUpdate=etc",
        "ConditionPathExists=!",
        "ConditionEnvironment=|",
        "SuccessAction=exit\nSuccessActionExitStatus=7\nFailureActionExitStatus=256",
        "CollectMode=inactive-or-failed\nRefuseManualStart=True\nRefuseManualStop=ON",
        "Description=a\nDescription=",
        "Description=  a  b\t c  ",
        "SourcePath=/a/../b\nSourcePath=/c//d",
    ]
    for number, line in enumerate(lines):
        yield service(f"unit-{number}", f"{ALONE}{line}\n{RUNS}")
    yield Case({"etc/unit-t@.service": ALONE + lines[0] + "\n" + RUNS}, ["unit-t@q.service"])


def installed_cases():
    """Returns the units of this machine with other names."""
    for path in sorted(glob.glob("/usr/lib/systemd/system/*.*")):
        stem, _, kind = os.path.basename(path).rpartition(".")
        if kind not in ("service", "socket", "target") or os.path.islink(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        instance = "x-y" if stem.endswith("@") else ""
        files = {f"lib/real-{stem}.{kind}": content or b" "}
        if kind == "socket" and not os.path.exists(path.replace(".socket", ".service")):
            files[f"lib/real-{stem}.service"] = ALONE + RUNS
        yield Case(files, [f"real-{stem}{instance}.{kind}"])


def everything():
    """Returns a unit that sets most of the directives that notifybridge does not honour, so that
    their output by `show` is compared, too."""
    text = """
        MemoryMin=1M MemoryLow=infinity MemoryHigh=10% MemoryMax=512M MemorySwapMax=0 TasksMax=7%
        CPUWeight=200 CPUQuota=50% CPUQuotaPeriodSec=10ms AllowedCPUs=0-1 IOWeight=10
        CPUAccounting=no IPAccounting=yes Slice=a-b.slice Delegate=yes DevicePolicy=strict
        DeviceAllow=char-pts IPAddressDeny=any DisableControllers=io ManagedOOMSwap=kill
        ManagedOOMMemoryPressureLimit=40% ManagedOOMPreference=avoid RestrictNetworkInterfaces=~lo
        PrivateTmp=yes PrivateNetwork=yes PrivateUsers=yes PrivateMounts=yes PrivateIPC=yes
        ProtectSystem=strict ProtectHome=tmpfs ProtectProc=invisible ProcSubset=pid
        ProtectClock=yes ProtectHostname=yes ProtectControlGroups=yes ProtectKernelTunables=yes
        SystemCallArchitectures=native SystemCallErrorNumber=EPERM RestrictNamespaces=~user
        RestrictAddressFamilies=AF_UNIX RestrictRealtime=yes RestrictSUIDSGID=yes
        LockPersonality=yes MemoryDenyWriteExecute=yes ReadWritePaths=-/a ReadOnlyPaths=/b
        InaccessiblePaths=/c ExecPaths=/d NoExecPaths=/ BindPaths=/e:/f BindReadOnlyPaths=-/g
        TemporaryFileSystem=/h:ro MountFlags=slave CPUAffinity=0 NUMAPolicy=bind NUMAMask=0
        KeyringMode=shared LogLevelMax=warning LogRateLimitIntervalSec=5 LogRateLimitBurst=9
        LogExtraFields=A=b SyslogLevel=notice SyslogFacility=local0 SyslogLevelPrefix=no
        UtmpIdentifier=ab UtmpMode=login PAMName=login AppArmorProfile=-x SmackProcessLabel=y
        Personality=x86-64 RemoveIPC=yes TTYVTDisallocate=yes TimeoutCleanSec=3
        USBFunctionDescriptors=/i
        """
    yield service("everything", ALONE + RUNS + "\n".join(text.split()) + "\n")


def written():
    yield from everything()
    yield from installed_cases()
    yield from syntax_cases()
    yield from specifier_cases()
    yield from exec_cases()
    yield from verdict_cases()
    yield from dependency_cases()

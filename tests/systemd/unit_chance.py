"""Random unit files, with values that are correct, almost correct, and wrong."""

from unit_cases import ALONE, LISTENS, RUNS, Case

BOOLEANS = "yes no true false on off 1 0 y n t f True YES oN maybe 2 -1".split() + [""]
SPANS = (
    "0 1 5 90 1.5 5s 5min 1h 2d 1w 1month 1y 100ms 7us 1min\\ 30s infinity inf -1 5x 1e3 0s .5 "
    "5. +3 1s500ms 0x10 010 18446744073709551615us 292271y"
).replace("\\ ", "_")
SPANS = [span.replace("_", " ") for span in SPANS.split()] + ["", " 5", "1 2"]
NUMBERS = "0 1 5 17 4294967295 4294967296 -1 0x10 010 0b11 0o17 +5 1.5 x 1k 5_0".split()
NUMBERS += ["", "1 2"]
SIZES = "0 1 4096 1K 1M 1.5K 2G 1T 1k 1KB 1E 16E infinity -1 x 1B 5.5".split()
SIZES += ["", "1 K", "1M 512K"]
MODES = "0644 755 7777 77777 08 0o755 -1 u+x 0 00000644".split() + ["", " 644"]
SIGNALS = (
    "TERM SIGTERM 15 0 64 65 RTMIN RTMIN+3 SIGRTMIN+30 RTMIN+31 RTMAX RTMAX-1 RTMAX-30 RTMAX-31 "
    "term SIGIO SIGPOLL POLL SIGSTKFLT 32 33 34 -1 0x9 SIG9 SIGKILL RTMIN-1 RTMIN+"
).split() + [""]
STATUSES = (
    "0 1 255 256 SUCCESS DATAERR EXEC SIGTERM TERM 1,2 x CONFIG 0x10 RTMIN+1 EXCEPTION SEGV exec "
    "NOTRUNNING FDS BPF SIGUSR1"
).split()
PATHS = "/a /a/b /a//b /a/ /a/./b /a/../b a ./a / /a%n /var/run/x /var/run /a%i/b /ä ~".split()
PATHS += ["", "/a b"]
WORDS = (
    "a b \"q r\" 's t' \\x41 \\n "
    "%n %% %i $A ${B} ; \\; ü \\s \\q \"a a' \\\\ \\101 x\\ y %p-%j \"\" '' "
    "a=b \\' \\\" %f $$ ${A}b \\u00e9 -x --y=z"
).split(" ")
ASSIGNMENTS = (
    "A=1 B=2 A=3 \"C=x y\" 'D=z' "
    "E 1F=2 G==h H=\\x41 I=%n J= K=\\q L=\"m n\" _=1 a-b=1 M=\\n N=\\x01 "
    "O=%Z \"P=\\\"q\\\"\" Q='r"
).split(" ")
NAMES = "A B C_D 1E F-G H=1 %n _x 'I' \"J K\" %i".split()
USERS = "root 0 nobody 1000 a.b a-b _x $x x$ ü 65534 %i %n".split() + [""]
DEPENDENCIES = (
    "wanted-1.service wanted-2.target wanted-3.socket wanted-@.service wanted-4@x.service nonsense "
    "wanted-%i.service wanted-%N.service wanted-%f.service wanted-%%.service wanted-\\x2d.target "
    "'wanted-5.service' wanted-6.wrong wanted-7@%i.service wanted-8.timer"
).split()
CAPABILITIES = (
    "CAP_NET_ADMIN cap_sys_admin CAP_CHOWN ~CAP_CHOWN ~CAP_KILL ~ CAP_NONSENSE 12 41 63 cap_bpf "
    "CAP_NET_RAW"
).split() + ["", "CAP_KILL CAP_CHOWN", "~CAP_KILL CAP_CHOWN", "CAP_CHOWN ~CAP_KILL"]
DIRECTORIES = "a b/c %n d:e f:g:h /i j/../k private private/x ./l \"m n\" o\\:p".split()
DIRECTORIES += ["q\\x20r", ":", "s:", ""]
OUTPUTS = (
    "inherit null tty journal kmsg journal+console kmsg+console syslog syslog+console socket fd "
    "fd:x fd: fd:a:b file:/x file:x file:/x/../y append:/y append: truncate:/z nonsense NULL"
).split() + [""]
INPUTS = (
    "null tty tty-force tty-fail socket fd fd:stdin fd: data file file:/x file:x nonsense"
).split() + [""]
LIMITS = "5 5:7 7:5 infinity 5:infinity infinity:5 1K 1M:1G 5s 1min 1.5 x -1".split()
LIMITS += [":", "5:", ":5", "+5", "-5", "0", "10ms", "41", ""]

WEIGHTS = "0 1 2 10 100 1000 1001 10000 10001 262144 262145 idle x".split() + [""]

SERVICE_CHOICES = {
    "Type": "simple exec forking oneshot notify idle dbus nonsense Simple",
    "Restart": "no on-success on-failure on-abnormal on-watchdog on-abort always yes",
    "KillMode": "control-group process mixed none cgroup",
    "NotifyAccess": "none all exec main no",
    "ExitType": "main cgroup x",
    "TimeoutStartFailureMode": "terminate abort kill x",
    "TimeoutStopFailureMode": "terminate abort kill x",
    "RuntimeDirectoryPreserve": "no yes restart true 1 x",
}
UNIT_CHOICES = {
    "OnFailureJobMode": "fail replace replace-irreversibly isolate flush ignore-dependencies "
    "ignore-requirements triggering x",
    "OnSuccessJobMode": "fail replace x",
    "FailureAction": "none reboot reboot-force reboot-immediate poweroff poweroff-force "
    "poweroff-immediate exit exit-force x",
    "StartLimitAction": "none reboot x",
    "JobTimeoutAction": "none exit x",
    "CollectMode": "inactive inactive-or-failed x",
}

UNIT_LINES = {
    **{
        key: DEPENDENCIES
        for key in "Requires Requisite Wants BindsTo Upholds Conflicts Before After OnSuccess "
        "OnFailure PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo "
        "StopPropagatedFrom PartOf".split()
    },
    **{
        key: BOOLEANS
        for key in "StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate "
        "IgnoreOnIsolate".split()
    },
    "Description": WORDS,
    "Documentation": "man:a(1) http://b file:/c info:d x file:c man: %n".split() + [""],
    "JobTimeoutSec": SPANS,
    "JobRunningTimeoutSec": SPANS,
    "StartLimitIntervalSec": SPANS,
    "StartLimitBurst": NUMBERS,
    "SuccessActionExitStatus": NUMBERS,
    "ConditionPathExists": [mark + path for mark in ("", "!", "|", "|!", "!|") for path in PATHS],
    "AssertFileNotEmpty": PATHS,
    "ConditionHost": WORDS + [""],
    "RequiresMountsFor": ["/mounted" + path for path in PATHS],
    "SourcePath": PATHS,
}
EXEC_LINES = {
    **{key: PATHS for key in ("WorkingDirectory", "TTYPath", "EnvironmentFile")},
    **{f"{key}DirectoryMode": MODES for key in ("Runtime", "State", "Cache", "Logs")},
    **{
        f"{key}Directory": DIRECTORIES
        for key in ("Runtime", "State", "Cache", "Logs", "Configuration")
    },
    **{
        f"Limit{key}": LIMITS
        for key in "CPU FSIZE DATA STACK CORE RSS NOFILE AS NPROC MEMLOCK LOCKS SIGPENDING "
        "MSGQUEUE NICE RTPRIO RTTIME".split()
    },
    "User": USERS,
    "Group": USERS,
    "SupplementaryGroups": USERS,
    "Nice": "0 5 -20 19 20 -21 x +3".split() + [""],
    "OOMScoreAdjust": "0 500 -1000 1000 1001 x".split() + [""],
    "UMask": MODES,
    "Environment": ASSIGNMENTS,
    "PassEnvironment": NAMES,
    "UnsetEnvironment": NAMES,
    "StandardInput": INPUTS,
    "StandardOutput": OUTPUTS,
    "StandardError": OUTPUTS,
    "StandardInputText": WORDS,
    "StandardInputData": "QUJD QUI= QQ== Q QUJ= QU=D = ==== Q\\UJD".split() + ["QU JD", ""],
    "CapabilityBoundingSet": CAPABILITIES,
    "AmbientCapabilities": CAPABILITIES,
    "SecureBits": ["keep-caps", "noroot", "noroot-locked", "x", "", "keep-caps noroot"],
    **{
        key: BOOLEANS
        for key in "NoNewPrivileges PrivateDevices ProtectKernelModules ProtectKernelLogs "
        "ProtectClock PrivateTmp MountAPIVFS".split()
    },
    **{
        key: BOOLEANS
        for key in "CPUAccounting IOAccounting MemoryAccounting TasksAccounting IPAccounting "
        "BlockIOAccounting RemoveIPC PrivateNetwork PrivateMounts PrivateIPC LockPersonality "
        "MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID ProtectKernelTunables "
        "ProtectHostname TTYVTDisallocate".split()
    },
    **{
        key: "0 1 64M 1.5G 10% 12.5% 100% 101% 0% infinity x -1".split() + [""]
        for key in "MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax MemoryLimit".split()
    },
    **{key: WEIGHTS for key in "CPUWeight StartupCPUWeight IOWeight StartupIOWeight".split()},
    **{key: WEIGHTS for key in "CPUShares StartupCPUShares BlockIOWeight".split()},
    **{
        key: PATHS + ["-/a", "+/a", "-+/b", "/a /b", "\"/q r\" /s"]
        for key in "ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths "
        "ReadOnlyDirectories".split()
    },
    **{
        key: "/a /a:/b -/a:/b /a:/b:norbind /a:/b:rbind /a:/b:x /a:b".split() + ["", "/c /d"]
        for key in ("BindPaths", "BindReadOnlyPaths")
    },
    **{
        key: "0 0-3 1,3 3-1 5 x 0-".split() + ["", "0 2", "4 5 6"]
        for key in "CPUAffinity AllowedCPUs AllowedMemoryNodes".split()
    },
    **{
        key: "emerg alert crit err warning notice info debug 0 7 8 x".split()
        for key in ("SyslogLevel", "LogLevelMax")
    },
    "TasksMax": "1 100 50% 0 infinity 0% x 12.34%".split() + [""],
    "CPUQuota": "50% 250% 0.5% 12.34% 0% 20 x".split() + [""],
    "CPUQuotaPeriodSec": SPANS,
    "ManagedOOMSwap": "auto kill x".split(),
    "ManagedOOMMemoryPressureLimit": "40% 0% 100% 33.33% x".split() + [""],
    "ManagedOOMPreference": "none avoid omit x".split(),
    "DisableControllers": "cpu memory x".split() + ["cpu io", ""],
    "DevicePolicy": "auto closed strict x".split(),
    "DeviceAllow": ["/dev/null", "/dev/null rw", "char-pts m", "/dev/zero x", "x rw", ""],
    "IPAddressAllow": "10.1.2.3/8 10.0.0.1 any localhost ::1 fe80::1/10 x 1.2.3.4/33".split(),
    "IPAddressDeny": ["any", "multicast link-local", "1.2.3.4", ""],
    "RestrictNetworkInterfaces": "eth0 ~eth0 lo ~lo".split() + ["eth0 lo", ""],
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 ~AF_INET none AF_ROUTE x ~".split()
    + ["AF_UNIX AF_NETLINK", "~AF_UNIX AF_PACKET", ""],
    "RestrictNamespaces": "yes no net ~net x".split() + ["user pid", "~cgroup user", ""],
    "SystemCallArchitectures": "native x86 x86-64 x".split() + ["x86-64 native", ""],
    "SystemCallErrorNumber": "EPERM 1 0 EACCES kill 4095 4096 x".split() + [""],
    "Personality": "x86 x86-64 x".split(),
    "ProtectSystem": BOOLEANS + ["full", "strict"],
    "ProtectHome": BOOLEANS + ["read-only", "tmpfs"],
    "ProtectProc": "noaccess invisible ptraceable default x".split(),
    "ProcSubset": "all pid x".split(),
    "KeyringMode": "inherit private shared x".split(),
    "UtmpMode": "init login user x".split(),
    "UtmpIdentifier": WORDS,
    "PAMName": ["login", "%n", ""],
    "MountFlags": "shared slave private x".split() + [""],
    "NUMAPolicy": "default preferred bind interleave local x".split(),
    "SyslogFacility": "kern daemon local0 local7 x".split(),
    "LogRateLimitIntervalSec": SPANS,
    "LogRateLimitBurst": NUMBERS,
    "TimeoutCleanSec": SPANS,
    "TemporaryFileSystem": "/a /a:ro /b:ro,size=5 a /a:".split() + ["/c /d", ""],
    "AppArmorProfile": ["a", "-a", "%n", ""],
    "SELinuxContext": ["a", "-a", ""],
    "SmackProcessLabel": ["a", "-a", ""],
    "Slice": "a.slice a-b.slice a.service %p.slice x".split(),
    "DynamicUser": "yes true no off maybe".split(),
    "RootDirectory": PATHS,
    "Delegate": "yes no cpu x".split() + ["cpu memory", ""],
    "IOSchedulingClass": "none realtime best-effort idle 0 1 3 4 8 9 03 0x2 +1 -1 x".split() + [""],
    "IOSchedulingPriority": "0 3 7 8 -1 x".split() + [""],
    "CPUSchedulingPolicy": "other batch idle fifo rr 0 1 2 3 5 02 0x1 +1 -1 x".split() + [""],
    "CPUSchedulingPriority": "0 1 50 99 100 -1 x".split() + [""],
    "IgnoreSIGPIPE": BOOLEANS,
    "TTYReset": BOOLEANS,
    "ExecSearchPath": "/a /a:/b a:/b /a::/b /a:/a/../b /a/:/b//c".split() + [""],
    "KillSignal": SIGNALS,
    "RestartKillSignal": SIGNALS,
    "FinalKillSignal": SIGNALS,
    "WatchdogSignal": SIGNALS,
    "SendSIGKILL": BOOLEANS,
    "SendSIGHUP": BOOLEANS,
}
SERVICE_LINES = {
    **{
        key: SPANS
        for key in "RestartSec TimeoutStartSec TimeoutStopSec TimeoutSec TimeoutAbortSec "
        "RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec".split()
    },
    **{
        key: STATUSES
        for key in ("SuccessExitStatus", "RestartPreventExitStatus", "RestartForceExitStatus")
    },
    **{
        f"Exec{key}": None
        for key in "Condition StartPre Start StartPost Reload Stop StopPost".split()
    },
    **{
        key: BOOLEANS
        for key in ("RemainAfterExit", "GuessMainPID", "NonBlocking", "RootDirectoryStartOnly")
    },
    "OOMPolicy": "continue stop kill x".split() + [""],
    "PIDFile": PATHS,
    "BusName": "org.example a a.b .a a. a..b a.1 a-b.c_d org.%p".split() + [""],
    "FileDescriptorStoreMax": NUMBERS,
    **SERVICE_CHOICES,
    **EXEC_LINES,
}
ADDRESSES = (
    "/run/a /run/a/../b @abs @ 1234 0 65536 127.0.0.1:80 127.0.0.1 127.0.0.1:0 256.0.0.1:80 "
    "[::1]:80 [::1] ::1:80 vsock:2:1234 vsock::1234 vsock:-1:1 vsock:2 vsock:4294967295:5 "
    "localhost:80 *:80 :80 /var/run/old rel/path / /run/%n 0x50 080 +80 01.2.3.4:80 1.2.3:80"
).split() + ["", "/run/with space", "a b", "/" + "p" * 106, "/" + "p" * 107, "@" + "p" * 107]
SOCKET_LINES = {
    **{key: ADDRESSES for key in ("ListenStream", "ListenDatagram", "ListenSequentialPacket")},
    "ListenFIFO": PATHS,
    "ListenSpecial": PATHS,
    "ListenNetlink": "route_1361 kobject-uevent_1 bogus_1 route route_-1 generic__2 16_x _".replace(
        "_", "\t"
    ).split(" "),
    **{
        key: BOOLEANS
        for key in "Accept FlushPending Writable KeepAlive NoDelay FreeBind Transparent Broadcast "
        "PassCredentials PassSecurity PassPacketInfo ReusePort RemoveOnStop".split()
    },
    **{
        key: NUMBERS
        for key in "Backlog MaxConnections MaxConnectionsPerSource KeepAliveProbes "
        "TriggerLimitBurst Priority IPTTL Mark".split()
    },
    **{
        key: SPANS
        for key in "TimeoutSec KeepAliveTimeSec KeepAliveIntervalSec DeferAcceptSec "
        "TriggerLimitIntervalSec".split()
    },
    **{key: SIZES for key in ("ReceiveBuffer", "SendBuffer", "PipeSize")},
    **{key: MODES for key in ("SocketMode", "DirectoryMode")},
    "SocketUser": USERS,
    "SocketGroup": USERS,
    "BindIPv6Only": "default both ipv6-only yes no x".split(),
    "SocketProtocol": "udplite sctp tcp".split() + [""],
    "IPTOS": "low-delay throughput reliability low-cost 5 300 x".split() + [""],
    "Timestamping": "off us usec µs ns nsec yes no x ms".split(),
    "FileDescriptorName": "a a:b %n a-b ü".split() + ["", "a b"],
    "BindToDevice": "lo eth0 * x/y 0123456789abcdef 12 a:b".split() + [""],
    "TCPCongestion": ["cubic", "%n", ""],
    **{f"Exec{key}": None for key in "StartPre StartPost StopPre StopPost".split()},
    "KillMode": SERVICE_CHOICES["KillMode"],
    **EXEC_LINES,
}
# From one line, these kinds of directives make several values.
LISTS = [DEPENDENCIES, WORDS, ASSIGNMENTS, NAMES, STATUSES, DIRECTORIES]
PREFIXES = ["", "", "", "", "-", "@", "+", "!", "!!", ":", "@-", ":-+", "-!"]
COMMANDS = ["/bin/true"] * 5 + ["true", "/bin//./true", "/bin/%n", "/bin/%i", "/bin/", "./x", "%p"]


def a_command(chance):
    words = chance.choices(WORDS, k=chance.randrange(5))
    return " ".join([chance.choice(PREFIXES) + chance.choice(COMMANDS), *words])


def a_value(chance, key, pool):
    if isinstance(pool, str):
        return chance.choice(pool.split() + [""])
    if pool is None:
        return a_command(chance) if chance.random() < 0.9 else ""
    if any(pool is many for many in LISTS):
        return chance.choice(" \t").join(chance.choices(pool, k=chance.randrange(5)))
    return chance.choice(pool)


def a_line(chance, lines):
    key = chance.choice(sorted(lines))
    text = key + chance.choice(["=", "=", "=", " = "]) + a_value(chance, key, lines[key])
    if " " in text and chance.random() < 0.1:
        at = text.index(" ")
        text = text[:at] + chance.choice(["\\\n", "\\\n# \\\n", "\\\n; x\n   "]) + text[at:]
    return text + "\n"


def made(chance, number):
    """Returns a unit with some lines, and sometimes drop-ins with more lines."""
    kind = chance.choice(["service", "service", "service", "socket", "target"])
    own = {"service": SERVICE_LINES, "socket": SOCKET_LINES, "target": {}}[kind]
    in_unit = {**UNIT_LINES, **UNIT_CHOICES}

    def body(limit):
        text = "[Unit]\n" + "".join(a_line(chance, in_unit) for _ in range(chance.randrange(limit)))
        if own:
            text += f"[{kind.capitalize()}]\n"
            text += "".join(a_line(chance, own) for _ in range(chance.randrange(limit * 2)))
        return text

    start = {"service": RUNS, "socket": LISTENS, "target": ""}[kind]
    if kind == "service" and chance.random() < 0.3:
        start = start.replace("Type=oneshot\n", "")
    name = f"made{number}" + chance.choice(["", "-a-b", "@i-j", "@x"])
    file = name.split("@")[0] + ("@" if "@" in name else "")
    files = {f"lib/{file}.{kind}": ALONE + start + body(6)}
    if chance.random() < 0.2:
        files[f"run/{name}.{kind}.d/{chance.choice('abc')}.conf"] = body(3)
    if chance.random() < 0.1:
        files[f"lib/{file}.{kind}.d/{chance.choice('abc')}.conf"] = body(3)
    return Case(files, [f"{name}.{kind}"])

#!/bin/bash
#
# forking_inside.sh SYSTEM_TEST: the part of forking.sh that runs in the container.

export SYSTEM_TEST=$1
. "$(dirname "$0")/lib.sh"
in_lab
PATH=$bin:$PATH # In this container, systemctl is that of notifybridge.

readonly daemon=$here/forking_daemon.py
# The directory belongs to the daemon's user, so the service manager does not trust a PID file in
# it. The file may name only processes of the unit.
mkdir -m 755 /run/pids
chown 65534 /run/pids

# forking NAME LINE…: makes a unit of Type=forking with these lines.
forking() {
    local name=$1
    shift
    {
        printf '[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n'
        printf '[Service]\nType=forking\nTimeoutStopSec=20\n'
        printf '%s\n' "$@"
    } >"$SYSTEM_TEST/inside/$name.service"
    systemctl daemon-reload
}

# daemons: prints the pids of the running daemons.
daemons() {
    pgrep -u 65534 -f forking_daemon || true
}

count_is() {
    [ "$(daemons | wc -l)" = "$1" ]
}

# expect_daemons COUNT: checks that COUNT daemons run now.
expect_daemons() {
    count_is "$1" || fail "$(daemons | wc -l) daemons run and should $1: $(ps -ef)"
}

# expect_failed UNIT RESULT: checks that the start of the unit fails with that result.
expect_failed() {
    ! systemctl start "$1" 2>/dev/null || fail "$1 could be started"
    expect "$1" ActiveState=failed Result="$2"
}

# stop_all UNIT: stops the unit, and checks that no daemon is left.
stop_all() {
    systemctl stop "$1" || fail "systemctl stop $1"
    expect "$1" ActiveState=inactive Result=success
    expect_daemons 0
}

eventually "init is up" systemctl is-active --quiet box.target

scenario "the container has no control groups and hides environments"
forking plain "ExecStart=$daemon"
systemctl start plain
expect plain ControlGroup=
! cat "/proc/$(property plain MainPID)/environ" 2>/dev/null || fail "environments can be read"

scenario "the daemon is the main process after each start"
for turn in 1 2 3 4 5 6 7 8 9 10; do
    systemctl restart plain || fail "turn $turn: restart"
    expect plain ActiveState=active SubState=running MainPID="$(daemons)"
done

scenario "the unit fails when its daemon is killed"
kill -KILL "$(property plain MainPID)"
expect_soon plain ActiveState=failed Result=signal ExecMainStatus=9
expect_daemons 0

scenario "init accepts the PID file that the daemon writes"
forking pidfile "ExecStart=$daemon --pid-file=/run/pids/own" PIDFile=/run/pids/own
start pidfile
expect pidfile MainPID="$(daemons)"
stop_all pidfile

scenario "init waits for a late PID file"
forking late "ExecStart=$daemon --late --pid-file=/run/pids/late" PIDFile=/run/pids/late
start late
expect late MainPID="$(daemons)"
stop_all late

scenario "init ignores a PID file that names another unit's process"
systemctl start plain
forking foreign "ExecStart=$daemon" PIDFile=/run/pids/foreign TimeoutStartSec=1
property plain MainPID >/run/pids/foreign
chown 65534 /run/pids/foreign
expect_failed foreign timeout
expect plain ActiveState=active MainPID="$(daemons)"
stop_all plain

scenario "several daemons have no main process, and a stop ends all"
forking several "ExecStart=$daemon --daemons=3"
start several
expect several MainPID=0
expect_daemons 3
stop_all several

scenario "KillMode=process leaves the second daemon in the unit"
forking process "ExecStart=$daemon --daemons=2 --pid-file=/run/pids/main" PIDFile=/run/pids/main \
    KillMode=process
start process
systemctl stop process
expect_daemons 1
systemctl kill --signal=KILL process
eventually "the other is killed by the unit's name" count_is 0

scenario "NotifyAccess=all lets the daemon notify"
forking notify "ExecStart=$daemon --notify=STATUS=dropped" NotifyAccess=all
start notify
expect_soon notify StatusText=dropped
stop_all notify

scenario "the unit becomes inactive when a thousand daemons end at once"
forking many "ExecStart=/bin/sh -c 'for n in \$(seq 1000); do setsid --fork env -i true; done'"
systemctl start many
expect_soon many ActiveState=inactive Result=success
expect_daemons 0

scenario "the unit becomes inactive when its daemon ends at once"
forking ends "ExecStart=$daemon --ends"
systemctl start ends
expect_soon ends ActiveState=inactive Result=success

scenario "the start times out if the first process never ends"
forking never "ExecStart=/bin/sh -c '$daemon; exec sleep infinity'" TimeoutStartSec=1500ms
expect_failed never timeout
expect_daemons 0

scenario "a stop ends the processes that ExecStartPre= has left"
forking pre "ExecStartPre=$daemon" "ExecStart=$daemon --pid-file=/run/pids/pre" \
    PIDFile=/run/pids/pre
start pre
expect_daemons 2
expect pre MainPID="$(cat /run/pids/pre)"
stop_all pre

scenario "a stop ends the processes that a oneshot service has left"
forking oneshot "ExecStart=$daemon" Type=oneshot RemainAfterExit=yes
systemctl start oneshot
expect oneshot SubState=exited
expect_daemons 1
stop_all oneshot

scenario "root cannot change its mark without CAP_SYS_RESOURCE"
forking fixed "ExecStart=/bin/bash -c 'ulimit -Hx unlimited || ulimit -Hm unlimited || exec $daemon'"
start fixed
expect fixed MainPID="$(daemons)"
stop_all fixed

scenario "the start fails if a daemon without a mark is lost"
forking lost "ExecStart=$daemon" LimitLOCKS=1000
expect_failed lost protocol
expect_daemons 1
said=$(systemctl status lost || true)
[[ $said == *"process $(daemons) may be the daemon"* ]] || fail "it does not say so: $said"
kill "$(daemons)"
eventually "it ends" count_is 0

scenario "a PID file of root finds a daemon without a mark"
forking found "ExecStart=/bin/sh -c '$daemon; pgrep -u 65534 -f forking_daemon >/run/found.pid'" \
    PIDFile=/run/found.pid LimitLOCKS=1000
start found
expect found MainPID="$(daemons)"
stop_all found

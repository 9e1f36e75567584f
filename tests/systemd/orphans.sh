#!/bin/bash
#
# `wrap` reaps the orphans that an app leaves behind, and ends those that outlive the app, but not
# those of other units. It says if it may not signal the app.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap

# A zombie belongs to no control group, so the whole lab must have none.
no_zombie() {
    ! ps -e -o stat= | grep -q ^Z
}

processes() {
    wc -l <"/sys/fs/cgroup/system.slice/$1.service/cgroup.procs"
}

has_processes() {
    [ "$(processes "$1")" = "$2" ]
}

# make_active NAME [KIND]: makes a unit of an app, and makes the unit active.
make_active() {
    app_unit "$1" "${2:-none}" </dev/null
    begin "$1"
    tell "$1" "send READY=1"
    expect_soon "$1" ActiveState=active
}

for kind in none podman bwrap; do
    name=orphans-$kind
    make_active "$name" $kind
    before=$(processes "$name")

    scenario "$kind: wrap reaps a hundred orphans"
    tell "$name" "run for i in \$(seq 100); do (setsid true &); done"
    eventually "no zombie is left" no_zombie
    eventually "none of them is left" has_processes "$name" "$before"

    scenario "$kind: wrap ends orphans that outlive the app"
    tell "$name" "run setsid sleep 1000 & setsid sleep 1000 & (trap '' HUP; sleep 1000) & true"
    order "$name" "exit 0"
    expect_end "$name" "success exited 0"
    expect_gone "$name"
done

scenario "an orphan that ignores SIGTERM is killed after --kill-after"
unit stubborn <<EOF
ExecStart=$wait $wrap --kill-after=100ms $(app stubborn)
EOF
begin stubborn
tell stubborn "send READY=1"
expect_soon stubborn ActiveState=active
tell stubborn "run (trap '' TERM; while :; do sleep 1; done) & true"
order stubborn "exit 4"
expect_end stubborn "exit-code exited 4"
expect_gone stubborn

scenario "an orphan in another unit goes on, like a login session of sshd"
make_active guarded
tell guarded "run systemd-run --quiet --scope --unit=guest sleep 1000 & setsid sleep 1000 & true"
expect_soon guest.scope ActiveState=active
guest=$(</sys/fs/cgroup/system.slice/guest.scope/cgroup.procs)
order guarded "exit 0"
expect_end guarded "success exited 0"
expect_gone guarded
kill -0 "$guest" || fail "wrap has ended a process of another unit"
expect guest.scope ActiveState=active
log=$SYSTEM_TEST/log/guarded
grep -q "leaving processes of other units" "$log" || fail "the log does not say so"
! grep -q "killing\|ignoring processes" "$log" || fail "wrap has waited for a process of another unit"
systemctl stop guest.scope

scenario "the end of an orphan below a process of another unit is noticed"
make_active below
tell below "run (sleep 1000 & exec systemd-run --quiet --scope --unit=upper sleep 1000) & true"
expect_soon upper.scope ActiveState=active
order below "exit 0"
expect_end below "success exited 0"
expect_gone below
! grep -q "killing\|ignoring processes" "$SYSTEM_TEST/log/below" || fail "wrap has waited for a zombie"
systemctl stop upper.scope

scenario "wrap warns if it may not signal an app of another user"
unit deaf <<EOF
TimeoutStopSec=2
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_DAC_OVERRIDE
ExecStart=$wait $wrap setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs sleep 1000
ExecReload=/bin/kill -HUP \$MAINPID
Type=exec
NotifyAccess=main
EOF
start deaf
is_started() { pgrep --uid 65534 --exact sleep >/dev/null; }
eventually "the app is started" is_started
systemctl reload deaf
log_says() { grep -qF -e "$1" "$SYSTEM_TEST/log/deaf"; }
eventually "the log says so" log_says \
    "cannot send SIGHUP to the command, which runs as another user: CAP_KILL is missing"
systemctl stop deaf
log_says "cannot send SIGTERM to the command" || fail "the log does not mention SIGTERM"

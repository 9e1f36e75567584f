#!/bin/bash
#
# Jobs of a timer: units whose container does some work and ends. systemd does not wait for READY=1
# of units with Type=oneshot, simple or exec.

. "$(dirname "$0")/lib.sh"
in_lab podman crun
. "$here/recipes.sh"

prepare
make_root
podman_settings
image localhost/tiny 'CMD ["false"]'
journal

# well NAME TEXT: waits until `status --check` finds this text about the unit, and checks that it
# finds no problem.
well() {
    local status=0
    eventually "the check says: $2" check_says "$1" "$2"
    said=$(notifybridge status --check "$1") || status=$?
    if [ "$status" != 0 ] || grep -q "^problem" <<<"$said"; then fail "$1: $status: $said"; fi
}

check_says() {
    said=$(notifybridge status --check "$1" 2>/dev/null) || true
    grep -qF -e "$2" <<<"$said"
}

# no_warning NAME: checks that the log of the unit has no warning and no error of ours.
no_warning() {
    if logged "$1" "warning: " || logged "$1" "error: "; then
        fail "$1: $(journalctl --no-pager --output=cat --unit="$1")"
    fi
}

scenario "the example of a job runs without a warning"
recipe "$examples" "A JOB OF A TIMER" 1 | sed "s|IMAGE COMMAND|localhost/tiny $(app backup)|" \
    >"$SYSTEM_TEST/units/backup.service"
recipe "$examples" "A JOB OF A TIMER" 2 >"$SYSTEM_TEST/units/backup.timer"
systemctl daemon-reload
systemctl start backup.timer
begin backup
tell backup "send STATUS=copying"
expect_soon backup ActiveState=activating StatusText=copying
well backup "backup.service runs: systemd waits for its end (Type=oneshot)"
order backup "exit 0"
expect_soon backup ActiveState=inactive Result=success
no_warning backup
well backup "backup.service is not started; its last run exited with status 0; backup.timer starts it on "
well backup.timer "backup.service is not started; its last run exited with status 0; backup.timer starts it on "
next=$(property backup.timer NextElapseUSecRealtime)
grep -qF "starts it on $next" <<<"$said" || fail "the next start is $next: $said"

scenario "a changed file that systemd has not read is noted"
echo "# changed" >>"$SYSTEM_TEST/units/backup.service"
well backup "the file of backup.service has changed since systemd has read it"
systemctl daemon-reload
if check_says backup "has changed since"; then fail "the file is still noted: $said"; fi

scenario "a job that fails is a problem"
begin backup
order backup "exit 3"
expect_soon backup ActiveState=failed
eventually "the check says why" check_says backup "it exited with status 3"
systemctl reset-failed backup

scenario "a job of another type needs no messages either"
for type in simple exec; do
    printf '%s\n' '[Service]' "Type=$type" \
        "ExecStart=/usr/bin/notifybridge run podman run --rm --replace --name=$type localhost/tiny $(app "$type")" \
        >"$SYSTEM_TEST/units/$type.service"
    printf '%s\n' '[Timer]' OnUnitActiveSec=1d >"$SYSTEM_TEST/units/$type.timer"
    systemctl daemon-reload
    systemctl start "$type.timer"
    begin "$type"
    well "$type" "$type.service has Type=$type, NotifyAccess=none"
    tell "$type" "send STATUS=copying"
    order "$type" "exit 0"
    expect_soon "$type" ActiveState=inactive
    well "$type" "its last run exited with status 0; $type.timer starts it on "
    logged "$type" "NOTIFY_SOCKET is not set: dropping messages" || fail "$type: no warning"
    if logged "$type" "would send"; then fail "$type: messages are in the log"; fi
done

scenario "a unit that somebody has stopped is no problem"
begin simple
systemctl stop simple simple.timer
expect_soon simple ActiveState=inactive
well simple "simple.service is not started"

scenario "a stop that systemd counts as a failure is no problem"
systemctl log-level info # As on a host.
begin backup
systemctl stop backup.timer backup
expect_soon backup ActiveState=failed Result=signal
well backup "a stop was requested, and its main process was killed by SIGTERM, which is a failure with Type=oneshot"

# server NAME COMMAND…: starts a unit that is ready when its shell writes "up".
server() {
    local name=$1
    shift
    printf '%s\n' '[Service]' Type=notify "ExecStart=/usr/bin/notifybridge run --ready-when=log:up podman run \\
        --rm --replace --name=$name localhost/tiny sh -c '$*'" >"$SYSTEM_TEST/units/$name.service"
    systemctl daemon-reload
    systemctl start "$name"
}

server rude 'trap "exit 1" TERM; echo up; while :; do sleep 0.1; done'
systemctl stop rude
expect_soon rude ActiveState=failed Result=exit-code
well rude "a stop was requested, and the app exited with status 1"

scenario "a daemon that was ready is named"
server daemon 'echo up; sleep 0.5; setsid sleep 1000 >/dev/null 2>&1 & sleep 1'
expect_soon daemon ActiveState=inactive
eventually "the check names the daemon" check_says daemon "daemon.service is not started: the app put itself into the background"
grep -q "^problem" <<<"$said" || fail "no problem: $said"

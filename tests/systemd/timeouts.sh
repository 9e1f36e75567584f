#!/bin/bash
#
# The watchdog and the timeouts of a unit, and their effects on an app in a container.

. "$(dirname "$0")/lib.sh"
in_lab bwrap podman

for kind in none bwrap podman; do
    name=watched-$kind
    scenario "$kind: sd_watchdog_enabled(3) returns the unit's period"
    app_unit "$name" "$kind" <<EOF
WatchdogSec=5
EOF
    begin "$name"
    tell "$name" watchdog
    expect_line "1 5000000" "$apps/$name/watchdog"
    tell "$name" "send READY=1"

    scenario "$kind: pings arrive in time between thousands of messages"
    tell "$name" "run (while :; do :; done) & echo \$! >$apps/$name/burner"
    for ((round = 0; round < 4; round++)); do
            tell "$name" "ping 1 0.5"
        tell "$name" "burst $(printf 'STATUS=%s|' {1..500})X_END=1"
    done
    tell "$name" "run kill \$(cat $apps/$name/burner)"
    expect "$name" ActiveState=active NRestarts=0

    scenario "$kind: WATCHDOG_USEC= changes the period"
    tell "$name" "send WATCHDOG_USEC=60000000"
    tell "$name" barrier
    expect "$name" WatchdogUSec=1min
    tell "$name" "run sleep 5.5"
    expect "$name" ActiveState=active

    scenario "$kind: WATCHDOG=trigger fails the unit at once"
    order "$name" "send WATCHDOG=trigger"
    expect_soon "$name" ActiveState=failed Result=watchdog
    # systemd ends the unit with SIGABRT. This signal also ends podman's client before the client
    # has cleaned up, so the next start needs podman's --replace.
    expect_ended "$name"
done

scenario "nothing pings the watchdog for an app that hangs"
app_unit hung <<EOF
WatchdogSec=1
EOF
begin hung
tell hung "send READY=1\\nWATCHDOG=1"
order hung "kill STOP"
expect_soon hung ActiveState=failed Result=watchdog
expect_gone hung

scenario "EXTEND_TIMEOUT_USEC= extends the watchdog timeout"
app_unit patient <<EOF
WatchdogSec=3
EOF
begin patient
tell patient "send READY=1"
tell patient "send EXTEND_TIMEOUT_USEC=30000000"
tell patient "run sleep 4"
expect patient ActiveState=active
stop patient

scenario "EXTEND_TIMEOUT_USEC= extends the stop timeout"
app_unit leaving <<EOF
TimeoutStopSec=3
EOF
begin leaving
tell leaving "send READY=1"
tell leaving "on TERM burst STOPPING=1|EXTEND_TIMEOUT_USEC=30000000"
systemctl stop --no-block leaving
expect_soon leaving ActiveState=deactivating
eventually "the app has said it" grep -q EXTEND "$apps/leaving/done"
sleep 4
expect leaving ActiveState=deactivating
order leaving "exit 0"
expect_end leaving "success exited 0"
expect_gone leaving

scenario "a long stop times out without EXTEND_TIMEOUT_USEC="
app_unit cut <<EOF
TimeoutStopSec=1
EOF
begin cut
tell cut "send READY=1"
tell cut "on TERM send STOPPING=1"
systemctl stop --no-block cut
eventually "cut is over" is_over cut
grep -q timeout "$SYSTEM_TEST/ends/cut" || fail "cut ended as $(cat "$SYSTEM_TEST/ends/cut")"
expect_gone cut

#!/bin/bash
#
# The keys that an app sends reach systemd, except for those that must not leave the container.

. "$(dirname "$0")/lib.sh"
in_lab

scenario "a unit is activating until its app sends READY=1"
app_unit ready </dev/null
begin ready
expect ready ActiveState=activating SubState=start StatusText=
tell ready "send READY=1"
expect_soon ready ActiveState=active SubState=running
stop ready

scenario "STATUS= arrives before and after READY=1"
app_unit status </dev/null
begin status
tell status "send STATUS=Loading"
expect_soon status ActiveState=activating StatusText=Loading
tell status "send READY=1"
tell status "send STATUS=Serving 3 clients: ä"
expect_soon status ActiveState=active "StatusText=Serving 3 clients: ä"

scenario "the last of three quick STATUS= messages stays"
for ((round = 1; round <= 20; round++)); do
    tell status "burst STATUS=$round a|STATUS=$round b|STATUS=$round c"
    tell status barrier
    expect status "StatusText=$round c"
done

scenario "an empty STATUS= clears the status"
tell status "send STATUS="
expect_soon status StatusText=

scenario "BARRIER=1 returns when systemd has processed earlier messages"
for ((round = 1; round <= 20; round++)); do
    tell status "send STATUS=before barrier $round"
    tell status barrier
    expect status "StatusText=before barrier $round"
done

scenario "ERRNO= reaches systemd, and EXIT_STATUS= is stored"
tell status "send ERRNO=28"
expect_soon status StatusErrno=28
tell status "send EXIT_STATUS=7\\nSTATUS=seven"
expect_soon status StatusText=seven ActiveState=active
eventually "container-status has EXIT_STATUS" \
    grep -qsx EXIT_STATUS=7 "$(shared status)/container-status"

scenario "MAINPID= and NOTIFYACCESS= are removed from a datagram"
main_pid=$(property status MainPID)
tell status "send MAINPID=1\\nSTATUS=with a pid\\rNOTIFYACCESS=all"
expect_soon status "StatusText=with a pid"
tell status barrier
expect status "MainPID=$main_pid" NotifyAccess=main

scenario "RELOADING=1 starts a reload, and READY=1 ends it"
tell status "send RELOADING=1\\nSTATUS=reloading"
expect_soon status ActiveState=reloading
tell status "send READY=1"
expect_soon status ActiveState=active

scenario "STOPPING=1 arrives before the app ends"
tell status "send STOPPING=1\\nSTATUS=going"
expect_soon status ActiveState=deactivating SubState=stop-sigterm StatusText=going
tell status "send STATUS=gone"
order status "exit 0"
expect_end status "success exited 0"
expect_gone status

scenario "READY=1 and STATUS= arrive in one datagram"
app_unit one </dev/null
begin one
tell one "send READY=1\\nSTATUS=both"
expect_soon one ActiveState=active StatusText=both

scenario "READY=1 and STATUS= arrive in two datagrams"
app_unit two </dev/null
begin two
tell two "burst READY=1|STATUS=second"
expect_soon two ActiveState=active StatusText=second

scenario "an invalid datagram is dropped, and the next one arrives"
tell two "send STATUS=cut\\x00READY=1"
tell two "run /bin/true"
tell two "send STATUS=after the bad one"
expect_soon two "StatusText=after the bad one" ActiveState=active
stop one
stop two

scenario "the unit stays active while the app pings, and then fails"
app_unit watchdog <<EOF
WatchdogSec=2
EOF
begin watchdog
tell watchdog "send READY=1"
expect_soon watchdog ActiveState=active
for ((ping = 0; ping < 16; ping++)); do
    tell watchdog "send WATCHDOG=1"
    tell watchdog "run sleep 0.25"
done
expect watchdog ActiveState=active
expect_soon watchdog ActiveState=failed Result=watchdog
expect_gone watchdog

scenario "a unit that never notifies times out"
app_unit silent <<EOF
TimeoutStartSec=1
EOF
begin silent
expect_soon silent ActiveState=failed Result=timeout
expect_gone silent

scenario "EXTEND_TIMEOUT_USEC= extends the start timeout"
app_unit slow <<EOF
TimeoutStartSec=2
EOF
begin slow
tell slow "send EXTEND_TIMEOUT_USEC=60000000"
tell slow barrier
tell slow "run sleep 2.5"
tell slow "send READY=1"
expect_soon slow ActiveState=active
stop slow

scenario "a unit fails if its app ends before READY=1"
app_unit early </dev/null
begin early
order early "exit 0"
expect_soon early ActiveState=failed Result=protocol
expect_gone early

#!/bin/bash
#
# Each start of a unit waits for its own READY=1. A message of an earlier run never counts for it.
# If systemd re-executes itself, it misses no message.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap

for kind in none podman; do
    scenario "$kind: no restart accepts a stale READY=1"
    name=again-$kind
    app_unit "$name" $kind </dev/null
    begin "$name"
    tell "$name" "send READY=1\\nSTATUS=run 0"
    expect_soon "$name" ActiveState=active "StatusText=run 0"
    for ((run = 1; run <= 10; run++)); do
        begin "$name" restart
        # The new run of the app has not sent READY=1 yet. Only a message of an earlier run could
        # make the unit active.
        tell "$name" "send STATUS=loading run $run"
        tell "$name" barrier
        expect "$name" ActiveState=activating "StatusText=loading run $run"
        tell "$name" "send READY=1\\nSTATUS=run $run"
        expect_soon "$name" ActiveState=active "StatusText=run $run"
    done
    stop "$name"
done

scenario "the run after a crash waits for its own READY=1"
app_unit crash podman <<EOF
Restart=always
RestartSec=0
EOF
begin crash
tell crash "send READY=1"
expect_soon crash ActiveState=active
for ((run = 1; run <= 3; run++)); do
    before=$(lines "$apps/crash/starts")
    order crash "kill KILL"
    eventually "the app starts again" more_lines "$apps/crash/starts" "$before"
    tell crash "send STATUS=loading run $run"
    tell crash barrier
    expect crash ActiveState=activating "StatusText=loading run $run" NRestarts=$run
    tell crash "send READY=1"
    expect_soon crash ActiveState=active
done
stop crash

scenario "systemctl daemon-reexec loses no message"
app_unit anew bwrap <<EOF
WatchdogSec=20
FileDescriptorStoreMax=1
EOF
begin anew
for text in "READY=1" "WATCHDOG=1"; do
    systemctl daemon-reexec &
    for ((round = 1; round <= 10; round++)); do
        tell anew "send $text\\nSTATUS=$text $round"
    done
    tell anew "store kept $text"
    tell anew barrier
    wait $!
    expect_soon anew ActiveState=active "StatusText=$text 10" NFileDescriptorStore=1
done
expect anew NRestarts=0
stop anew

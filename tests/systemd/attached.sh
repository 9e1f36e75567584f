#!/bin/bash
#
# A container has a unit of its own, and a `wait` without a command in another unit represents it.
# If one side dies, the other one continues or reports that it cannot.

. "$(dirname "$0")/lib.sh"
in_lab podman

# attached NAME KIND: makes the units NAME-container, which runs the app, and NAME, which notifies
# systemd for the app.
attached() {
    local name=$1 kind=$2
    unit "$name-container" <<EOF
Type=exec
NotifyAccess=none
Environment=SHARED_DIR=$(shared "$name")
ExecStart=$(container "$kind" "$name") $wrap --verbose $(app "$name")
EOF
    unit "$name" <<EOF
ExecStart=$wait --verbose
Restart=on-failure
RestartSec=0
EOF
    mkdir -p "$(shared "$name")"
}

# has_ended_with STATUS NAME: returns whether the unit has ended with STATUS. systemd may have
# started the unit again after that.
has_ended_with() {
    [ "$(cat "$SYSTEM_TEST/ends/$2")" = "exit-code exited $1" ]
}

waits_anew() {
    [ "$(property "$1" MainPID)" != 0 ] && [ "$(property "$1" MainPID)" != "$2" ]
}

for kind in none podman; do
    name=attached-$kind
    attached "$name" $kind

    scenario "$kind: wait attaches before the run and follows it"
    systemctl start --no-block "$name"
    begin_container() {
        local before
        before=$(lines "$apps/$name/starts")
        systemctl start --no-block "$name-container"
        eventually "the app starts" more_lines "$apps/$name/starts" "$before"
    }
    begin_container
    tell "$name" "send STATUS=first"
    expect_soon "$name" ActiveState=activating StatusText=first
    tell "$name" "send READY=1\\nSTATUS=up"
    expect_soon "$name" ActiveState=active StatusText=up

    scenario "$kind: the unit is ready again after wait was killed"
    for ((round = 1; round <= 5; round++)); do
        pid=$(property "$name" MainPID)
        kill -KILL "$pid"
        tell "$name" "send STATUS=said to nobody $round"
        eventually "systemd starts wait again" waits_anew "$name" "$pid"
        expect_soon "$name" ActiveState=active "StatusText=said to nobody $round"
        tell "$name" "send STATUS=said to the new one $round"
        expect_soon "$name" "StatusText=said to the new one $round"
    done
    expect "$name" NRestarts=5
    expect "$name-container" ActiveState=active NRestarts=0

    scenario "$kind: stopping the attached wait does not stop the container"
    systemctl stop "$name"
    expect_end "$name" "success exited 0"
    expect "$name-container" ActiveState=active
    # A barrier must return although no `wait` runs.
    tell "$name" barrier

    scenario "$kind: a late wait gets the state of a ready app"
    start "$name"
    expect_soon "$name" "StatusText=said to the new one 5"

    scenario "$kind: wait ends with the status of the run"
    order "$name" "exit 3"
    expect_end "$name-container" "exit-code exited 3"
    eventually "wait ends with the run's status" has_ended_with 3 "$name"
    systemctl stop "$name"
    expect_gone "$name"
    expect_gone "$name-container"
done

scenario "the attached unit fails if wrap is killed, but earlier messages arrive"
unit broken-container <<EOF
Type=exec
NotifyAccess=none
KillMode=control-group
Environment=SHARED_DIR=$(shared broken)
ExecStart=$wrap $(app broken)
EOF
unit broken <<EOF
ExecStart=$wait --verbose
EOF
mkdir -p "$(shared broken)"
systemctl start --no-block broken
systemctl start broken-container
eventually "the app starts" more_lines "$apps/broken/starts" 0
tell broken "send READY=1"
expect_soon broken ActiveState=active
tell broken "send STATUS=the last words"
kill -KILL "$(property broken-container MainPID)"
expect_end broken "exit-code exited 1"
expect broken "StatusText=the last words"
expect_gone broken

for kind in none podman; do
    scenario "$kind: a unit with wait and wrap fails if wrap is killed"
    name=wrap-killed-$kind
    app_unit "$name" $kind </dev/null
    begin "$name"
    tell "$name" "send READY=1"
    expect_soon "$name" ActiveState=active
    # In podman, `wrap` has pid 1 in its own namespace, so its pid in the lab must be found.
    kill -KILL "$(pgrep --full --oldest "^$wrap --verbose $bin/app.py $apps/$name\$")"
    expect_end "$name" "exit-code exited 137"
    expect_gone "$name"
done

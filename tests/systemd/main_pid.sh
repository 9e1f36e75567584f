#!/bin/bash
#
# With --main-pid=translate, the app names a process by a pid of its own namespace, and systemd
# learns exactly that process.

. "$(dirname "$0")/lib.sh"
in_lab bwrap podman

# pid_of NAME: prints the app's pid in the lab. Finds it by the directory in its command line.
pid_of() {
    pgrep --full --exact "[^ ]*python3 $bin/app.py $apps/$1"
}

for kind in none bwrap podman; do
    name=main-$kind
    scenario "$kind: MAINPID= makes a container's process the main process"
    app_unit "$name" "$kind" --main-pid=translate <<EOF
KillMode=control-group
EOF
    begin "$name"
    waiter=$(property "$name" MainPID)
    inner=$(tail -n 1 "$apps/$name/starts")
    tell "$name" "send READY=1\\nMAINPID=$inner\\nSTATUS=named"
    expect_soon "$name" ActiveState=active "StatusText=named" "MainPID=$(pid_of "$name")"
    [ "$(property "$name" MainPID)" != "$waiter" ] || fail "the main process has not changed"

    scenario "$kind: later messages arrive with NotifyAccess=main"
    tell "$name" "send STATUS=after"
    tell "$name" barrier
    expect "$name" NotifyAccess=main StatusText=after

    scenario "$kind: an unknown pid is removed from its datagram"
    tell "$name" "send MAINPID=999999\\nSTATUS=no such process"
    tell "$name" barrier
    expect "$name" "StatusText=no such process" "MainPID=$(pid_of "$name")"

    scenario "$kind: a stop ends all processes"
    timeout -k 1 60 systemctl stop "$name" || fail "systemctl stop $name"
    # systemd also ends podman's clean-up process, so podman may not have removed the container.
    expect_ended "$name"
done

scenario "MAINPID= of a host process outside the container is ignored"
app_unit foreign bwrap --main-pid=translate <<EOF
KillMode=control-group
EOF
begin foreign
waiter=$(property foreign MainPID)
tell foreign "send READY=1\\nMAINPID=$$\\nSTATUS=foreign"
expect_soon foreign ActiveState=active StatusText=foreign
tell foreign barrier
expect foreign "MainPID=$waiter"
stop foreign

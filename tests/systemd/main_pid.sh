#!/bin/bash
#
# With --main-pid=translate, systemd learns the process that the app names in its own pid namespace,
# and no other process.

. "$(dirname "$0")/lib.sh"
in_lab 120 bwrap podman

# pid_of NAME: prints the app's pid in the lab. Finds it by the directory in its command line.
pid_of() {
    pgrep --full --exact "[^ ]*python3 $bin/app.py $apps/$1"
}

for kind in none bwrap podman; do
    name=main-$kind
    scenario "$kind: the main process is the one that MAINPID names in the container"
    app_unit "$name" "$kind" --main-pid=translate <<EOF
KillMode=control-group
EOF
    begin "$name"
    waiter=$(property "$name" MainPID)
    inner=$(tail -n 1 "$apps/$name/starts")
    tell "$name" "send READY=1\\nMAINPID=$inner\\nSTATUS=named"
    expect_soon "$name" ActiveState=active "StatusText=named" "MainPID=$(pid_of "$name")"
    [ "$(property "$name" MainPID)" != "$waiter" ] || fail "the main process has not changed"

    scenario "$kind: what it says after that counts, with NotifyAccess=main"
    tell "$name" "send STATUS=after"
    tell "$name" barrier
    expect "$name" NotifyAccess=main StatusText=after

    scenario "$kind: a pid that the container does not have is refused, and the rest is not"
    tell "$name" "send MAINPID=999999\\nSTATUS=no such process"
    tell "$name" barrier
    expect "$name" "StatusText=no such process" "MainPID=$(pid_of "$name")"

    scenario "$kind: a stop ends it all"
    timeout -k 1 60 systemctl stop "$name" || fail "systemctl stop $name"
    # podman's clean-up is ended together with all other processes, and may leave its own records.
    expect_ended "$name"
done

scenario "a process of the host that the app names is not of the container"
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

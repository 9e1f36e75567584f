#!/bin/bash
#
# A unit shows how its app ended, and no process is left. Tests podman, bwrap and no container.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap

# ends NAME KIND ORDER END: checks that the unit ends with END if its ready app executes ORDER.
ends() {
    local name=$1 kind=$2 order=$3 end=$4
    scenario "$kind: the unit shows how the app ended: $order"
    run_app "$name" "$kind"
    order "$name" "$order"
    expect_end "$name" "$end"
    expect_gone "$name"
}

run_app() {
    app_unit "$1" "$2" </dev/null
    begin "$1"
    tell "$1" "send READY=1"
    expect_soon "$1" ActiveState=active
}

for kind in none podman bwrap; do
    ends exit-0-$kind $kind "exit 0" "success exited 0"
    ends exit-3-$kind $kind "exit 3" "exit-code exited 3"
    ends killed-$kind $kind "kill KILL" "exit-code exited 137"
    ends crashed-$kind $kind "kill SEGV" "exit-code exited 139"

    scenario "$kind: a stop ends an app without a SIGTERM handler"
    run_app stopped-$kind $kind
    stop stopped-$kind

    scenario "$kind: a stop shows the app's last status"
    run_app goodbye-$kind $kind
    tell goodbye-$kind "on TERM burst STOPPING=1|STATUS=goodbye"
    timeout -k 1 60 systemctl stop --no-block goodbye-$kind
    expect_soon goodbye-$kind ActiveState=deactivating StatusText=goodbye
    order goodbye-$kind "exit 0"
    expect_end goodbye-$kind "success exited 0"
    expect_gone goodbye-$kind
done

#!/bin/bash
#
# `wrap` reaps the orphans that an app leaves behind, and ends those that outlive the app.

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

for kind in none podman bwrap; do
    name=orphans-$kind
    app_unit "$name" $kind </dev/null
    begin "$name"
    tell "$name" "send READY=1"
    expect_soon "$name" ActiveState=active
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

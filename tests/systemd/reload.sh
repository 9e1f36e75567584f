#!/bin/bash
#
# A reload of the unit reaches the app, and what it says of it comes back.

. "$(dirname "$0")/lib.sh"
in_lab 120 podman

# bwrap has no signal reach what runs in it.
for kind in none podman; do
    name=reload-$kind
    scenario "$kind: ExecReload= sends SIGHUP through to the app, whose reload systemd sees"
    app_unit "$name" "$kind" <<'EOF'
ExecReload=/bin/kill -HUP $MAINPID
EOF
    begin "$name"
    tell "$name" "send READY=1\\nSTATUS=up"
    tell "$name" "on HUP burst RELOADING=1|STATUS=reloading"
    systemctl reload --no-block "$name"
    expect_soon "$name" ActiveState=reloading StatusText=reloading
    tell "$name" "send READY=1\\nSTATUS=up again"
    expect_soon "$name" ActiveState=active "StatusText=up again"

    scenario "$kind: a reload that is over at once leaves the unit active"
    tell "$name" "on HUP burst RELOADING=1|READY=1|STATUS=quick"
    timeout -k 1 60 systemctl reload "$name" || fail "systemctl reload $name"
    expect_soon "$name" ActiveState=active StatusText=quick
    stop "$name"
done

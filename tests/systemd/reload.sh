#!/bin/bash
#
# A reload of the unit reaches the app, and the app's messages about the reload reach systemd.

. "$(dirname "$0")/lib.sh"
in_lab podman bwrap unshare

for kind in none podman bwrap unshare exec; do
    name=reload-$kind
    if [ $kind = exec ]; then
        box "$name"
    fi
    scenario "$kind: ExecReload= reaches the app, and systemd receives the reload"
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

    scenario "$kind: a quick reload leaves the unit active"
    tell "$name" "on HUP burst RELOADING=1|READY=1|STATUS=quick"
    timeout -k 1 60 systemctl reload "$name" || fail "systemctl reload $name"
    expect_soon "$name" ActiveState=active StatusText=quick
    tell "$name" "send STATUS=still here"
    expect_soon "$name" ActiveState=active "StatusText=still here"
    if [ $kind = exec ]; then
        timeout -k 1 60 systemctl stop "$name"
        expect_end "$name" "success killed TERM"
        podman rm --force --time=0 "$name" >/dev/null
    else
        stop "$name"
    fi
done

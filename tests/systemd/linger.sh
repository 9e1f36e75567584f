#!/bin/bash
#
# A user's unit, with sessions that the real systemd-logind counts. Tests the unit when its user
# logs out and when the machine boots, with and without `loginctl enable-linger`.

. "$(dirname "$0")/lib.sh"
in_lab podman newuidmap newgidmap dbus-daemon loginctl
. "$here/recipes.sh"

# logind: starts systemd-logind with a bus, and makes the units that logind starts. logind stops a
# user's manager one second after the last session.
logind() {
    local name pam
    mount -t tmpfs -o mode=755 tmpfs /var/lib/systemd
    for name in user@ user-runtime-dir@; do
        grep -v "^OOMScoreAdjust=" "/lib/systemd/system/$name.service" >"$SYSTEM_TEST/units/$name.service"
    done
    mkdir "$SYSTEM_TEST/units/user@.service.d"
    # The lab may lack the controllers that this unit delegates by default.
    printf '[Service]\nDelegate=yes\nUnsetEnvironment=SHARED_DIR\n' \
        >"$SYSTEM_TEST/units/user@.service.d/lab.conf"
    for pam in systemd-user anna; do
        printf '%s\n' "account required pam_permit.so" "session required pam_systemd.so" \
            >"/etc/pam.d/$pam"
    done
    printf '[Login]\nUserStopDelaySec=1\n' >/etc/systemd/logind.conf
    printf '[Socket]\nListenStream=/run/dbus/system_bus_socket\n' >"$SYSTEM_TEST/units/dbus.socket"
    unit dbus <<'END'
ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
END
    unit systemd-logind <<'END'
Type=dbus
BusName=org.freedesktop.login1
RuntimeDirectory=systemd/sessions systemd/seats systemd/users systemd/inhibit systemd/shutdown
RuntimeDirectoryPreserve=yes
StateDirectory=systemd/linger
ExecStart=/lib/systemd/systemd-logind
END
    unit session <<'END'
Type=simple
User=anna
PAMName=anna
ExecStart=/bin/sleep infinity
END
    /usr/bin/systemctl daemon-reload
    /usr/bin/systemctl start systemd-logind
}

manages() {
    [ -S "/run/user/$uid/systemd/private" ] && as_anna systemctl --user is-active --quiet default.target
}

enter() {
    /usr/bin/systemctl start session
    eventually "her manager is there" manages
}

# leave: ends Anna's last session, and waits until logind has noticed this.
leave() {
    timeout -k 1 60 /usr/bin/systemctl stop session
    eventually "her session has ended" no_session
}

# From systemd 256 on, the user's manager also has a session, of the class "manager".
no_session() {
    ! grep --files-without-match '^CLASS=manager' /run/systemd/sessions/*[0-9] 2>/dev/null | grep -q .
}

is_absent() {
    ! [ -e "/run/user/$uid" ]
}

# typed LINES: runs these lines of the commands below the unit, as Anna.
typed() {
    recipe "$examples" "A unit of a user" 1 sh | sed -n "$1p" >"$SYSTEM_TEST/typed"
    [ -s "$SYSTEM_TEST/typed" ] || fail "there is no line $1"
    as_anna sh -e "$SYSTEM_TEST/typed"
}

# comes_up STARTS: waits until the unit starts by itself, after STARTS earlier starts. Checks that
# it is active when its app is ready.
comes_up() {
    eventually "the app starts" more_lines "$apps/app/starts" "$1"
    tell app "send READY=1\\nSTATUS=up"
    eventually "the unit is active" has_properties app ActiveState=active StatusText=up
}

# root_asks [OPTION]: prints the output of root's `status` for the directory, standard error first.
root_asks() {
    PATH=${PATH#*:} "$bin/notifybridge" status "$@" "/run/user/$uid/app" 2>&1
}

starts() {
    lines "$apps/app/starts"
}

prepare
chmod 755 /sys/fs/cgroup # A user's manager finds its control group by its whole path.
make_root
add_anna
uid=$(id -u anna)
logind
enter
use_hers
image tiny
recipe "$examples" "A unit of a user" 1 | sed "s|IMAGE COMMAND|tiny $(app app)|
    s|--rm|-v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST &|" | adapt_unit app "$her_units"

scenario "check warns that a user's units end with the session"
before=$(starts)
typed 1,2 2>"$SYSTEM_TEST/log/typed" &
comes_up "$before"
wait $! || fail "systemctl --user enable --now"
said=$(root_asks --check) || fail "$said"
grep -v "^ok " <<<"$said" | head -n 1 | grep -q "note *linger *the units of anna end with the last session" ||
    fail "$said"
grep -q "\`loginctl enable-linger anna\`" <<<"$said" || fail "$said"

scenario "after a logout, the first line explains why the unit ended"
leave
eventually "her manager ends" is_absent
for option in --check --json; do
    said=$(root_asks "$option") && fail "$said"
    head -n 1 <<<"$said" | grep -q "anna is not logged in.*\`loginctl enable-linger anna\`" ||
        fail "$said"
done

scenario "enabling linger starts the unit and ends the warning"
[ "$(recipe "$examples" distrobox 1 sh | sed -n "\$p")" = "loginctl enable-linger" ] || fail "$examples"
before=$(starts)
# The test runs the command as root. Anna could run it herself only with polkit, which the lab does
# not have.
recipe "$examples" "A unit of a user" 1 sh | sed -n "3s/\$/ anna/p" | bash -e
comes_up "$before"
if root_asks --check | grep linger; then fail "she lingers"; fi

scenario "a lingering user's unit stays active after a logout"
main=$(property app MainPID)
enter
leave
expect app ActiveState=active "MainPID=$main"

scenario "a lingering user's unit starts at boot without a login"
# Stopping these units has the effect of a shutdown. logind of systemd 257 removes Anna's directory
# itself, and does not wait until her manager ends.
/usr/bin/systemctl stop "user@$uid" "user-runtime-dir@$uid" systemd-logind
eventually "her manager ends" is_absent
before=$(starts)
/usr/bin/systemctl start systemd-logind
comes_up "$before"
stop app

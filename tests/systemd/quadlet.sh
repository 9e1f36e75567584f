#!/bin/bash
#
# Tests podman 5 and its Quadlet. The runtime and the hook add probes to a unit with Notify=true. A
# unit of `wait` follows a container of Quadlet. A unit with one line runs a container.

. "$(dirname "$0")/lib.sh"
want_podman_5
in_lab podman
. "$here/recipes.sh"

scenario "podman's Quadlet supports GlobalArgs="
version=$(podman_version)
((version >= 5)) || fail "it is podman $version"
prepare
make_root
mount -t tmpfs tmpfs /var/cache
libexec=/usr/libexec/notifybridge
mkdir -p "$libexec" /etc/containers
ln -sf ../../bin/notifybridge "$libexec/crun"
# The lab has neither networks nor a controller for the number of processes.
cat >/etc/containers/containers.conf <<'END_OF_SETTINGS'
[containers]
netns="none"
pids_limit=0
log_driver="k8s-file"
default_ulimits=["nofile=1024:1024", "nproc=1000:1000"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
END_OF_SETTINGS
image tiny "ENTRYPOINT [\"$bin/app.py\"]" "USER app"

# noted NAME: makes the unit write its log and its end to the files that lib.sh reads.
noted() {
    mkdir -p "$SYSTEM_TEST/units/$1.service.d"
    cat >"$SYSTEM_TEST/units/$1.service.d/test.conf" <<EOF
[Service]
TimeoutStopSec=20
StandardOutput=append:$SYSTEM_TEST/log/$1
StandardError=append:$SYSTEM_TEST/log/$1
ExecStopPost=/bin/sh -c 'echo \${SERVICE_RESULT} \${EXIT_CODE} \${EXIT_STATUS} >$SYSTEM_TEST/ends/$1'
EOF
}

# quadlet NAME: makes a .container file whose app gets orders with that name. More lines are read
# from standard input.
quadlet() {
    mkdir -p "$SYSTEM_TEST/quadlet"
    app "$1" >/dev/null
    {
        printf '[Container]\nImage=localhost/tiny\nExec=%s\n' "$apps/$1"
        printf 'Volume=/usr:/usr:ro\nVolume=%s:%s\n' "$SYSTEM_TEST" "$SYSTEM_TEST"
        cat
    } >"$SYSTEM_TEST/quadlet/$1.container"
    QUADLET_UNIT_DIRS=$SYSTEM_TEST/quadlet /usr/libexec/podman/quadlet "$SYSTEM_TEST/units" ||
        fail "Quadlet does not take $1.container"
    noted "$1"
    systemctl daemon-reload
}

is_removed() {
    [ -z "$(podman ps --all --quiet --filter "name=^systemd-$1\$")" ]
}

# try_quadlet NAME: checks that the unit becomes active when the file of its probe exists, and that
# a stop is clean.
try_quadlet() {
    begin "$1"
    tell "$1" "send STATUS=up"
    expect_soon "$1" ActiveState=activating StatusText=up
    touch "$apps/$1/probed"
    expect_soon "$1" ActiveState=active
    # Units of Quadlet fail if SIGTERM kills the app.
    tell "$1" "on TERM exit 0"
    systemctl stop "$1"
    expect "$1" ActiveState=inactive Result=success
    eventually "$1's container goes" is_removed "$1"
}

scenario "the runtime adds a probe to a unit with Notify=true"
quadlet runtime <<EOF
GlobalArgs=--runtime=$libexec/crun
Notify=true
Environment=NOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/runtime/probed
EOF
try_quadlet runtime

# watched NAME: makes a .container file with a watchdog. Checks that its probe pings the watchdog
# until the probe fails. More lines are read from standard input.
watched() {
    quadlet "$1" <<EOF
Notify=true
$(cat)
[Service]
WatchdogSec=3
EOF
    begin "$1"
    tell "$1" "send READY=1"
    touch "$apps/$1/alive"
    expect_soon "$1" ActiveState=active
    local count
    for count in 1 2 3; do
        pinged=$(property "$1" WatchdogTimestampMonotonic)
        eventually "ping $count of $1" was_pinged "$1"
    done
    expect "$1" ActiveState=active
    rm "$apps/$1/alive"
    expect_end "$1" "watchdog killed ABRT"
    systemctl reset-failed "$1"
}

was_pinged() { [ "$(property "$1" WatchdogTimestampMonotonic)" != "$pinged" ]; }

scenario "the runtime adds a probe that pings the watchdog"
watched told <<EOF
GlobalArgs=--runtime=$libexec/crun
Environment=NOTIFYBRIDGE_OPTIONS=--alive-when=file:$apps/told/alive
EOF

scenario "a hook named by GlobalArgs= adds a probe"
install_hook
mv /etc/containers/containers.conf.d/hooks.conf "$SYSTEM_TEST/"
quadlet hook <<EOF
GlobalArgs=--hooks-dir=/usr/share/notifybridge/hooks.d
Notify=true
Environment=NOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/hook/probed
EOF
try_quadlet hook

scenario "a hook named by containers.conf adds a probe"
mv "$SYSTEM_TEST/hooks.conf" /etc/containers/containers.conf.d/
rm "$apps/hook/probed"
quadlet hook <<EOF
Notify=true
Environment=NOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/hook/probed
EOF
try_quadlet hook

scenario "the hook adds a probe that pings the watchdog"
watched hooked <<EOF
Environment=NOTIFYBRIDGE_OPTIONS=--alive-when=file:$apps/hooked/alive
EOF

scenario "the log shows a mistake in the options that the hook finds"
start_journald
quadlet typo <<EOF
Notify=true
Environment=NOTIFYBRIDGE_OPTIONS=--ready-wen=start
EOF
sentence="NOTIFYBRIDGE_OPTIONS: unknown option '--ready-wen'; did you mean '--ready-when'?"
systemctl start typo 2>/dev/null && fail "it was started"
grep -qF "notifybridge: $sentence" "$SYSTEM_TEST/log/typo" || fail "it says: $(cat "$SYSTEM_TEST/log/typo")"
rm "$SYSTEM_TEST/units/typo.service.d/test.conf"
systemctl daemon-reload
systemctl start typo 2>/dev/null && fail "it was started"
eventually "the journal has it" logged typo "$sentence"

scenario "check reports first that Notify=true is missing"
quadlet early <<EOF
GlobalArgs=--runtime=$libexec/crun
Environment=NOTIFYBRIDGE_OPTIONS=--ready-when=file:$apps/early/probed
EOF
begin early
expect_soon early ActiveState=active
said=$(notifybridge status --check early 2>&1) && fail "it is well: $said"
[[ $said == "problem  unit "*"Notify=true is missing"*$'\n '*"set Notify=true in [Container] of $SYSTEM_TEST/quadlet/early.container"* ]] ||
    fail "$said"
tell early "on TERM exit 0"
systemctl stop early
eventually "early's container goes" is_removed early

scenario "a separate wait forwards status, reload, watchdog and stop"
recipe "$manual/notifybridge-runtime.1" EXAMPLES 2 text |
    sed "/^.Container/d; /^Image=/d; s|%t/app|%t/box|g; s|=app|=box|" | quadlet box
recipe "$manual/notifybridge-runtime.1" EXAMPLES 2 |
    sed "s|app-box|box|; s|%t/app|%t/box|; s|waiter|& --verbose|; s|^Type=.*|&\nWatchdogSec=1h|" \
        >"$SYSTEM_TEST/units/side.service"
noted side
systemctl daemon-reload
before=$(lines "$apps/box/starts")
systemctl start --no-block side
eventually "the app starts" more_lines "$apps/box/starts" "$before"
tell box "send READY=1\\nSTATUS=up"
expect_soon side ActiveState=active StatusText=up
tell box "on HUP send STATUS=reloaded"
systemctl reload side
expect_soon side StatusText=reloaded
order box "send WATCHDOG=trigger"
expect_end side "watchdog exited 134"
expect_end box "exit-code exited 134"
systemctl reset-failed side box
begin_box() {
    before=$(lines "$apps/box/starts")
    systemctl start --no-block side
    eventually "the app starts again" more_lines "$apps/box/starts" "$before"
    tell box "send READY=1"
    expect_soon side ActiveState=active
}
begin_box
tell box "on TERM send STATUS=ending"
systemctl stop --no-block side
expect_soon side StatusText=ending
order box "exit 0"
expect_end side "success exited 0"
expect_soon box ActiveState=inactive Result=success
eventually "the container goes" is_removed box

scenario "a unit with one line works with the default KillMode="
app line >/dev/null
printf '[Service]\nType=notify\nExecStart=/usr/bin/notifybridge run --verbose %s\n' \
    "podman run --rm --replace --name=line -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST localhost/tiny $apps/line" |
    adapt_unit line "$SYSTEM_TEST/units"
systemctl daemon-reload
# If systemd stops podman's client together with `run`, the client exits with 1. The stop must still
# be clean.
make_ready line
tell line "on HUP send STATUS=reloaded"
systemctl reload line
expect_soon line ActiveState=active StatusText=reloaded
systemctl stop line
expect_end line "success killed TERM"
expect_ended line
make_ready line
tell line "on TERM send STATUS=ending"
systemctl stop --no-block line
expect_soon line StatusText=ending
order line "exit 0"
expect_end line "success exited 0"
expect_ended line

scenario "podman shows why run starts nothing, even with the hook"
said=$(notifybridge run --timeout=30 podman run --rm --name=refused --env=NOTIFYBRIDGE_TOKEN=guess \
    localhost/tiny "$apps/line" 2>&1) && fail "it was started"
[[ $said == *'NOTIFYBRIDGE_TOKEN is not the token of the `notifybridge wait`'* ]] || fail "it says: $said"

scenario "the image's HEALTHCHECK runs without podman's timer"
printf '#!/bin/sh\necho >>"$1/checks"\ntest -e "$1/healthy"\n' >"$SYSTEM_TEST/bin/check"
chmod 755 "$SYSTEM_TEST/bin/check"
mkdir "$SYSTEM_TEST/context"
printf 'FROM localhost/tiny\nHEALTHCHECK --interval=1s --retries=2 CMD %s %s\n' \
    "$SYSTEM_TEST/bin/check" "$apps/image" >"$SYSTEM_TEST/context/Dockerfile"
podman build --quiet --format=docker --isolation=chroot --tag localhost/checked "$SYSTEM_TEST/context" >/dev/null ||
    fail "podman build"

# checked NAME: makes a .container file with Notify=true, and checks that the health check makes its unit active.
# More lines are read from standard input.
checked() {
    quadlet "$1" <<EOF
Notify=true
$(cat)
EOF
    sed -i 's|localhost/tiny|localhost/checked|' "$SYSTEM_TEST/units/$1.service"
    systemctl daemon-reload
    begin "$1"
    eventually "the check is run" [ -s "$apps/$1/checks" ]
    expect "$1" ActiveState=activating
    touch "$apps/$1/healthy"
    expect_soon "$1" ActiveState=active
}

# stop_checked NAME: stops the unit, and waits until its container is removed.
stop_checked() {
    tell "$1" "on TERM exit 0"
    systemctl stop "$1"
    eventually "$1's container goes" is_removed "$1"
}

has_timer() {
    local id
    id=$(podman ps --quiet --no-trunc --filter "name=systemd-$1")
    [ -n "$id" ] || fail "$1 has no container"
    systemctl list-units --all --plain --no-legend '*.timer' | grep -q "$id"
}

recipe "$examples" "AN IMAGE WITH A HEALTHCHECK" 1 text |
    sed '/^\[Container\]/d; /^Image=/d; /^Notify=/d; s|=30|=3|' | checked image
has_timer image && fail "podman checks as well"

scenario "systemd restarts the unit of Quadlet when it is unhealthy"
before=$(lines "$apps/image/starts")
rm "$apps/image/healthy"
expect_soon image "StatusText=unhealthy: exited with status 1"
eventually "the unit is restarted" more_lines "$apps/image/starts" "$before"
[ "$(cat "$SYSTEM_TEST/ends/image")" = "watchdog killed ABRT" ] ||
    fail "it ended as: $(cat "$SYSTEM_TEST/ends/image")"
touch "$apps/image/healthy"
expect_soon image ActiveState=active NRestarts=1
has_timer image && fail "podman checks as well"
stop_checked image

for way in "runtime=$libexec/crun" "hooks-dir=/usr/share/notifybridge/hooks.d"; do
    scenario "HealthCmd= makes the unit active with --${way%%=*}"
    checked "by-${way%%=*}" <<EOF
GlobalArgs=--$way
HealthCmd=$SYSTEM_TEST/bin/check $apps/by-${way%%=*}
HealthInterval=1s
Environment=NOTIFYBRIDGE_OPTIONS=
EOF
    has_timer "by-${way%%=*}" || fail "podman has no timer"
    stop_checked "by-${way%%=*}"
done

scenario "a check in NOTIFYBRIDGE_OPTIONS needs no timer of podman"
checked own <<EOF
GlobalArgs=--runtime=$libexec/crun
PodmanArgs=--no-healthcheck
Environment="NOTIFYBRIDGE_OPTIONS='--health-cmd=$SYSTEM_TEST/bin/check $apps/own' --health-interval=1s"
EOF
has_timer own && fail "podman checks as well"
stop_checked own

if command -v iptables >/dev/null; then
    scenario "a unit is active when its app listens on the port of PublishPort="
    # podman's network uses the package nftables by default, which may be missing.
    printf '[network]\nfirewall_driver="iptables"\n' >>/etc/containers/containers.conf
    cat >"$SYSTEM_TEST/server.py" <<'END'
import os, signal, socket, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
time.sleep(1)
kept = socket.create_server(("", 8000))
time.sleep(999)
END
    quadlet published <<EOF
GlobalArgs=--runtime=$libexec/crun
Notify=true
Network=podman
PublishPort=127.0.0.1:8080:8000
Entrypoint=/usr/bin/python3
Exec=$SYSTEM_TEST/server.py
Environment=NOTIFYBRIDGE_OPTIONS=--ready-when=listen
EOF
    start published
    /usr/bin/python3 -c "import socket; socket.create_connection(('127.0.0.1', 8080), 2)" ||
        fail "the app does not answer"
    systemctl stop published
    expect published ActiveState=inactive Result=success
    eventually "published's container goes" is_removed published
fi

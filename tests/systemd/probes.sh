#!/bin/bash
#
# Runs real programs that do not notify. `wrap` notifies for each of them with a suitable probe, in
# podman and without a container. Also tests a web application with a health check, a watchdog and a
# mail, and a shell script that runs as nobody.

. "$(dirname "$0")/lib.sh"
# These programs are in directories that only root's PATH contains.
PATH=$PATH:/usr/sbin:/sbin
[ -n "${SYSTEM_TEST:-}" ] || /usr/bin/python3 -c 'import flask' 2>/dev/null || skip "there is no python3-flask"
in_lab podman memcached nginx sshd ssh-keygen dbus-daemon sendmail systemd-notify
. "$here/recipes.sh"

# A unit with User= writes its result into this directory.
chmod 1777 "$SYSTEM_TEST/ends"

# --- the lab's user and mailbox ---------------------------------------------------------------

mkdir "$SYSTEM_TEST/etc" "$SYSTEM_TEST/mail" "$SYSTEM_TEST/spool"
chgrp mail "$SYSTEM_TEST/mail" "$SYSTEM_TEST/spool"
chmod 2775 "$SYSTEM_TEST/mail" "$SYSTEM_TEST/spool"
{
    cat /etc/passwd
    echo "notifydemo:x:64321:64321::/nonexistent:/usr/sbin/nologin"
} >"$SYSTEM_TEST/etc/passwd"
{
    cat /etc/group
    echo "notifydemo:x:64321:"
} >"$SYSTEM_TEST/etc/group"
mount --bind "$SYSTEM_TEST/etc/passwd" /etc/passwd
mount --bind "$SYSTEM_TEST/etc/group" /etc/group
mount --bind "$SYSTEM_TEST/mail" /var/mail
mount --bind "$SYSTEM_TEST/spool" /var/spool/dma

# --- units ------------------------------------------------------------------------------------

# probed KIND NAME PROBE COMMAND…: makes a unit for a program that is ready when the probe holds.
# Without a container, `wrap` is the unit's main process.
probed() {
    local kind=$1 name=$2 probe=$3
    shift 3
    case $kind in
    none)
        unit "$name" <<EOF
UnsetEnvironment=SHARED_DIR
ExecStart=$wrap "--ready-when=$probe" "--ready-status=$name is up" $*
EOF
        ;;
    *)
        unit "$name" <<EOF
ExecStart=$wait $(container "$kind" "$name") $wrap "--ready-when=$probe" \
    "--ready-status=$name is up" $*
EOF
        ;;
    esac
}

# stop_well NAME: stops the unit. The end must be clean, no matter how the program handles SIGTERM.
stop_well() {
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    eventually "$1 ends" is_over "$1"
    case $(cat "$SYSTEM_TEST/ends/$1") in
    success*) ;;
    *) fail "$1 ended as \"$(cat "$SYSTEM_TEST/ends/$1")\"" ;;
    esac
    expect_gone "$1"
}

# becomes_ready NAME: checks that the probe makes the unit active, and that the status shows this.
becomes_ready() {
    start "$1"
    expect_soon "$1" "StatusText=$1 is up"
}

# takes_connections PORT: returns whether that port accepts a connection. The lab has one network,
# so the driver can check this.
takes_connections() {
    timeout -k 1 5 bash -c "</dev/tcp/127.0.0.1/$1"
}

# gets PATH: prints the web application's answer. Reads the whole answer, because otherwise the
# server's write fails.
gets() {
    timeout -k 1 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/5001
        printf "GET %s HTTP/1.0\r\n\r\n" "$1" >&3; cat <&3' gets "$1"
}

# --- programs ---------------------------------------------------------------------------------

write_nginx_configuration() {
    cat >"$apps/nginx.conf" <<EOF
daemon off;
error_log stderr;
pid /tmp/nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/nginx-body;
    proxy_temp_path /tmp/nginx-proxy;
    fastcgi_temp_path /tmp/nginx-fastcgi;
    uwsgi_temp_path /tmp/nginx-uwsgi;
    scgi_temp_path /tmp/nginx-scgi;
    server {
        listen 127.0.0.1:8080;
        location = /health { return 204; }
    }
}
EOF
}

write_sshd_key() {
    ssh-keygen -q -t ed25519 -N '' -f "$apps/key"
    cat >"$apps/sshd.sh" <<EOF
mkdir -p /run/sshd
exec /usr/sbin/sshd -D -e -f /dev/null -h $apps/key -o Port=2222 -o ListenAddress=127.0.0.1 \
    -o PidFile=none
EOF
}

write_scripts() {
    cat >"$apps/file.sh" <<EOF
rm -f /tmp/script-is-up
sleep 0.3
touch /tmp/script-is-up
exec sleep infinity
EOF
    cat >"$apps/log.sh" <<EOF
echo "not yet ready"
sleep 0.3
echo "ready: yes" >&2
exec sleep infinity
EOF
    cat >"$apps/fd.sh" <<EOF
echo "not yet" | tr -d '\n' >&4
sleep 0.3
echo >&4
exec sleep infinity
EOF
}

# write_notifydemo: writes an application that does not support systemd.
write_notifydemo() {
    cat >"$apps/notifydemo.py" <<EOF
import os
import time

import flask

app = flask.Flask("notifydemo")
started = time.monotonic()


@app.route("/health")
def health():
    return ("ok", 200) if time.monotonic() > started + 0.5 else ("warming up", 503)


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
EOF
}

write_nginx_configuration
write_sshd_key
write_scripts
write_notifydemo
rm -f /tmp/script-is-up

for kind in none podman; do
    scenario "$kind: a tcp probe makes memcached ready"
    probed $kind memcached-$kind tcp:127.0.0.1:11211 \
        memcached -u nobody -l 127.0.0.1 -p 11211
    becomes_ready memcached-$kind
    [ $kind != none ] || takes_connections 11211 || fail "it is active and takes no connection"
    stop_well memcached-$kind

    scenario "$kind: an http probe makes nginx ready"
    probed $kind nginx-$kind http://127.0.0.1:8080/health \
        /usr/sbin/nginx -e stderr -c "$apps/nginx.conf"
    becomes_ready nginx-$kind
    stop_well nginx-$kind

    scenario "$kind: a tcp probe makes sshd ready"
    probed $kind sshd-$kind tcp:localhost:2222 /bin/sh "$apps/sshd.sh"
    becomes_ready sshd-$kind
    stop_well sshd-$kind

    scenario "$kind: a unix probe makes dbus-daemon ready"
    probed $kind dbus-$kind unix:/tmp/dbus-$kind \
        dbus-daemon --session --nofork --nopidfile --address=unix:path=/tmp/dbus-$kind
    becomes_ready dbus-$kind
    stop_well dbus-$kind

    scenario "$kind: a file probe makes a shell script ready"
    probed $kind file-$kind file:/tmp/script-is-up /bin/sh "$apps/file.sh"
    becomes_ready file-$kind
    stop_well file-$kind

    scenario "$kind: a log probe makes a shell script ready"
    probed $kind log-$kind 'log:^ready: (yes|true)$$' /bin/sh "$apps/log.sh"
    becomes_ready log-$kind
    for line in "not yet ready" "ready: yes"; do
        grep -qx "$line" "$SYSTEM_TEST/log/log-$kind" || fail "\"$line\" does not arrive"
    done
    stop_well log-$kind

    scenario "$kind: an fd probe makes a shell script ready"
    probed $kind fd-$kind fd:4 /bin/sh "$apps/fd.sh"
    becomes_ready fd-$kind
    stop_well fd-$kind

    scenario "$kind: an http probe makes a web application ready"
    probed $kind flask-$kind http://127.0.0.1:5001/health \
        /usr/bin/env PORT=5001 /usr/bin/python3 "$apps/notifydemo.py"
    becomes_ready flask-$kind
    stop_well flask-$kind
done

# As PID 1, `wrap` makes the script the terminal's foreground process. For the log probe, `wrap`
# also connects the script's output to another terminal.
cat >"$apps/terminal.sh" <<'EOF'
[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo "ready with $(stty size <&2)"
exec sleep infinity
EOF
scenario "podman: a log probe makes a script on a terminal ready"
unit terminal <<EOF
ExecStart=$wait $(container podman terminal -t -i) $wrap "--ready-when=log:^ready with [0-9]+ [0-9]+" \
    "--ready-status=terminal is up" /bin/sh "$apps/terminal.sh"
EOF
becomes_ready terminal
grep -q "^ready with" "$SYSTEM_TEST/log/terminal" || fail "what it writes does not arrive"
stop_well terminal

# --- notifydemo -------------------------------------------------------------------------------

scenario "notifydemo becomes ready, pings its watchdog and sends mail"
recipe "$examples" "A PROGRAM THAT DOES NOT NOTIFY" 1 | sed "s|=30|=3|; s|/usr/bin/container[^ ]*|$wrap|
    s|: notifydemo is ready|: \$\$NOTIFYBRIDGE_STATUS|; s|sendmail root|sendmail notifydemo|
    s|/opt/notifydemo/app.py|$apps/notifydemo.py|" | adapt_unit notifydemo "$SYSTEM_TEST/units"
printf '[Service]\nRestartSec=100ms\nUnsetEnvironment=SHARED_DIR\n' \
    >"$SYSTEM_TEST/units/notifydemo.service.d/soon.conf"
systemctl daemon-reload
start notifydemo
gets /health | grep ' 200 ' >/dev/null || fail "it is active and not healthy"
expect_soon notifydemo "StatusText=notifydemo ready on :5001" NRestarts=0
mail_came() {
    grep -qx "Subject: notifydemo ready on :5001" "$SYSTEM_TEST/mail/notifydemo"
}
eventually "the mail is delivered" mail_came

# pinged_after MOMENT: returns whether the watchdog was pinged after MOMENT.
pinged_after() {
    [ "$(property notifydemo WatchdogTimestampMonotonic)" -gt "$1" ]
}
for _ in 1 2 3; do
    eventually "it is pinged" pinged_after "$(property notifydemo WatchdogTimestampMonotonic)"
done
expect notifydemo NRestarts=0

scenario "systemd restarts notifydemo if it hangs"
kill -STOP "$(pgrep -P "$(property notifydemo MainPID)")"
expect_soon notifydemo NRestarts=1
expect_soon notifydemo ActiveState=active SubState=running
gets /health | grep ' 200 ' >/dev/null || fail "it is active and not healthy"
grep -q "not alive: http://127.0.0.1:5001/health" "$SYSTEM_TEST/log/notifydemo" ||
    fail "nobody said that it was not alive"
stop notifydemo

scenario "the unit fails at once if the program ends at its start"
unit broken <<EOF
UnsetEnvironment=SHARED_DIR
TimeoutStartSec=infinity
ExecStart=$wrap --ready-when=http://127.0.0.1:5001/health /usr/bin/python3 $apps/missing.py
EOF
! timeout -k 1 60 systemctl start broken 2>/dev/null || fail "it is started and cannot be"
expect_end broken "exit-code exited 2"

scenario "the log explains why the program was not ready in time"
unit late <<EOF
UnsetEnvironment=SHARED_DIR
ExecStart=$wrap --ready-when=http://127.0.0.1:5001/health --ready-timeout=1s sleep infinity
EOF
! timeout -k 1 60 systemctl start late 2>/dev/null || fail "it is started and cannot be"
expect_end late "exit-code exited 124"
grep -q "not ready within 1s.*connection refused" "$SYSTEM_TEST/log/late" || fail "no reason is given"

# --- a shell script that runs as nobody --------------------------------------------------------

cat >"$apps/nobody.sh" <<'EOF'
#!/bin/bash
set -e
systemd-notify --status="as $(id -un)"
systemd-notify --ready
exec sleep infinity
EOF
sed "s|systemd-notify|$bin/notifybridge send|" "$apps/nobody.sh" >"$apps/nobody-send.sh"

scenario "systemd-notify in a script is ignored without wrap"
unit alone <<EOF
User=nobody
TimeoutStartSec=2
ExecStart=/bin/bash $apps/nobody.sh
EOF
! timeout -k 1 60 systemctl start alone 2>/dev/null || fail "it counts"
expect_end alone "timeout killed TERM"

for script in nobody nobody-send; do
    scenario "systemd-notify in a script is accepted under wrap: $script"
    unit $script <<EOF
UnsetEnvironment=SHARED_DIR
User=nobody
ExecStart=$wrap /bin/bash $apps/$script.sh
EOF
    start $script
    expect_soon $script "StatusText=as nobody"
    expect $script NotifyAccess=main
    stop $script
done

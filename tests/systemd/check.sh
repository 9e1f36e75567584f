#!/bin/bash
#
# Tests that `status` shows facts of the real systemd about the unit in which `wait` runs.

. "$(dirname "$0")/lib.sh"
in_lab

# check NAME STATUS TEXT…: checks that `status --check` exits with STATUS, and prints these texts.
check() {
    local name=$1 wanted=$2 line
    shift 2
    status=0
    said=$("$bin/notifybridge" status --check "$(shared "$name")" 2>&1) || status=$?
    [ "$status" = "$wanted" ] || fail "$name: status --check ends with $status: $said"
    for line in "$@"; do
        grep -Fq -- "$line" <<<"$said" || fail "$name: \"$line\" is not in: $said"
    done
}

scenario "check finds no problem in a correct unit"
app_unit well </dev/null
begin well
tell well "send READY=1"
expect_soon well ActiveState=active
check well 0 "ok       unit       well.service has Type=notify, NotifyAccess=main" "ok       wait"
if grep -q problem <<<"$said"; then fail "$said"; fi
stop well

scenario "check reports that wait is not the main process"
unit beside <<EOF
ExecStart=/bin/sh -c '$wait --verbose $wrap --verbose $(app beside); true'
EOF
begin beside
tell beside "send READY=1"
check beside 3 "problem  unit       beside.service has Type=notify, NotifyAccess=main, and wait is not" "exec"
systemctl kill --signal=KILL beside
expect_gone beside

scenario "check reports that systemd accepts no messages"
unit deaf <<EOF
Type=simple
NotifyAccess=none
Environment=NOTIFY_SOCKET=/run/systemd/notify
ExecStart=$wait --verbose $wrap --verbose $(app deaf)
EOF
begin deaf
tell deaf "send READY=1"
check deaf 3 "problem  unit       deaf.service has Type=simple, NotifyAccess=none" "set Type=notify"
stop deaf

scenario "check blames Type=simple, not the missing NOTIFY_SOCKET"
unit mute <<EOF
Type=simple
ExecStart=$wait --verbose $wrap --verbose $(app mute)
EOF
begin mute
tell mute "send READY=1"
check mute 3 "problem  unit       mute.service has Type=simple, NotifyAccess=none" "set Type=notify"
if grep NOTIFY_SOCKET <<<"$said"; then fail "a consequence is told, too: $said"; fi
stop mute

scenario "root checks a unit of another user's manager"
as_daemon() {
    setpriv --reuid=daemon --regid=daemon --clear-groups env XDG_RUNTIME_DIR=/run/user/1 "$@"
}
unit user@1 <<EOF
User=daemon
Delegate=yes
Environment=XDG_RUNTIME_DIR=/run/user/1
ExecStart=/lib/systemd/systemd --user
EOF
chmod 755 /sys/fs/cgroup  # A user's manager finds its control group by its whole path.
mkdir -p /run/user/1/systemd/user "$(shared own)"
log=$SYSTEM_TEST/log/own
touch "$log"
chown -R daemon: /run/user/1 "$(shared own)" "$log"
cat >/run/user/1/systemd/user/own.service <<EOF
[Service]
Type=notify
Environment=SHARED_DIR=$(shared own)
ExecStart=$wait --verbose $wrap --verbose $(app own)
StandardOutput=append:$log
StandardError=append:$log
ExecStopPost=/bin/echo ended: \${SERVICE_RESULT} \${EXIT_CODE} \${EXIT_STATUS}
EOF
systemctl start user@1
as_daemon systemctl --user start --no-block own
eventually "own's app starts" more_lines "$apps/own/starts" 0
tell own "send READY=1"
eventually "own is ready" "$bin/notifybridge" status --ready "$(shared own)"
check own 0 "ok       unit       own.service has Type=notify, NotifyAccess=main" \
    "note     linger     the units of daemon end with" "\`loginctl enable-linger daemon\`"
"$bin/notifybridge" status own | grep -Fq "$(shared own) - run " || fail "root does not find a user's unit"
"$bin/notifybridge" status --all | grep -q "^● own.service of uid 1 " || fail "status --all does not show the owner"
# The user's manager no longer answers, and `status --check` must report this.
systemctl kill --kill-whom=main --signal=STOP user@1
check own 0 "note     unit       own.service of uid 1: its service manager does not answer"
systemctl kill --signal=KILL user@1

scenario "a user's fake manager gets no data of root"
# This fake manager records the uid, the variables, the working directory and the descriptors of its
# clients, if the kernel shows them.
cat >"$SYSTEM_TEST/fake" <<'END'
import os, socket, struct, sys

os.makedirs("/run/user/1/systemd", exist_ok=True)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind("/run/user/1/systemd/private")
listener.listen()
print("listens", flush=True)
while True:
    connection, _ = listener.accept()
    pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    seen = []
    for name in ("environ", "cwd", "fd/0"):
        try:
            seen.append(open(f"/proc/{pid}/{name}").read() if name == "environ" else os.readlink(f"/proc/{pid}/{name}"))
        except OSError:
            pass
    ours = [each for each in os.listdir("/proc") if each.isdigit() and os.stat(f"/proc/{each}").st_uid == 1]
    print(f"asked by uid {uid}, of which is seen: {seen}; ours: {len(ours)}", flush=True)
    connection.close()
END
rm -rf /run/user/1/systemd/private
touch "$SYSTEM_TEST/seen"
chown daemon: "$SYSTEM_TEST/seen"
unit fake <<END
Type=simple
User=daemon
StandardOutput=append:$SYSTEM_TEST/seen
ExecStart=/usr/bin/python3 $SYSTEM_TEST/fake
END
systemctl start fake
eventually "the fake manager listens" grep -q listens "$SYSTEM_TEST/seen"
mkdir -p /run/user/1/app
said=$(SECRET=root "$bin/notifybridge" status --check /run/user/1/app 2>&1) || true
eventually "the fake manager is asked" grep -q asked "$SYSTEM_TEST/seen"
if grep -v "^listens\|asked by uid 0, of which is seen: \[\]; ours: 1$" "$SYSTEM_TEST/seen"; then
    fail "something of root's was within the user's reach: $(cat "$SYSTEM_TEST/seen"); $said"
fi
systemctl stop fake

scenario "check advises KillMode=mixed and Restart=always"
unit plain <<END
KillMode=control-group
ExecStart=$wait --verbose $wrap --verbose $(app plain)
END
begin plain
tell plain "send READY=1"
expect_soon plain ActiveState=active
check plain 0 "note     KillMode   KillMode=control-group" "set KillMode=mixed (\`systemctl edit plain.service\`)"
systemctl kill --signal=KILL plain
expect_gone plain
unit lone <<END
ExecStart=$wait --verbose
END
systemctl start --no-block lone
eventually "lone's wait is there" test -e "$(shared lone)/host"
check lone 4 "note     Restart    Restart=no" "Restart=always"
systemctl stop lone

scenario "check finds the failed unit of a shared directory"
unit late <<END
TimeoutStartSec=10s
ExecStart=$wait --verbose $wrap --verbose $(app late)
END
begin late
expect_soon late ActiveState=failed
check late 3 "problem  unit       late.service has failed (timeout)" "within TimeoutStartSec= (10s)" \
    "add --ready-when="
if grep -E "^(problem|note) +(run|wait)" <<<"$said"; then fail "a consequence is told, too: $said"; fi
systemctl reset-failed late
unit broken <<END
ExecStart=/no/such/program --shared-dir=/run/none
END
systemctl start broken 2>/dev/null || true
mkdir -p "$(shared broken)"
check broken 4 "problem  unit       broken.service has failed (exit-code)" "203/EXEC" \
    "\`systemctl edit --full broken.service\`"
said=$("$bin/notifybridge" status --check /run/none 2>/dev/null) || true
grep -Fq "broken.service has failed" <<<"$said" || fail "a directory that is not there: $said"
systemctl reset-failed broken

scenario "check explains that PrivateTmp= hides the directory"
mkdir "$SYSTEM_TEST/shared"
unit private <<END
PrivateTmp=yes
ExecStart=/no/such/program --shared-dir=$SYSTEM_TEST/shared
END
systemctl start private 2>/dev/null || true
said=$("$bin/notifybridge" status --check "$SYSTEM_TEST/shared" 2>/dev/null) || true
grep -A1 "private.service has PrivateTmp=yes" <<<"$said" | grep -q "choose a directory below /run" ||
    fail "PrivateTmp= is not told: $said"
systemctl reset-failed private

scenario "status --all lists a bridge with its unit"
begin well
tell well "send READY=1"
said=$("$bin/notifybridge" status --all)
grep -Eq "^● well.service +ready .* $(shared well)" <<<"$said" || fail "it is not among all: $said"
stop well

scenario "each bridge has its own metrics"
# The control group of this service contains a group with the name of another unit.
unit box <<END
Delegate=yes
ExecStart=/bin/sh -c 'own=/sys/fs/cgroup\$\$(sed -n s/^0:://p /proc/self/cgroup)/sshd.service; \
    mkdir "\$\$own"; echo \$\$\$\$ >"\$\$own/cgroup.procs"; exec $wait --verbose $wrap --verbose $(app box)'
END
begin box
# These two `wait` processes use the same path in different file systems.
twins=()
for twin in 1 2; do
    unshare --mount sh -c "mount -t tmpfs tmpfs /mnt; exec $wait --shared-dir=/mnt/twin sleep infinity" \
        >/dev/null 2>&1 &
    twins+=($!)
done
eventually "all three are there" eval '[ "$("$bin/notifybridge" status --all 2>/dev/null | grep -c "/mnt/twin\|box.service ")" = 3 ]'
said=$("$bin/notifybridge" status --all --prometheus)
grep -q "notifybridge_up{shared_dir=\"$(shared box)\",unit=\"box.service\",manager=\"system\",uid=\"0\"} 1" <<<"$said" ||
    fail "box.service has no metrics: $said"
if grep -F sshd.service <<<"$said"; then fail "a control group was taken for a unit"; fi
[ "$(grep -c '^notifybridge_up{shared_dir="/mnt/twin".*mount_namespace="[0-9]*"' <<<"$said")" = 2 ] ||
    fail "the twins are not told apart: $said"
[ -z "$(sed '/^#/d; s/ [^ ]*$//' <<<"$said" | sort | uniq -d)" ] || fail "a series comes twice: $said"
kill "${twins[@]}"
systemctl kill --signal=KILL box
expect_gone box

scenario "status accepts a unit's name instead of its directory"
# answers STATUS OPTION…: checks that `status` exits with STATUS.
answers() {
    local wanted=$1 status=0
    shift
    said=$("$bin/notifybridge" status "$@" 2>&1) || status=$?
    [ "$status" = "$wanted" ] || fail "status $*: $status: $said"
}
has() {
    local line
    for line in "$@"; do
        grep -Fq -- "$line" <<<"$said" || fail "\"$line\" is not in: $said"
    done
}
begin well
for name in well well.service; do
    answers 0 --alive "$name"
    answers 3 --ready "$name"
    answers 0 "$name"
    has "$(shared well) - run "
done
tell well "send READY=1"
tell well barrier
answers 0 --ready well
answers 0 --json well
has "\"shared_dir\":\"$(shared well)\""
answers 0 --prometheus --shared-dir=well
has "unit=\"well.service\""
answers 0 --check well
has "ok       unit       well.service"
{ timeout -k 1 20 "$bin/notifybridge" status --follow well 2>/dev/null || true; } | grep -q READY=1 ||
    fail "its messages are not followed"
# If no name is given, `status` shows the only bridge.
answers 0
has "● well.service"
answers 0 --json
has '"bridges":[{"unit":"well.service"'
answers 0 --ready
stop well
# `wait` does not remove a directory that the user has chosen.
answers 3 --alive well
answers 3 well
has "$(shared well) - run " "ended"
# A directory with this name in the working directory has priority over a unit.
mkdir -p "$SYSTEM_TEST/here/well"
cp -a "$(shared well)/." "$SYSTEM_TEST/here/well"
said=$(cd "$SYSTEM_TEST/here" && "$bin/notifybridge" status well 2>&1) || true
has "○ well - run "

scenario "status works if the shared directory is not set or missing"
unit straight <<END
UnsetEnvironment=SHARED_DIR
ExecStart=$wrap --verbose $(app straight)
END
begin straight
answers 0 --alive straight
answers 3 --ready straight
tell straight "send READY=1\\nSTATUS=up"
expect_soon straight StatusText=up
answers 0 --ready straight
answers 0 straight
has "● straight.service - no shared directory" "State: active (running)" 'Status: "up"' "directly to systemd"
answers 0 --check straight
has "ok       unit       straight.service is active (running)"
answers 0 --json straight
has '"shared_dir":null' '"ready":true' '"status":"up"'
for option in --watch --follow --prometheus; do
    answers 4 "$option" straight
    has "directly to systemd"
done
stop straight
answers 3 --alive straight
touch "$SYSTEM_TEST/quad.container"
printf '[Unit]\nSourcePath=%s\n[Service]\nExecStart=/bin/sleep 1000\n' "$SYSTEM_TEST/quad.container" \
    >"$SYSTEM_TEST/units/quad.service"
systemctl daemon-reload
answers 3 quad
has "Source: $SYSTEM_TEST/quad.container" "Quadlet"
systemctl start quad
answers 0 --ready quad.container
systemctl stop quad
systemctl start broken 2>/dev/null || true
rm -rf "$(shared broken)"
answers 3 broken
has "○ broken.service" "State: failed (failed), exit-code" "\`notifybridge status --check broken.service\`"
answers 3 --check broken
has "problem  unit "
# If a service has User=, its directory is visible only to that user and root.
unit asuser <<END
User=daemon
Environment=SHARED_DIR=/run/asuser/hidden
RuntimeDirectory=asuser
RuntimeDirectoryMode=0700
StandardOutput=null
StandardError=null
ExecStart=$wait /bin/sleep 1000
END
systemctl start --no-block asuser
eventually "its wait is there" test -e /run/asuser/hidden/host
answers 4 asuser
has "no run yet; wait"
said=$(setpriv --reuid=nobody --regid=nogroup --clear-groups "$bin/notifybridge" status asuser 2>&1) || true
# Without a bus, the manager answers only root.
has "the service manager does not answer this user" "status --all"
systemctl kill --signal=KILL asuser
said=$("$bin/notifybridge" status /run/notifybridge/gone.service/shared 2>&1) || true
has "\`notifybridge status gone.service\` shows what systemd knows"
answers 4 nothing
has "no unit is named nothing.service"
systemctl reset-failed broken

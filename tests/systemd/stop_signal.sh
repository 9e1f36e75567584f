#!/bin/bash
#
# `run`: a stop sends the signal of the image or of the command line, even during the start. It also
# ends a paused or stopped container.

. "$(dirname "$0")/lib.sh"
in_lab podman runc
. "$here/recipes.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache

# In the lab, only runc creates the control group that a pause needs.
options="--cgroup-manager=cgroupfs --runtime=/usr/sbin/runc run --rm --replace --network=none --pids-limit=0
    --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST"

# stoppable NAME OPTIONS PODMAN…: makes a unit of `run` with OPTIONS, and with these words for
# podman.
stoppable() {
    local name=$1 own=$2
    shift 2
    adapt_unit "$name" "$SYSTEM_TEST/units" <<END
[Service]
Type=notify
KillMode=mixed
ExecStart=/usr/bin/notifybridge run --verbose $own podman $(echo $options) --name=$name $*
END
    systemctl daemon-reload
}

# PostgreSQL uses these signals: on SIGTERM it waits for its clients, on SIGINT it ends.
image fast "STOPSIGNAL SIGINT" "ENTRYPOINT [\"$bin/app.py\"]" "USER app"

scenario "systemctl stop sends the image's STOPSIGNAL"
app fast >/dev/null
stoppable fast "" localhost/fast "$apps/fast"
make_ready fast
tell fast "on TERM send STATUS=waiting for a client"
tell fast "on INT exit 0"
timeout -k 1 9 systemctl stop fast || fail "it takes as long as --stop-timeout"
expect_end fast "success exited 0"
expect_gone fast

scenario "a stop is clean if the image's STOPSIGNAL kills the app"
make_ready fast
stop fast

# The shell ends at once, and leaves the app behind.
image left "STOPSIGNAL SIGQUIT" \
    "ENTRYPOINT [\"/usr/bin/sh\", \"-c\", \"$bin/app.py \$0 & wait\"]" "USER app"

scenario "leftover processes get the image's stop signal"
app left >/dev/null
stoppable left "" localhost/left "$apps/left"
make_ready left
tell left "on QUIT send STATUS=draining"
tell left "on TERM exit 3"
systemctl stop --no-block left
expect_soon left StatusText=draining
tell left "send STATUS=drained"
order left "exit 0"
eventually "left is over" is_over left
expect_end left "success killed TERM"
expect_gone left

scenario "KillSignal= has priority over the image's STOPSIGNAL"
printf '[Service]\nKillSignal=SIGUSR1\n' >>"$SYSTEM_TEST/units/fast.service.d/test.conf"
systemctl daemon-reload
make_ready fast
tell fast "on INT exit 3"
tell fast "on USR1 exit 0"
systemctl stop fast
expect_end fast "success exited 0"

scenario "podman's --stop-signal= and --stop-timeout= have priority"
app line >/dev/null
stoppable line "" --stop-signal=usr2 --stop-timeout=1 localhost/fast "$apps/line"
make_ready line
tell line "on INT exit 3"
tell line "on USR2 send STATUS=not yet"
systemctl stop line
expect_end line "exit-code exited 137"
grep -qF "sending SIGKILL, because the stop took longer than 1s (--stop-timeout)" "$SYSTEM_TEST/log/line" || fail "it had another time"
expect_gone line

scenario "a stop ends an entry point that waits for a program"
cat >"$bin/entry_point" <<'END'
#!/bin/bash
echo entered
sleep 1000
exec app.py
END
chmod 755 "$bin/entry_point"
image entry "STOPSIGNAL SIGINT" "ENTRYPOINT [\"$bin/entry_point\"]"
stoppable entry "" localhost/entry
systemctl start --no-block entry
eventually "it waits" grep -qsxF entered "$SYSTEM_TEST/log/entry"
timeout -k 1 9 systemctl stop entry || fail "it goes on, and is killed"
eventually "it ends" is_over entry
expect_gone entry

scenario "a paused container is killed by its manager"
app paused >/dev/null
stoppable paused --stop-timeout=300ms localhost/fast "$apps/paused"
make_ready paused
podman --cgroup-manager=cgroupfs --runtime=/usr/sbin/runc pause paused >/dev/null || fail "podman pause"
timeout -k 1 19 systemctl stop paused || fail "systemctl stop"
expect_end paused "exit-code exited 137"
grep -qF "asking podman to kill the container" "$SYSTEM_TEST/log/paused" || fail "podman was not asked"
expect_gone paused

scenario "a container stopped by SIGSTOP is killed by its manager"
make_ready paused
pid=$(podman inspect --format '{{.State.Pid}}' paused)
kill -STOP "$pid"
timeout -k 1 19 systemctl stop paused || fail "systemctl stop"
expect_end paused "exit-code exited 137"
expect_gone paused

scenario "without its directory, a container is stopped by its manager"
app bare >/dev/null
stoppable bare "" localhost/fast "$apps/bare"
make_ready bare
tell bare "on INT exit 3"
rm -rf /run/notifybridge/bare.service/shared
eventually "wait sees it" grep -qsF "something removed the journal of the shared directory" "$SYSTEM_TEST/log/bare"
timeout -k 1 5 systemctl stop bare || fail "systemctl stop"
expect_end bare "exit-code exited 3"
grep -qF "asking podman to stop the container" "$SYSTEM_TEST/log/bare" || fail "podman was not asked"
expect_gone bare

scenario "an overdue stop kills no container whose id begins with the name"
other=$(podman --cgroup-manager=cgroupfs run --detach --name=other --network=none -v /usr:/usr:ro \
    --cgroups=disabled --entrypoint=sleep localhost/fast infinity)
# A podman whose client hangs before it has created the container.
mkdir /run/stuck
cat >/run/stuck/podman <<'END'
#!/bin/bash
[ "$1" = kill ] || [ "$1" = ps ] && exec /usr/bin/podman "$@"
trap "" TERM
echo stuck
exec sleep 1000
END
chmod 755 /run/stuck/podman
name=${other:0:3}
printf '%s\n' '[Service]' Type=notify \
    "ExecStart=/usr/bin/notifybridge wait --stop-timeout=300ms /run/stuck/podman run --rm --name=$name localhost/fast" |
    adapt_unit stuck "$SYSTEM_TEST/units"
systemctl daemon-reload
systemctl start --no-block stuck
eventually "it hangs" grep -qsxF stuck "$SYSTEM_TEST/log/stuck"
timeout -k 1 19 systemctl stop stuck || fail "systemctl stop"
[ "$(podman inspect --format '{{.State.Running}}' "$other")" = true ] || fail "$name has ended $other"
podman rm --force --time=0 other >/dev/null

#!/bin/bash
#
# `run`: a unit with one line makes an image's app active. The line need not describe the image's
# content. Tests units of root and of a user with podman.

. "$(dirname "$0")/lib.sh"
in_lab podman crun newuidmap newgidmap
. "$here/recipes.sh"

prepare
make_root
mount -t tmpfs tmpfs /var/cache
# app_image NAME: makes an image for the podman that is in use. It has its own entry point, command
# and user.
app_image() {
    image tiny "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$apps/$1\"]" "USER app"
}
app_image app
# These options provide what an image would contain. With control groups, crun needs more than the
# lab allows. With runc, podman requires control groups.
options="--network=none -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST"
limits="--ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000"
by_crun="$limits --cgroups=disabled"
by_runc="$limits --pids-limit=0"

# one_line COMMAND: makes a unit with this line. podman leaves its monitor in the lab's control
# group.
one_line() {
    app app >/dev/null
    printf '[Service]\nType=notify\nKillMode=mixed\nExecStart=/usr/bin/notifybridge run %s\n' "$1" |
        adapt_unit app "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

# line NAME LIMITS [OPTIONS [PODMAN]]: prints the arguments of `notifybridge run`: OPTIONS, then
# podman with its options PODMAN, and `run` with the limits LIMITS.
line() {
    echo "${3:-} podman --cgroup-manager=cgroupfs ${4:-} run --rm --replace --name=$1 $options $2 localhost/tiny"
}

# try_endings NAME: checks that the unit ends like its app, even if the app takes its time.
try_endings() {
    local status
    for status in 0 3; do
        make_ready "$1"
        tell "$1" "on TERM send STATUS=ending"
        systemctl stop --no-block "$1"
        expect_soon "$1" StatusText=ending
        order "$1" "exit $status"
        if [ "$status" = 0 ]; then
            expect_end "$1" "success exited 0"
        else
            expect_end "$1" "exit-code exited $status"
        fi
        expect_gone "$1"
        systemctl reset-failed "$1" 2>/dev/null || true
    done
}

scenario "run works with podman and crun"
one_line "$(line app "$by_crun" --verbose)"
place=/run/notifybridge/app.service
# The link crun stays, because podman calls it to remove containers.
no_place() { [ -z "$(ls --ignore=crun /run/notifybridge)" ]; }
make_ready app
[ "$(stat -c %a $place)" = 700 ] || fail "others may enter the unit's place"
[ "$(stat -c %u $place/shared)" = 999 ] || fail "uid 999 does not own the shared directory"
[ "$(stat -f -c %i $place/shared)" != "$(stat -f -c %i /run)" ] || fail "the place is a part of /run"
blocks=$(stat -f -c '%b * %S' $place/shared)
((blocks <= 256 * 1024 * 1024)) || fail "the place takes $blocks bytes"
said=$(cd $place/shared && touch junk-{1..300} 2>&1) && fail "any number of files can be made"
[[ $said == *"No space left on device"* ]] || fail "$said"
touch /run/lab/still-room
tell app "send STATUS=full"
expect_soon app StatusText=full
stop app
[ ! -e $place ] || fail "the place is left behind: $(find $place)"
if grep $place /proc/mounts; then fail "something is left mounted"; fi
status=0
said=$(notifybridge status app) || status=$?
[ "$status" = 3 ] || fail "a unit that has ended: $status: $said"
for line in "○ app.service - no shared directory" "State: inactive (dead)" "Directory: the unit is not running"; do
    grep -Fq "$line" <<<"$said" || fail "a unit that has ended: \"$line\" is not in: $said"
done
try_unit app
try_endings app
no_place || fail "places are left behind: $(ls /run/notifybridge)"

scenario "a later run removes the directory of a killed unit"
make_ready app
systemctl kill --kill-whom=all --signal=KILL app
eventually "the unit fails" has_properties app ActiveState=failed
systemctl reset-failed app
[ -e $place ] || fail "the place of a killed unit is not there to be removed"
timeout -k 1 60 notifybridge run podman run --rm --pull=never localhost/none >/dev/null 2>&1 || true
no_place || fail "places are left behind: $(find /run/notifybridge)"
if grep /run/notifybridge /proc/mounts; then fail "something is left mounted"; fi
remove_killed app

scenario "the host sees the directory of a unit with PrivateMounts="
printf '[Service]\nPrivateMounts=yes\n' >>"$SYSTEM_TEST/units/app.service.d/test.conf"
systemctl daemon-reload
make_ready app
[ "$(stat -f -c %i $place/shared)" != "$(stat -f -c %i /run)" ] || fail "the host does not see what is mounted"
notifybridge status --ready $place/shared || fail "the host does not see that it is ready"
stop app
[ ! -e $place ] || fail "the place is left behind: $(find $place)"

scenario "a unit whose podman is killed fails although its app ends with 0"
make_ready app
tell app "on TERM exit 0"
kill -KILL "$(pgrep --full '^podman .* run .*--name=app')"
expect_end app "exit-code exited 137"
grep -q "the command was killed by SIGKILL while the app was still running; .wait. ended the app" \
    "$SYSTEM_TEST/log/app" || fail "the log does not say why the app ended"
eventually "the app ends" has_no_app app
systemctl reset-failed app
remove_killed app

scenario "a killed wait's container does not block the next start"
make_ready app
kill -KILL "$(property app MainPID)"
eventually "the unit fails" has_properties app ActiveState=failed
# With cgroupfs, podman's monitor is in the unit's control group, so systemd has killed the monitor
# as well. If a container has lost its monitor, podman 5 fails to replace it once, and then
# succeeds.
printf '[Service]\nRestart=on-failure\n' >>"$SYSTEM_TEST/units/app.service.d/test.conf"
systemctl daemon-reload
try_unit app

# pause_creation: makes podman pause before each start of a container, after its creation.
pause_creation() {
    mkdir -p /run/pause
    printf '#!/bin/sh\n: >/run/pause/reached\nsleep 1\n' >/run/pause/pause
    chmod +x /run/pause/pause
    echo '{"version": "1.0.0", "hook": {"path": "/run/pause/pause"}, "when": {"always": true},
        "stages": ["createRuntime"]}' >/run/pause/pause.json
}

scenario "a stop while podman creates the container leaves nothing behind"
pause_creation
for removal in --rm --label=x; do
    one_line "$(line app "$by_crun" --verbose --hooks-dir=/run/pause | sed "s/ --rm / $removal /")"
    rm -f /run/pause/reached
    systemctl start --no-block app
    eventually "podman creates the container" test -e /run/pause/reached
    systemctl stop app
    [ "$(property app Result)" != timeout ] || fail "$removal: systemd killed what the stop had left"
    if [ $removal = --rm ]; then
        expect_gone app
    else
        [[ $(podman inspect --format='{{.State.Status}}' app) == exited ]] || fail "the container has not ended"
        podman rm app
    fi
    no_place || fail "places are left behind: $(find /run/notifybridge)"
    systemctl reset-failed app 2>/dev/null || true
done

scenario "podman rolls back an update that does not become ready"
app update >/dev/null
podman tag tiny localhost/update
recipe "$manual/notifybridge-run.1" EXAMPLES 2 |
    sed "s|--ready-when=[^ ]*|--verbose|; s|podman run|podman --cgroup-manager=cgroupfs run $options $by_crun|
    s|=redis|=update|; s|=registry|=local|; s|docker.io/library/redis|localhost/update $apps/update|" |
    adapt_unit update "$SYSTEM_TEST/units"
printf '[Service]\nKillMode=mixed\n' >>"$SYSTEM_TEST/units/update.service.d/test.conf"
systemctl daemon-reload
make_ready update
recipe "$manual/notifybridge-run.1" EXAMPLES 1 sh | sed 's|redis|update|g' | bash || fail "send by podman exec"
expect_soon update "StatusText=Under maintenance"
said=$(notifybridge status update) || fail "a unit is not found by its name: $said"
[[ $said == *"/run/notifybridge/update.service/shared - run "* ]] || fail "$said"
image update 'ENTRYPOINT ["/bin/false"]'
before=$(lines "$apps/update/starts")
podman auto-update >"$SYSTEM_TEST/log/auto-update" 2>&1 &
eventually "the app of before is back" more_lines "$apps/update/starts" "$before"
grep -qF "container wrapper for: /bin/false" "$SYSTEM_TEST/log/update" || fail "the new one was not tried"
tell update "send READY=1"
wait "$!" || fail "podman auto-update"
grep -qF "rolled back" "$SYSTEM_TEST/log/auto-update" || fail "podman does not know of it"
expect update ActiveState=active
stop update

scenario "run accepts podman's --runtime= before and after the verb"
one_line "$(line app "$by_crun" --verbose --runtime=/usr/bin/crun)"
try_unit app
one_line "$(line app "$by_crun --runtime=/usr/bin/crun" --verbose)"
try_unit app

scenario "podman shows why nothing starts if its settings name the hook"
printf '#!/bin/sh\ntouch %s/hooked\nexec /usr/bin/notifybridge "$@"\n' "$SYSTEM_TEST" >"$bin/hook"
chmod 755 "$bin/hook"
install_hook "$bin/hook"
one_line "$(line app "$by_crun --env=NOTIFYBRIDGE_TOKEN=guess")"
before=$(lines "$apps/app/starts")
systemctl start app 2>/dev/null && fail "it was started"
eventually "it ends" is_over app
[ -e "$SYSTEM_TEST/hooked" ] || fail "podman does not call the hook"
grep -qF 'NOTIFYBRIDGE_TOKEN is not the token of the `notifybridge wait`' "$SYSTEM_TEST/log/app" ||
    fail "podman does not show what was refused"
[ "$(lines "$apps/app/starts")" = "$before" ] || fail "the app was started"
expect_gone app
one_line "$(line app "$by_crun" --verbose)"
try_unit app
one_line "$(line app "$by_crun" --verbose --runtime=/usr/bin/crun)"
try_unit app
rm /etc/containers/containers.conf.d/hooks.conf

scenario "a probe makes the unit active"
one_line "$(line app "$by_crun" "--ready-when=start --ready-status='it is up'")"
systemctl start app
expect_soon app ActiveState=active "StatusText=it is up"
stop app

scenario "run removes its temporary directory outside of a unit"
# shellcheck disable=SC2046 # Options are words.
timeout -k 1 60 notifybridge run --until=ready --ready-when=start --timeout=30 \
    $(line other "$by_crun --detach --entrypoint=/bin/sleep") 1000 >"$SYSTEM_TEST/log/other" 2>&1 ||
    fail "it does not get ready: $(cat "$SYSTEM_TEST/log/other")"
podman rm --force --time=0 other >/dev/null 2>&1
no_temporary_place() { ! ls -d /run/notifybridge/run.* 2>/dev/null; }
eventually "the temporary directory goes" no_temporary_place

scenario "run works with podman and runc"
printf '[engine]\nruntime = "runc"\n' >/etc/containers/containers.conf.d/runtime.conf
one_line "$(line app "$by_runc" --verbose)"
try_unit app
try_endings app
rm /etc/containers/containers.conf.d/runtime.conf

log_in
scenario "run works with a user's podman and the default KillMode="
app_image hers
app hers >/dev/null
recipe "$readme" "Any image, as it is" 1 | sed "s|notifybridge run|& --verbose|; s|--name=cache|--name=hers $options|
    s|docker.io/library/redis|localhost/tiny|" | adapt_unit hers "$her_units"
systemctl daemon-reload
try_unit hers
try_unit hers
try_endings hers

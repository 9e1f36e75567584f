# Sourced by every system test: one file is both the test that Meson starts and the driver that
# runs in the lab. `in_lab` divides the two: what it needs is looked at outside; it starts the same
# file again inside, and there it returns.
#
# In the lab a test writes units with `unit`, tells the app in them what to do with `tell`, and
# says what systemd must show with `expect` (now) and `expect_soon` (within $patience seconds).
# The first expectation that does not hold ends the test, with its name, every unit's state and
# what the units wrote.

set -eEu -o pipefail

readonly patience=30
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
lab=$here/../lab/lab

# --- outside ---------------------------------------------------------------------------------

skip() {
    echo "skipped: $1"
    exit 77
}

# The number of the release that is installed, and in the lab of the one that runs; 0 without any.
systemd_version() {
    local version
    version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p') || true
    echo "${version:-0}"
}

podman_version() {
    podman --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/'
}

# want_podman_5: the lab has that, whose Quadlet has GlobalArgs=. Where the installed one is older, it
# is that of NEWER_PODMAN, a tree that tests/run unpacks.
want_podman_5() {
    (($(podman_version) < 5)) || return 0
    export SYSTEMD_TREE=${NEWER_PODMAN:-}
    [ -n "${SYSTEM_TEST:-}" ] || [ -x "$SYSTEMD_TREE/usr/libexec/podman/quadlet" ] ||
        skip "there is no podman 5 at NEWER_PODMAN=$SYSTEMD_TREE; tests/run unpacks one"
}

# in_lab SECONDS PROGRAM…: the rest of the file runs in a lab that has these programs.
in_lab() {
    local limit=$1 program status=0
    shift
    if [ -n "${SYSTEM_TEST:-}" ]; then
        trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
        return
    fi
    for program in /usr/bin/python3 "$@"; do
        command -v "$program" >/dev/null || skip "there is no $program"
    done
    "$lab" --check || exit
    if ! [ -x "${NOTIFYBRIDGE:-}" ]; then
        echo "NOTIFYBRIDGE must name the executable to test"
        exit 99
    fi
    SYSTEM_TEST=$(mktemp -d --tmpdir notifybridge-test.XXXXXXXXXX)
    trap 'rm -rf "$SYSTEM_TEST"' EXIT
    export SYSTEM_TEST
    lay_out "$SYSTEM_TEST"
    # For tests that need units in directories of less precedence than that of `unit`.
    UNIT_PATH=$SYSTEM_TEST/units-run:$SYSTEM_TEST/units-lib \
        "$lab" "$SYSTEM_TEST/units" "$0" "$limit" || status=$?
    exit "$status"
}

# The executable by all of its names, and the app, at a place that every container can have.
lay_out() {
    local name
    chmod 755 "$1"
    mkdir "$1/units" "$1/bin" "$1/log" "$1/ends"
    mkdir -m 1777 "$1/apps"
    cp "$NOTIFYBRIDGE" "$1/bin/notifybridge"
    cp "$here/app.py" "$here/../command/sdnotify.py" "$1/bin/"
    for name in container-notify-wrapper host-notify-waiter; do
        ln -s notifybridge "$1/bin/$name"
    done
    # A client of a daemon: what it starts is in another control group, and lives on without it.
    cat >"$1/bin/away" <<'END'
#!/bin/sh
mkdir -p /sys/fs/cgroup/away
sh -c 'echo $$ >/sys/fs/cgroup/away/cgroup.procs; exec "$@"' sh "$@" &
wait $!
END
    chmod 755 "$1/bin/away"
    mkdir "$1/bin/libexec"
    ln -s ../notifybridge "$1/bin/libexec/systemd-notify"
}

# --- inside: units ---------------------------------------------------------------------------

bin=${SYSTEM_TEST:-}/bin
apps=${SYSTEM_TEST:-}/apps
wait=$bin/host-notify-waiter
wrap=$bin/container-notify-wrapper

# container KIND NAME [OPTION…]: the words that run a command in that kind of container, with the
# unit's shared directory at /shared where there is a file system of its own. podman runs on the
# host's own files, so that no image is needed.
container() {
    local kind=$1 name=$2
    shift 2
    case $kind in
    none) ;;
    bwrap) echo "/usr/bin/bwrap --dev-bind / / --unshare-pid --proc /proc $*" ;;
    unshare) echo "/usr/bin/unshare --pid --fork --mount-proc $*" ;;
    away) echo "$bin/away" ;;
    exec) echo "/usr/bin/podman --cgroup-manager=cgroupfs exec -e SHARED_DIR=/shared $* $name" ;;
    podman)
        echo "/usr/bin/podman --cgroup-manager=cgroupfs run --rm --replace --name=$name" \
            "--cgroups=disabled --network=none --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000" \
            "-v $(shared "$name"):/shared -e SHARED_DIR=/shared" \
            "-v $bin:$bin:ro -v $apps:$apps $* --rootfs /:O"
        ;;
    *) fail "there is no container of kind $kind" ;;
    esac
}

# box NAME: a container that runs already, for `container exec NAME`.
box() {
    local words
    mkdir -p "$(shared "$1")"
    read -ra words <<<"$(container podman "$1" --detach)"
    "${words[@]}" sleep infinity >/dev/null || fail "podman starts no container"
}

# The directory that the two sides of a unit share.
shared() {
    echo "/run/shared-$1"
}

# unit NAME <<EOF: a unit with the default of NotifyAccess. Its service section is read from
# standard input; Type=notify is among what it need not say.
unit() {
    {
        printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\nKillMode=mixed\n'
        printf 'Environment=SHARED_DIR=%s\n' "$(shared "$1")"
        printf 'TimeoutStopSec=20\nStandardOutput=append:%s\nStandardError=append:%s\n' \
            "$SYSTEM_TEST/log/$1" "$SYSTEM_TEST/log/$1"
        printf "ExecStopPost=/bin/sh -c 'echo %s >%s'\n" \
            '${SERVICE_RESULT} ${EXIT_CODE} ${EXIT_STATUS}' "$SYSTEM_TEST/ends/$1"
        cat
    } >"$SYSTEM_TEST/units/$1.service"
}

# app NAME: makes what the app of that name needs, and prints the words that start it.
app() {
    mkdir -p "$apps/$1"
    [ -p "$apps/$1/orders" ] || mkfifo "$apps/$1/orders"
    touch "$apps/$1/starts" "$apps/$1/done"
    chmod -R a+rwX "$apps/$1"
    echo "$bin/app.py $apps/$1"
}

# app_unit NAME [KIND [OPTIONS]]: a unit whose app does as it is told, in that kind of container,
# with these options of `wait`. Lines of its own are read from standard input.
app_unit() {
    local name=$1 kind=${2:-none} options=${3:-}
    {
        echo "ExecStart=$wait --verbose $options $(container "$kind" "$name") $wrap --verbose $(app "$name")"
        cat
    } | unit "$name"
}

# --- inside: what happens --------------------------------------------------------------------

lines() {
    wc -l <"$1"
}

# begin NAME: starts the unit, and returns when its app is up; the unit need not be.
begin() {
    local before
    before=$(lines "$apps/$1/starts")
    systemctl "${2:-start}" --no-block "$1"
    eventually "$1's app starts" more_lines "$apps/$1/starts" "$before"
}

more_lines() {
    [ "$(lines "$1")" -gt "$2" ]
}

# tell NAME ORDER: has the app do it, and returns when it has.
tell() {
    local before
    before=$(lines "$apps/$1/done")
    order "$@"
    eventually "$1's app does: $2" more_lines "$apps/$1/done" "$before"
}

# order NAME ORDER: the same for an order that the app does not survive.
order() {
    printf '%s\n' "$2" | timeout -k 1 "$patience" tee "$apps/$1/orders" >/dev/null ||
        fail "$1's app takes no orders: $2"
}

# --- inside: what must hold ------------------------------------------------------------------

# scenario WHAT: names what follows.
scenario() {
    current=$1
    printf -- '- %s\n' "$1"
}

# eventually WHAT COMMAND…: COMMAND holds before $patience seconds are over.
eventually() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || fail "not within ${patience} s: $what"
        sleep 0.02
    done
}

property() {
    systemctl show --property="$2" --value "$1"
}

has_properties() {
    local unit=$1 wanted
    shift
    for wanted in "$@"; do
        [ "$(property "$unit" "${wanted%%=*}")" = "${wanted#*=}" ] || return 1
    done
}

# expect UNIT PROPERTY=VALUE…: systemd shows it so now.
expect() {
    local unit=$1 wanted value
    shift
    for wanted in "$@"; do
        value=$(property "$unit" "${wanted%%=*}")
        [ "$value" = "${wanted#*=}" ] ||
            fail "$unit: ${wanted%%=*} is \"$value\" and should be \"${wanted#*=}\""
    done
}

# expect_soon UNIT PROPERTY=VALUE…: systemd comes to show it so.
expect_soon() {
    local deadline=$((SECONDS + patience))
    until has_properties "$@"; do
        ((SECONDS < deadline)) || expect "$@"
        sleep 0.02
    done
}

# expect_end UNIT "RESULT CODE STATUS": the unit is over, or comes to be, and ended so, in systemd's
# words for its main process. systemd forgets a unit that ended well, so the unit writes this down.
expect_end() {
    local end
    eventually "$1 ends" is_over "$1"
    end=$(cat "$SYSTEM_TEST/ends/$1")
    [ "$end" = "$2" ] || fail "$1 ended as \"$end\" and should have as \"$2\""
}

is_over() {
    case $(property "$1" ActiveState) in
    inactive | failed) [ -s "$SYSTEM_TEST/ends/$1" ] ;;
    *) false ;;
    esac
}

# stop UNIT: stops it, which has to be clean.
stop() {
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    expect_end "$1" "success killed TERM"
    expect_gone "$1"
}

# start UNIT: starts it, which has to make it active.
start() {
    timeout -k 1 60 systemctl start "$1" || fail "systemctl start $1"
    expect "$1" ActiveState=active SubState=running
}

# expect_ended UNIT: no process of it is left.
expect_ended() {
    eventually "$1 leaves no process" no_process "/sys/fs/cgroup/system.slice/$1.service"
}

# expect_gone UNIT: no process of it is left, nor a container.
expect_gone() {
    expect_ended "$1"
    if command -v podman >/dev/null; then
        # What removes it may be the monitor's clean-up, for which podman's client does not wait.
        eventually "$1 leaves no container" no_container "$1"
    fi
}

no_container() {
    [ -z "$(podman ps --all --quiet --filter "name=^$1\$")" ]
}

no_process() {
    ! [ -s "$1/cgroup.procs" ]
}

# expect_line TEXT FILE: the file has it, as a whole line.
expect_line() {
    grep -qxF -e "$1" "$2" || fail "no line \"$1\" in $2"
}

fail() {
    local log
    echo "FAILED in \"${current:-the beginning}\": $1"
    for log in "$SYSTEM_TEST"/log/*; do
        [ -s "$log" ] || continue
        printf -- '--- the last that %s wrote:\n' "${log##*/}"
        tail -n 50 "$log"
    done
    systemctl status --no-pager --full --lines=0 "*.service" 2>&1 || true
    exit 1
}

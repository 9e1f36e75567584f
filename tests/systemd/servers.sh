#!/bin/bash
#
# Tests `run` with real servers in podman and docker: PostgreSQL, MariaDB, Gunicorn, and Node.js
# below a shell. The entry points of both databases start a temporary server first.

. "$(dirname "$0")/lib.sh"
postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | tail -n 1)
in_lab podman crun /usr/bin/docker dockerd containerd "$postgres" mariadbd mariadb \
    mariadb-install-db gunicorn node
. "$here/recipes.sh"

prepare
make_root
chmod 1777 "$image_root/tmp"
mount -t tmpfs tmpfs /var/cache
docker_unit
systemctl daemon-reload
systemctl start docker
notifybridge runtime --configure=docker >/dev/null
systemctl kill --kill-whom=main --signal=HUP docker

# entry_point NAME: stores the script on standard input as the image's entry point.
entry_point() {
    cat >"$image_root/entry-$1"
    chmod 755 "$image_root/entry-$1"
}

# A script like the entry points of both databases. At the first start, a temporary server for the
# set-up becomes ready and stops again. After that, the real server starts.
entry_point postgres <<'END'
#!/bin/sh
set -e
PATH=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1):$PATH
initdb -D /tmp/data --no-sync --auth=trust >/dev/null
pg_ctl -D /tmp/data -w -o "-c listen_addresses= -k /tmp" start
psql -q -h /tmp -d postgres -c "CREATE TABLE first (x int)"
pg_ctl -D /tmp/data -w -m fast stop
exec postgres -D /tmp/data -k /tmp -c listen_addresses=127.0.0.1
END
entry_point mariadb <<'END'
#!/bin/bash
set -e
mariadb-install-db --no-defaults --datadir=/tmp/data --auth-root-authentication-method=normal >/dev/null
common="--no-defaults --datadir=/tmp/data --socket=/tmp/mariadb.sock --pid-file=/tmp/mariadb.pid"
mariadbd $common --skip-networking &
server=$!
sql() {
    mariadb --no-defaults --socket=/tmp/mariadb.sock --user=root --execute="$1"
}
until sql "CREATE TABLE test.first (x int)"; do sleep 0.1; done 2>/dev/null
kill "$server"
wait "$server"
exec mariadbd $common --bind-address=127.0.0.1
END
entry_point gunicorn <<'END'
#!/bin/sh
cd /tmp
printf 'def app(environment, start):\n    start("200 OK", [])\n    return [b"hello"]\n' >hello.py
exec gunicorn --bind unix:/tmp/hello.sock hello:app
END
entry_point node <<'END'
#!/bin/sh
node -e '
    const { execFileSync } = require("child_process");
    const say = (text) => execFileSync("systemd-notify", [text]);
    process.on("SIGTERM", () => process.exit(0));
    say("READY=1");
    setInterval(() => say("WATCHDOG=1"), 500);
'
echo "the shell goes on"
END

mounts="--network=none -v /usr:/usr:ro"

# words NAME: prints the words that start the container with podman or docker.
words() {
    case $manager in
    podman)
        echo podman --cgroup-manager=cgroupfs run --rm --replace "$mounts" --cgroups=disabled \
            --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 "--name=$1" "localhost/$1"
        ;;
    docker)
        # docker import does not support STOPSIGNAL.
        echo /usr/bin/docker run --rm "$mounts" --ulimit=nofile=1024:1024 "--name=$1" \
            "$([ "$1" != postgres ] || echo --stop-signal=SIGINT)" "$1"
        ;;
    esac
}

# server NAME [OPTIONS [LINE]]: makes a unit that runs this server, with options of `run` and one
# more line. The lines for docker are those of README.md.
server() {
    {
        printf '[Service]\nType=notify\nTimeoutStopSec=20\n%s\n' "${3:-}"
        [ "$manager" = podman ] ||
            printf 'KillMode=mixed\nExecStartPre=-/usr/bin/docker rm --force %s\n' "$1"
        echo "ExecStart=/usr/bin/notifybridge run ${2:-} $(words "$1")"
    } | adapt_unit "$1" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

# inside NAME COMMAND…: runs COMMAND in that container.
inside() {
    case $manager in
    podman) podman --cgroup-manager=cgroupfs exec "$@" ;;
    docker) /usr/bin/docker exec "$@" ;;
    esac
}

# begin_server NAME: starts the unit, and checks that it is active after the start.
begin_server() {
    timeout -k 1 60 systemctl start "$1" || fail "systemctl start $1"
    expect "$1" ActiveState=active SubState=running
}

# end_server NAME: stops the unit, and checks that it ends with status 0 long before systemd would
# kill it.
end_server() {
    local began=$SECONDS
    timeout -k 1 60 systemctl stop "$1" || fail "systemctl stop $1"
    ((SECONDS - began < 15)) || fail "$1 took $((SECONDS - began)) s to end"
    expect_end "$1" "success exited 0"
    expect_ended "$1"
}

log_has() {
    grep -qF -e "$2" "$SYSTEM_TEST/log/$1"
}

has_client() {
    inside postgres psql -h /tmp -d postgres -Atc \
        "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(100)'" | grep -q 1
}

is_first_postgres() {
    inside postgres psql -q -h 127.0.0.1 -d postgres -c "TABLE first" >/dev/null
}

is_first_mariadb() {
    inside mariadb mariadb --no-defaults --host=127.0.0.1 --user=root \
        --execute="SELECT * FROM test.first" >/dev/null
}

try_postgres() {
    local client
    scenario "$manager: only the real PostgreSQL server makes the unit active"
    server postgres --notify-access=main
    begin_server postgres
    is_first_postgres || fail "it is active, and the real server does not answer"

    scenario "$manager: PostgreSQL stops quickly despite a client"
    inside postgres psql -h /tmp -d postgres -c "SELECT pg_sleep(100)" >/dev/null 2>&1 &
    client=$!
    eventually "the client is there" has_client
    end_server postgres
    wait "$client" || true
    log_has postgres "received fast shutdown request" || fail "SIGINT did not reach the server"
    log_has postgres "database system is shut down" || fail "the last words are lost"

    scenario "$manager: a probe waits for the real PostgreSQL server"
    server postgres --ready-when=tcp:127.0.0.1:5432
    begin_server postgres
    is_first_postgres || fail "it is active, and the real server does not answer"
    end_server postgres

    scenario "$manager: PostgreSQL's temporary server counts without an option"
    server postgres
    begin_server postgres
    eventually "the real server answers" is_first_postgres
    expect postgres ActiveState=active SubState=running
    log_has postgres --notify-access=main || fail "nothing tells how to wait for the real server"
    end_server postgres
}

try_mariadb() {
    local options
    for options in --notify-access=main --ready-when=tcp:127.0.0.1:3306; do
        scenario "$manager: only the real MariaDB server counts with $options"
        server mariadb "$options"
        begin_server mariadb
        is_first_mariadb || fail "it is active, and the real server does not answer"
        end_server mariadb
        log_has mariadb "Shutdown complete" || fail "the last words are lost"
    done
}

try_gunicorn() {
    scenario "$manager: Gunicorn makes its unit active"
    server gunicorn
    begin_server gunicorn
    expect_soon gunicorn "StatusText=Gunicorn arbiter booted"
    end_server gunicorn
}

try_node() {
    scenario "$manager: Node.js below a shell pings the watchdog"
    server node "" WatchdogSec=2
    begin_server node
    # This pause is longer than the time of the watchdog.
    sleep 5
    expect node ActiveState=active SubState=running NRestarts=0
    timeout -k 1 60 systemctl stop node || fail "systemctl stop node"
    expect_ended node
}

# A daemon that is stopped (SIGSTOP) takes as long as one that has many files to remove.
try_slow_removal() {
    scenario "docker: a stop waits until the container is removed"
    server gunicorn
    begin_server gunicorn
    systemctl kill --kill-whom=main --signal=STOP docker
    systemctl stop --no-block gunicorn
    eventually "the app ends" no_program hello:app
    sleep 2
    expect gunicorn ActiveState=deactivating
    systemctl kill --kill-whom=main --signal=CONT docker
    end_server gunicorn
    [ -z "$(/usr/bin/docker ps --all --quiet)" ] || fail "the container is still there"
    begin_server gunicorn
    end_server gunicorn
}

for manager in podman docker; do
    case $manager in
    podman) import=image change=("STOPSIGNAL SIGINT") ;;
    docker) import=docker_image change=() ;;
    esac
    "$import" postgres 'ENTRYPOINT ["/entry-postgres"]' "USER app" "${change[@]}"
    for name in mariadb gunicorn node; do
        "$import" "$name" "ENTRYPOINT [\"/entry-$name\"]" "USER app"
    done
    try_postgres
    try_mariadb
    try_gunicorn
    [ "$manager" = podman ] || try_slow_removal
    try_node
done

#!/bin/bash
#
# A restart finds the name of the container free, also if the stop ends the client of podman or
# docker before the container, or before docker's daemon has created the container.

. "$(dirname "$0")/lib.sh"
in_lab podman crun /usr/bin/docker dockerd containerd
. "$here/recipes.sh"

prepare
make_root
podman_settings
move_monitor
image tiny
docker_unit
notifybridge runtime --configure=docker >/dev/null

# one_line NAME KILLMODE ARGUMENTS: makes a unit of `run` that replaces no container.
one_line() {
    printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=notify\nKillMode=%s\nExecStart=/usr/bin/notifybridge run %s\n' \
        "$2" "--ready-when=start $3" | adapt_unit "$1" "$SYSTEM_TEST/units"
    systemctl daemon-reload
}

docker_client_runs() { pgrep --full "^docker run .*--name=web" >/dev/null; }

options="--rm --network=none -v /usr:/usr:ro"

for detach in "" --detach; do
    scenario "a restart of podman run $detach, whose client ends before the container"
    one_line app control-group "podman run $detach $options --name=app localhost/tiny sleep 1000"
    systemctl start app
    for _ in 1 2 3 4 5 6; do
        systemctl restart app || fail "the name is in use: $(tail -5 "$SYSTEM_TEST/log/app")"
    done
    systemctl stop app
    expect_gone app
done

scenario "a usual stop starts no process of podman"
cat >"$SYSTEM_TEST/podman" <<EOF
#!/bin/sh
echo "\$@" >>"$SYSTEM_TEST/calls"
exec $(command -v podman) "\$@"
EOF
chmod 755 "$SYSTEM_TEST/podman"
# The app ends with 0, and so does the client.
one_line app mixed "$SYSTEM_TEST/podman run $options --name=app localhost/tiny \\
    sh -c 'trap \"exit 0\" TERM; while :; do sleep 0.1; done'"
systemctl start app
true >"$SYSTEM_TEST/calls"
systemctl stop app
expect_gone app
[ ! -s "$SYSTEM_TEST/calls" ] || fail "$(cat "$SYSTEM_TEST/calls")"

scenario "a restart while docker creates the container"
systemctl daemon-reload
systemctl start docker
docker_image tiny
one_line web mixed "docker run $options --name=web tiny sleep 1000"
systemctl start web
systemctl stop web
for _ in 1 2 3 4 5; do
    systemctl start --no-block web
    eventually "docker's client runs" docker_client_runs
    systemctl restart web || fail "the name is in use: $(tail -5 "$SYSTEM_TEST/log/web")"
    systemctl stop web
    [ -z "$(docker ps --all --quiet)" ] || fail "$(docker ps --all)"
done

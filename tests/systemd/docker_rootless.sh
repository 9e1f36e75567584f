#!/bin/bash
#
# docker of a user who is not root, as in notifybridge-examples(7). The script that starts dockerd
# in the user's own namespaces is that of Debian's package.

. "$(dirname "$0")/lib.sh"
rootless=/usr/share/docker.io/contrib/dockerd-rootless.sh
in_lab /usr/bin/docker dockerd containerd podman newuidmap newgidmap rootlesskit slirp4netns $rootless
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
. "$here/recipes.sh"

# her_docker: writes anna's docker.service, as dockerd-rootless-setuptool.sh does. Its dockerd uses
# no network, and no control groups, because anna's manager is not where dockerd looks for it.
her_docker() {
    share_tun
    her_program docker "--host=unix:///run/user/$(id -u anna)/docker.sock"
    as_anna touch "$SYSTEM_TEST/log/docker"
    cat >"$her_units/docker.service" <<END
[Service]
Type=notify
NotifyAccess=all
KillMode=mixed
UnsetEnvironment=SHARED_DIR
ExecStart=$rootless --storage-driver=vfs --iptables=false --ip6tables=false \
    --exec-opt native.cgroupdriver=cgroupfs
ExecReload=/bin/kill -s HUP \$MAINPID
StandardOutput=append:$SYSTEM_TEST/log/docker
StandardError=append:$SYSTEM_TEST/log/docker
END
    systemctl daemon-reload
}

# her_unit NAME IMAGE [SED]: makes the unit of the page with that image, changed with SED.
her_unit() {
    app "$1" >/dev/null
    recipe "$examples" "docker without root" 1 | sed "s|force app|force $1|; s|--name=app|--name=$1|
        s|--rm|--network=none -v /usr:/usr:ro -v $SYSTEM_TEST:$SYSTEM_TEST &|; s|IMAGE|$2|; ${3:-}" |
        adapt_unit "$1" "$her_units"
    systemctl daemon-reload
}

knows_us() { docker info --format '{{json .Runtimes}}' | grep -q notifybridge; }

no_container_of_docker() {
    [ -z "$(docker ps --all --quiet --filter "name=^$1\$")" ]
}

prepare
make_root
log_in
her_docker
timeout 60 systemctl start docker || fail "systemctl start docker"
import_image docker image "ENTRYPOINT [\"$bin/app.py\"]" "CMD [\"$apps/image\"]" "USER app"

scenario "an error explains how to configure the user's docker"
her_unit image image
fails image 2 "/home/anna/.config/docker/daemon.json does not have the runtime notifybridge" \
    "run \`notifybridge runtime --configure=docker && systemctl --user reload docker\`"
eventually "docker's refusal is explained" grep -qF "docker may not know the runtime notifybridge; run" \
    "$SYSTEM_TEST/log/image"

scenario "a reload of the user's docker makes the runtime known"
as_anna notifybridge runtime --configure=docker >/dev/null
systemctl reload docker
eventually "docker knows the runtime" knows_us

scenario "an image with a USER works as it is"
try_unit image
eventually "the container goes" no_container_of_docker image

scenario "the exit status arrives"
make_ready image
order image "exit 3"
expect_end image "exit-code exited 3"
eventually "the container goes" no_container_of_docker image

scenario "no container is left if wait is killed"
make_ready image
kill -KILL "$(property image MainPID)"
expect_end image "signal killed KILL"
no_container_of_docker image || fail "a container is left"

scenario "a check names the commands of the user's docker"
systemctl stop docker
systemctl reset-failed image
sed -i '/^After=\|^Requires=/d' "$her_units/image.service"
systemctl daemon-reload
systemctl start image 2>/dev/null && fail "it was started"
as_anna notifybridge status --check image.service >"$SYSTEM_TEST/check" || true
grep -q '`systemctl --user start docker`' "$SYSTEM_TEST/check" || fail "$(cat "$SYSTEM_TEST/check")"

#!/bin/bash
#
# podman-compose, as in notifybridge-examples(7): a project with two containers is one unit.

. "$(dirname "$0")/lib.sh"
in_lab podman crun podman-compose
. "$here/recipes.sh"

prepare
make_root
podman_settings
image tiny 'CMD ["/bin/true"]'
libexec=/usr/libexec/notifybridge
# A podman-compose that does not support `runtime:` needs the hook.
if ! grep -qF '"--runtime"' /usr/lib/python3/dist-packages/podman_compose.py; then
    install_hook
fi
# The lab has no networks.
cat >/usr/local/bin/podman <<'END'
#!/bin/bash
words=()
while [ $# -gt 0 ]; do
    case $1 in
    network) exit ;;
    --net | --net=* | --network | --network=* | --network-alias) [[ $1 == *=* ]] || shift ;;
    *) words+=("$1") ;;
    esac
    shift
done
exec /usr/bin/podman "${words[@]}"
END
chmod 755 /usr/local/bin/podman

mkdir -p /etc/stack
for name in db web; do app "$name" >/dev/null; done
recipe "$readme" "docker compose: several containers in one unit" 1 yaml |
    sed "s|^    image: .*|    image: localhost/tiny|; s|--ready-when=[^\"]*|--verbose|
s|^    runtime: .*|    runtime: $libexec/crun|; s|^  \(\w*\):\$|&\n    command: [$bin/app.py, $apps/\1]|" \
        >/etc/stack/compose.yaml
recipe "$examples" podman-compose 1 | adapt_unit stack "$SYSTEM_TEST/units"
systemctl daemon-reload

start_stack() {
    local before
    before=$(lines "$apps/web/starts")
    systemctl start --no-block stack
    eventually "web starts" more_lines "$apps/web/starts" "$before"
    tell db "send READY=1\\nSTATUS=up"
    expect_soon stack "StatusText=db: up; waiting for web"
    expect stack ActiveState=activating
    tell web "send READY=1"
    expect_soon stack ActiveState=active
}

stop_stack() {
    systemctl stop stack
    expect stack ActiveState=inactive Result=success
    [ -z "$(podman ps --all --quiet)" ] || fail "containers are left"
}

scenario "the unit is active when both containers are ready"
start_stack
stop_stack

scenario "a container that ends restarts while the unit stays active"
start_stack
before=$(lines "$apps/db/starts")
order db "exit 3"
eventually "db is back" more_lines "$apps/db/starts" "$before"
tell db "send READY=1\\nSTATUS=again"
expect_soon stack ActiveState=active NRestarts=0 "StatusText=db: again"
stop_stack

# Sourced by health.sh: images in other storages, and a podman that does not answer.

scenario "a warning names the image's check if podman's options are unknown"
start_by "$(manager_that podman "exit 1")${runtime#podman}"
sed -i 's|podman --runtime=\([^ ]*\) run -e .* --attach|podman --runtime=\1 start --attach|' "$create"
one_line "$create localhost/checked" wait
runs_check image
logged "$name" "running the image's health check \"$check_command\"" || fail "there is no warning"
stop_app
settings=WatchdogSec=0 one_line "$create localhost/tiny" wait
begin "$name"
eventually "the log says it" logged "$name" "running no health check, because the image has none"
says_ready_itself
stop_app
podman rm --force --time=1 "$name" >/dev/null

scenario "the check of an image in another storage works"
podman save --quiet --output "$SYSTEM_TEST/checked.tar" localhost/checked
podman --root "$SYSTEM_TEST/other" load --quiet --input "$SYSTEM_TEST/checked.tar" >/dev/null
podman rmi --force localhost/checked >/dev/null
driver=$(podman info --format '{{.Store.GraphDriverName}}')
cat >/etc/containers/storage.conf <<END
[storage]
driver = "$driver"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
[storage.options]
additionalimagestores = ["$SYSTEM_TEST/other"]
END
one_line "$(running) localhost/checked"
try_health
podman_checks && fail "podman checks as well"
stop_app

scenario "no check runs if podman does not describe the image"
asks_in_vain() {
    one_line "$(running | sed "s|^podman|$(manager_that podman "$1")|") localhost/checked"
    begin "$name"
    eventually "the unit's log says so" logged "$name" "$2"
    says_ready_itself
    stop_app
}
asks_in_vain "exec sleep infinity" "did not answer completely within 5 s"
asks_in_vain "echo rubbish; exit" "did not print a list of objects"
rm /etc/containers/storage.conf
podman load --quiet --input "$SYSTEM_TEST/checked.tar" >/dev/null

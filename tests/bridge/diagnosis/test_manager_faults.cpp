#include "bridge/diagnosis/manager_faults.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

constexpr auto no_answer =
    "docker: Error response from daemon: failed to create task for container: failed to create "
    "shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open "
    "/run/containerd/x/log.json: no such file or directory): ";

const std::vector<DiagnosisSample> manager_errors = {
    {.properties = failed("exit-code", 125),
     .log = "Trying to pull localhost/none:latest...\n"
            "Error: initializing source docker://localhost/none:latest: connection refused\n",
     .cause = "the image cannot be pulled: \"Error: initializing source",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log =
         "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n"
         "See 'docker run --help'.\n[MAIN] error: the command exited with status 125; no wrap has "
         "started in [no-wrap] [command-ended]\n",
     .cause = "docker's daemon is not running: \"docker: Cannot connect",
     .remedy = "`systemctl start docker`"},
    {.properties =
         failed("exit-code", 125) + "Environment=DOCKER_HOST=unix:///run/user/1000/docker.sock\n",
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock.\n",
     .cause = "docker's daemon is not running: \"docker: Cannot connect",
     .remedy = "`systemctl --user start docker`"},
    {.properties =
         failed("exit-code", 125) + "Environment=DOCKER_HOST=unix:///run/user/1000/docker.sock\n",
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: unknown or invalid runtime name: notifybridge.\n",
     .cause = "docker does not know the runtime notifybridge",
     .remedy = "`notifybridge runtime --configure=docker && systemctl --user reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: unknown or invalid runtime name: notifybridge.\n",
     .cause = "docker does not know the runtime notifybridge",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: Unknown runtime specified notifybridge.\n",
     .cause = "docker does not know the runtime notifybridge",
     .remedy = "runtime --configure=docker"},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log =
         "docker: Error response from daemon: error while looking up the specified runtime path: "
         "exec: \"/usr/local/bin/notifybridge\": stat /usr/local/bin/notifybridge: no such file "
         "or directory\n",
     .cause = "docker's settings name a path of notifybridge that does not exist: \"docker: Error",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer,
                   "fork/exec /usr/local/bin/notifybridge: no such file or directory: unknown\n"),
     .cause = "docker's settings name a path of notifybridge that does not exist: \"docker: Error",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer,
                   "/var/lib/docker/runtimes/notifybridge did not terminate successfully: exit "
                   "status 127: exec: 3: /usr/local/bin/notifybridge: not found\n: unknown\n\nRun "
                   "'docker run --help' for more information\n"),
     .cause = "docker's settings name a path of notifybridge that does not exist",
     .remedy = "runtime --configure=docker"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer, "runc did not terminate successfully: exit status 1: unknown\n"),
     .cause = "the container was not started",
     .remedy = concat("if it is about an option, correct the command line: ", edit)},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: AppArmor enabled on system but the docker-default "
            "profile could not be loaded: running '/usr/sbin/apparmor_parser' failed with output:\n"
            "error: exec: \"apparmor_parser\": executable file not found in $PATH.\n",
     .cause = "docker needs the package apparmor: \"docker: Error response",
     .remedy = "read the whole message: `journalctl -u app.service`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "Unable to find image 'redis:latest' locally\n"
            "docker: Error response from daemon: failed to resolve reference "
            "\"docker.io/library/redis:latest\": docker.io/library/redis:latest: not found\n\n"
            "Run 'docker run --help' for more information\n",
     .cause = "the image cannot be pulled: \"docker: Error response",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "Unable to find image 'redis:latest' locally\ndocker: Error response from daemon: Get "
            "\"https://r/v2/\": dial tcp: lookup r: no such host\n",
     .cause = "the request to the registry failed: \"docker: Error response from daemon: Get",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: failed to resolve reference "
            "\"docker.io/library/redis:latest\": pull access denied, repository does not exist or "
            "may require authorization: server message: insufficient_scope: authorization failed\n",
     .cause = "there is no such image, or the registry refuses it",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .log = "Error: creating container storage: the container name \"x\" is already in use by a\n",
     .cause = "a container of this name already exists",
     .remedy = concat("if it belongs to another service, choose another --name=; if it is a "
                      "leftover of this one, add --replace to podman run (",
                      edit, ')')},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/host-notify-waiter podman run redis",
     .log = "Error: crun: executable file `/opt/container-notify-wrapper` not found in $PATH\n",
     .cause = "the container does not have container-notify-wrapper",
     .remedy = "-v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro"},
    {.properties = failed("exit-code", 125),
     .log = "Error: invalid reference format\n",
     .cause = "the container was not started: \"Error: invalid reference format\"",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: failed to connect to the docker API at unix:///var/run/docker.sock; check if "
            "the daemon is running\n",
     .cause = "docker's daemon is not running: \"docker: failed",
     .remedy = "`systemctl start docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: error from registry: authentication required\n",
     .cause = "the registry refuses the image: \"docker: Error",
     .remedy = "`docker login` as the user of the unit"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: no matching manifest for linux/riscv64 in the "
            "manifest list entries\n",
     .cause = "the image does not exist for the architecture of this machine: \"docker: Error",
     .remedy = "(`uname -m`)"},
    {.properties = failed("exit-code", 125),
     .log = "Error: choosing an image from manifest list docker://redis: no image found in "
            "manifest list for architecture riscv64\n",
     .cause = "the image does not exist for the architecture of this machine: \"Error: choosing",
     .remedy = "(`uname -m`)"},
    {.properties = failed("exit-code", 125),
     .log = "Error: initializing source docker://redis:none: reading manifest none: manifest "
            "unknown\n",
     .cause = "the registry does not have the image: \"Error: initializing",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = failed("exit-code", 125),
     .log = "Error: docker.io/library/redis: image not known\n",
     .cause = "there is no such image: \"Error: docker.io",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: No such image: redis:latest\n",
     .cause = "there is no such image: \"docker: Error",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "Unable to find image 'redis:latest' locally\n",
     .cause = "there is no such image: \"Unable",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: Bind for 0.0.0.0:80 failed: port is already "
            "allocated.\n",
     .cause = "a published port is already in use: \"docker: Error",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .log = "Error: cannot listen on the TCP port: listen tcp4 :80: bind: address already in use\n",
     .cause = "a published port is already in use: \"Error: cannot",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .log = "Error: unknown flag: --redis\n",
     .cause = "the container manager does not know an option: \"Error: unknown",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .log = "Error: unknown shorthand flag: 'y' in -y\n",
     .cause = "the container manager does not know an option: \"Error: unknown",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .log = "Error: initializing source docker://redis:latest: reading manifest latest: "
            "unauthorized: access to the requested resource is not authorized\n",
     .cause = "the registry refuses the image: \"Error: initializing",
     .remedy = "`podman login` as the user of the unit"},
    {.properties = failed("exit-code", 126),
     .log = "Error: crun: open executable: Exec format error: OCI runtime error\n",
     .cause = "the image is for another architecture: \"Error: crun",
     .remedy = "(`uname -m`)"},
    // The reason is at the end of a long message.
    {.properties = failed("exit-code", 125),
     .log = concat("Error: mounting storage for container: creating overlay mount to ",
                   std::string(300, 'x'),
                   ", options lowerdir=/var: fuse: failed to open /dev/fuse: "
                   "Permission denied\n"),
     .cause = "... options lowerdir=/var: fuse: failed to open /dev/fuse: Permission denied\"",
     .remedy = "`ausearch -m avc -ts recent`"},
    {.properties = failed("exit-code", 125),
     .log = "Error: initializing source docker://x: writing blob: no space left on device\n",
     .cause = "a file system is full: \"Error: initializing source",
     .remedy = "`df` and `df -i` show which; remove files there"},
    // Our own sentence in a long message is not shortened.
    {.properties = failed("exit-code", 126),
     .log =
         concat("Error: /usr/libexec/notifybridge/crun: notifybridge: shared directory ",
                std::string(200, 'x'), ": the directory does not exist; use the same SHARED_DIR\n"),
     .cause = concat("the container was not started: \"shared directory ", std::string(200, 'x'),
                     ": the directory does not exist; use the same SHARED_DIR\""),
     .remedy = edit},
    // Our own sentence comes first, also if podman reports a consequence after it.
    {.properties = failed("exit-code", 126),
     .log = "notifybridge: NOTIFYBRIDGE_OPTIONS: unknown option '--redy-when'\n"
            "Error: OCI runtime error: error executing hook (exit code: 1)\n",
     .cause = "not started: \"NOTIFYBRIDGE_OPTIONS: unknown option '--redy-when'\"",
     .remedy = edit},
    // The line after a colon is a part of the message.
    {.properties = failed("exit-code", 126),
     .log = "Error: OCI runtime error: runc: hook failed with exit code 1:\nno such directory\n",
     .cause = "\"Error: OCI runtime error: runc: hook failed with exit code 1: no such directory\"",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .cause = "notifybridge or the container manager could not start the app",
     .remedy = "`journalctl -u app.service` shows why"},
};

BOOST_AUTO_TEST_SUITE(manager_faults)

BOOST_AUTO_TEST_CASE(an_order_after_docker_is_advised_once) {
    const Symptoms symptoms = symptoms_by(
        {.properties = failed("exit-code", 125),
         .exec_start = "/usr/bin/notifybridge run docker run redis",
         .log = "[MAIN] warning: the command exited with status 125 before the app started "
                "[app-not-started]\n"
                "docker: Cannot connect to the Docker daemon at unix:///x. Is it running?\n",
         .writer = Writer::other});
    BOOST_TEST(diagnose(symptoms)->remedy
               == "`systemctl start docker`; add After=docker.service to [Unit] (`systemctl edit "
                  "app.service`)");
    last_unit().after = {"basic.target", "docker.service"};
    BOOST_TEST(diagnose(symptoms)->remedy == "`systemctl start docker`");
}

BOOST_DATA_TEST_CASE(a_container_manager_error_has_one_cause_and_one_remedy, manager_errors) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis

#include "bridge/diagnosis/absence.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "support/words.hpp"

namespace notifybridge::diagnosis {
namespace {

using process::ExitStatus;

constexpr std::string_view shared = "/run/app";

StartCommand start_of(std::string_view line) {
    return read_start_command(test::words_of(line));
}

struct Case {
    std::string_view line;
    std::optional<ExitStatus> end;
    /// A part of the expected answer. If this is empty, the answer must be empty.
    std::string_view wanted;
};

std::ostream& operator<<(std::ostream& stream, const Case& shown) {
    stream << shown.line;
    if (shown.end)
        stream << ", which " << process::describe(*shown.end);
    return stream;
}

const auto running = std::nullopt;
const auto ended = ExitStatus::exited(0);

const std::vector<Case> cases = {
    // Command lines that were written by hand.
    {"wait podman run IMAGE container-notify-wrapper app", running,
     "the command line does not mount this directory; add `-v /run/app:/shared:Z -e "
     "SHARED_DIR=/shared`"},
    {"wait podman run -v /run/apple:/a -e SHARED_DIR=/data IMAGE", ended,
     "does not mount this directory; add `-v /run/app:/data:Z -e SHARED_DIR=/data`"},
    {"wait docker run --volume=/run/other:/shared IMAGE container-notify-wrapper", running,
     "the container mounts /run/other at /shared; mount the directory of `wait` there"},
    {"wait podman run -v/run/app/:/shared:Z -e SHARED_DIR=/data IMAGE", running,
     "mounts this directory at /shared, but SHARED_DIR is /data; start the container with `-e "
     "SHARED_DIR=/shared`"},
    {"wait podman run --mount type=bind,src=/run,target=/host IMAGE", running,
     "mounts this directory at /host/app, but SHARED_DIR is /shared by default"},
    {"wait podman run -v /run/app:/shared IMAGE app", running,
     "does not name container-notify-wrapper; make it the command of the container"},
    {"wait podman run -v /run/app:/shared IMAGE app", ended, "does not name container-notify"},
    {"wait podman run -v /run/app:/shared IMAGE container-notify-wrapper app", running,
     "podman has not started the container yet; allow more time"},
    {"wait podman run -v /run/app:/shared IMAGE container-notify-wrapper app", ended, ""},
    {"wait podman run -v /run/app:/shared --entrypoint=/opt/container-notify-wrapper IMAGE",
     ExitStatus::exited(127), "podman could not run the container's command; if that is"},
    {"wait podman run -v /run/./app/:/shared IMAGE container-notify-wrapper app", ended, ""},
    {"wait podman run -v /var/run//app:/a IMAGE container-notify-wrapper -d /a", ended, ""},
    {"wait podman run -v /var/run:/a IMAGE container-notify-wrapper -d /a/app", ended, ""},
    {"wait podman run -v /run/app:/a IMAGE container-notify-wrapper -d /b", ended,
     "mounts this directory at /a, but `wrap` has --shared-dir=/b; use the same path in both"},
    {"wait podman run -v app:/shared IMAGE container-notify-wrapper", ended,
     "the container mounts app at /shared; mount the directory of `wait` there"},
    {"wait podman run -v /run/app:/a IMAGE sh -c 'exec container-notify-wrapper -d /a app'", ended,
     ""},
    // podman's own message gives the reason.
    {"wait podman run IMAGE", ExitStatus::exited(125), ""},
    // Containers into which the runtime puts `wrap`.
    {"run podman run IMAGE", running, "podman has not started the container yet"},
    {"run podman run IMAGE", ExitStatus::exited(125), ""},
    {"run podman run IMAGE", ExitStatus::exited(127), ""},
    {"run docker run IMAGE", ExitStatus::exited(125), "`notifybridge runtime --configure=docker"},
    {"wait podman run -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN IMAGE", running,
     "add `--runtime=/usr/libexec/notifybridge/crun`"},
    {"wait docker run --env SHARED_DIR --env NOTIFYBRIDGE_TOKEN IMAGE", running,
     "add `--runtime=notifybridge`"},
    {"wait podman --runtime=/x/crun run -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN IMAGE", running,
     "podman has not started"},
    // The runtime's own message gives the reason.
    {"wait podman --runtime=/x/crun run -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN IMAGE",
     ExitStatus::exited(126), ""},
    {"wait podman run -e NOTIFYBRIDGE_OPTIONS=--reddy-when=start IMAGE", ExitStatus::exited(127),
     ""},
    // Commands whose containers are described in other files.
    {"wait docker compose up", running,
     "in the compose file, give the service `runtime: notifybridge`"},
    {"wait docker compose --file=a up", ExitStatus::exited(125), "write `docker-compose`"},
    {"wait docker-compose --file=a up", ExitStatus::exited(125),
     "in the compose file, give the service `runtime: notifybridge`"},
    {"wait podman-compose up", running, "`runtime: /usr/libexec/notifybridge/crun`"},
    {"wait /usr/bin/docker-compose up", running, "`runtime: notifybridge`"},
    {"wait podman kube play a.yaml", ended,
     "name the runtime: `podman --runtime=/usr/libexec/notifybridge/crun kube play`"},
    {"wait podman --runtime=/x/crun kube play a.yaml", ended, "does not mount it, has another"},
    {"wait podman kube play a.yaml", ExitStatus::exited(125), ""},
    {"wait podman start --attach app", running, "run `notifybridge status --check` while"},
    {"wait /usr/local/bin/script", ended, "does not mount it, has another SHARED_DIR, or does not"},
    {"wait /usr/local/bin/script", ExitStatus::exited(3), ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(absence)

BOOST_DATA_TEST_CASE(a_missing_wrap_is_explained_with_a_remedy, cases, sample) {
    const std::string line = util::concat("notifybridge ", sample.line);
    const StartCommand command = start_of(line);
    const std::string why = why_no_wrap(&command, shared, sample.end);
    BOOST_TEST(why.find(sample.wanted) != why.npos, why);
    BOOST_TEST(why.empty() == sample.wanted.empty(), why);
    if (!why.empty())
        BOOST_TEST(why.starts_with("no wrap has started in /run/app: "), why);
}

BOOST_AUTO_TEST_CASE(a_missing_wrap_is_unexplained_if_docker_has_our_runtime) {
    StartCommand command = start_of("notifybridge run docker run IMAGE");
    command.unset_docker = std::nullopt;
    BOOST_TEST(why_no_wrap(&command, shared, ExitStatus::exited(125)) == "");
}

BOOST_AUTO_TEST_CASE(a_pull_is_named_only_if_the_image_is_missing) {
    StartCommand command = start_of("notifybridge run podman run IMAGE");
    command.pulls = true;
    const std::string why = why_no_wrap(&command, shared, std::nullopt);
    BOOST_TEST(why.ends_with("podman is still pulling the image; run `podman pull` before the "
                             "start, or allow more time"),
               why);
}

BOOST_AUTO_TEST_CASE(a_users_own_docker_is_configured_by_the_user) {
    StartCommand command = start_of("notifybridge run docker run IMAGE");
    command.unset_docker = runtime::DockerOwner::user;
    const std::string why = why_no_wrap(&command, shared, ExitStatus::exited(125));
    BOOST_TEST(why.ends_with("; run `notifybridge runtime --configure=docker && systemctl --user "
                             "reload docker`"),
               why);
}

BOOST_AUTO_TEST_CASE(the_mount_options_are_suggested_without_a_command) {
    const std::string why = why_no_wrap(nullptr, shared, std::nullopt);
    BOOST_TEST(why.find("`-v /run/app:/shared:Z -e SHARED_DIR=/shared`") != why.npos, why);
}

BOOST_AUTO_TEST_CASE(a_path_in_a_command_is_quoted_for_the_shell) {
    const std::string why = why_no_wrap(nullptr, "/run/a b;c", std::nullopt);
    BOOST_TEST(why.find("`-v '/run/a b;c:/shared:Z' -e SHARED_DIR=/shared`") != why.npos, why);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::diagnosis

#include "bridge/diagnosis/start_command.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/words.hpp"

namespace notifybridge::diagnosis {

std::ostream& operator<<(std::ostream& out, const Volume& volume) {
    return out << volume.host << " at " << volume.container;
}

namespace test_start_command {
namespace {

using test::words_of;
using util::concat;
using Strings = std::vector<std::string>;
using Volumes = std::vector<Volume>;

StartCommand start_of(std::string_view line) {
    return read_start_command(words_of(line));
}

StartCommand exec_start_of(std::string_view line) {
    return read_exec_start(words_of(line));
}

/// A command line of a container manager, and the options that `status` finds in it.
struct Line {
    const char* text;
    std::string shared_dir = {};
    Volumes volumes = {};
    Strings published = {};
    Strings ready_when = {};
    std::string runtime = {};
    std::string stop_timeout = {};

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Volume run_app = {"/run/app", "/shared"};

const Line lines[] = {
    // The words after the image belong to the app.
    {.text = "podman run --rm IMAGE app -e SHARED_DIR=/foo -v /x:/y --ready-when tcp:1"},
    {.text = "podman run -v /run/app:/shared IMAGE app -v /x:/y", .volumes = {run_app}},
    {.text = "podman run -e SHARED_DIR=/s IMAGE -e SHARED_DIR=/foo", .shared_dir = "/s"},
    {.text = "podman run -p 1:2 IMAGE app -p 3:4 --publish=5:6", .published = {"1:2"}},
    {.text = "podman run --stop-timeout=3 IMAGE app --stop-timeout=9", .stop_timeout = "3"},
    {.text = "podman run --runtime=/x/crun IMAGE --runtime=/y", .runtime = "/x/crun"},
    {.text = "podman run --rootfs /image app -v /x:/y"},
    // A value may look like an option, or like an image.
    {.text = "podman run --label -v IMAGE"},
    {.text = "podman run --label -v IMAGE -v /x:/y"},
    {.text = "podman run --name run -v /run/app:/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run --label=-v -v /run/app:/shared IMAGE", .volumes = {run_app}},
    // All ways to write an option.
    {.text = "podman run -v=/run/app:/shared:Z IMAGE", .volumes = {run_app}},
    {.text = "podman run -v/run/app:/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run --volume=/run/app:/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run --volume /run/app:/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run --mount type=bind,src=/run/app,dst=/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run -itv /run/app:/shared IMAGE", .volumes = {run_app}},
    {.text = "podman run -dv/run/app:/shared IMAGE -dv/x:/y", .volumes = {run_app}},
    {.text = "podman run -eSHARED_DIR=/s -itp 1:2 IMAGE", .shared_dir = "/s", .published = {"1:2"}},
    {.text = "podman run --env=SHARED_DIR=/s IMAGE", .shared_dir = "/s"},
    {.text = "podman run -v /run/app:/shared -- IMAGE -v /x:/y", .volumes = {run_app}},
    {.text = "podman run -e SHARED_DIR IMAGE"},
    {.text = "podman run -v /run/app:/shared --name", .volumes = {run_app}},
    // Global options are not options of the verb.
    {.text = "podman --runtime /x/crun run IMAGE", .runtime = "/x/crun"},
    {.text = "podman --runtime=/x/crun --root -v run -v /run/app:/shared IMAGE",
     .volumes = {run_app},
     .runtime = "/x/crun"},
    {.text = "podman --log-level create container run -p 1:2 IMAGE", .published = {"1:2"}},
    // `status` also reads command lines whose client connects to another machine.
    {.text = "podman --remote run -p 1:2 IMAGE app -p 3:4", .published = {"1:2"}},
    {.text = "podman --url ssh://there run -p 1:2 IMAGE app -p 3:4", .published = {"1:2"}},
    {.text = "docker -H tcp://there:1 run -p 1:2 IMAGE app -p 3:4", .published = {"1:2"}},
    {.text = "docker --config /c run --runtime=notifybridge IMAGE", .runtime = "notifybridge"},
    {.text = "nerdctl -n k8s.io run -v /run/app:/shared IMAGE app -v /x:/y", .volumes = {run_app}},
    {.text = "/usr/bin/nerdctl create -p 1:2 IMAGE", .published = {"1:2"}},
    // The options of `wrap`, even if `wrap` is the app or the entry point.
    {.text = "podman run -e NOTIFYBRIDGE_OPTIONS='--ready-when=tcp:1 --stop-timeout=5' IMAGE",
     .ready_when = {"tcp:1"},
     .stop_timeout = "5"},
    {.text = "podman run IMAGE container-notify-wrapper --ready-when=tcp:1 -v /x:/y app",
     .ready_when = {"tcp:1"}},
    {.text = "podman run IMAGE /opt/notifybridge wrap --ready-when tcp:1 -- app --ready-when=tcp:2",
     .ready_when = {"tcp:1"}},
    {.text = "podman run IMAGE tini -- /opt/container-notify-wrapper --ready-when=tcp:1 app",
     .ready_when = {"tcp:1"}},
    {.text = "podman run --entrypoint=/opt/container-notify-wrapper IMAGE --ready-when=tcp:1 app",
     .ready_when = {"tcp:1"}},
    {.text = "podman run IMAGE --ready-when=tcp:1 app", .ready_when = {"tcp:1"}},
    // The options of other verbs may be anywhere.
    {.text = "podman kube play --build --publish 1:2 app.yaml", .published = {"1:2"}},
    {.text = "podman --runtime=/x/crun kube play app.yaml", .runtime = "/x/crun"},
    {.text = "docker compose run --build -p 1:2 web", .published = {"1:2"}},
};

BOOST_AUTO_TEST_SUITE(start_command)

BOOST_DATA_TEST_CASE(only_options_before_the_image_belong_to_the_manager, lines, line) {
    const StartCommand found = start_of(concat("notifybridge wait ", line.text));
    BOOST_TEST(found.shared_dir == line.shared_dir);
    BOOST_TEST(found.volumes == line.volumes, boost::test_tools::per_element());
    BOOST_TEST(found.published == line.published, boost::test_tools::per_element());
    BOOST_TEST(found.ready_when == line.ready_when, boost::test_tools::per_element());
    BOOST_TEST(found.runtime == line.runtime);
    BOOST_TEST(found.stop_timeout == line.stop_timeout);
}

BOOST_AUTO_TEST_CASE(options_of_run_are_read_only_before_the_manager) {
    const StartCommand found = start_of(
        "notifybridge run --ready-when=tcp:1 --proxy tcp:2 --alive-when=tcp:3 -- "
        "podman run IMAGE --ready-when=tcp:4 --proxy=tcp:5");
    BOOST_TEST(found.is_run);
    BOOST_TEST(found.ready_when == Strings{"tcp:1"}, boost::test_tools::per_element());
    BOOST_TEST(found.proxies == Strings{"tcp:2"}, boost::test_tools::per_element());
    BOOST_TEST(found.alive_when == Strings{"tcp:3"}, boost::test_tools::per_element());
    BOOST_TEST(!found.ends_when_idle);
    BOOST_TEST(start_of("run --idle-timeout=2s podman run IMAGE").ends_when_idle);
}

BOOST_AUTO_TEST_CASE(the_verb_decides_whether_the_manager_makes_a_container) {
    const auto makes = [](const char* line) { return start_of(line).makes_container; };
    const auto creates = [](const char* line) { return start_of(line).only_creates; };
    BOOST_TEST(makes("wait podman run IMAGE compose"));
    BOOST_TEST(makes("wait podman container create IMAGE"));
    BOOST_TEST(!makes("wait podman --root run start app"));
    BOOST_TEST(creates("wait docker create --name=run IMAGE"));
    BOOST_TEST(creates("wait docker compose create"));
    BOOST_TEST(!creates("wait podman run --name create IMAGE create"));

    BOOST_TEST(start_of("wait docker compose up").is_plugin);
    BOOST_TEST(start_of("wait docker-compose up").is_compose);
    BOOST_TEST(!start_of("wait docker-compose up").is_plugin);
    BOOST_TEST(!start_of("wait docker run IMAGE compose").is_compose);
    BOOST_TEST(start_of("wait podman play kube app.yaml").is_kube);
    BOOST_TEST(!start_of("wait podman run IMAGE play").is_kube);
}

BOOST_AUTO_TEST_CASE(a_path_after_the_image_is_not_a_host_executable) {
    BOOST_TEST(start_of("wait podman run IMAGE container-notify-wrapper app").names_wrapper);
    BOOST_TEST(start_of("wait podman run container-notify-wrapper").names_wrapper);
    BOOST_TEST(!start_of("wait podman run IMAGE app").names_wrapper);
    const StartCommand found = start_of(
        "wait podman run -v /usr/bin/notifybridge:/opt/container-notify-wrapper IMAGE "
        "/opt/container-notify-wrapper app");
    BOOST_TEST(found.executables == Strings{"/usr/bin/notifybridge"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_sources_of_mounts_are_host_executables) {
    const auto executables = [](std::string_view line) { return start_of(line).executables; };
    for (const char* const line :
         {"wait podman run --volume=/usr/bin/notifybridge:/opt/wrapper:ro IMAGE",
          "wait podman run --mount type=bind,src=/usr/bin/notifybridge,dst=/x/notifybridge IMAGE",
          "wait bwrap --ro-bind /usr/bin/notifybridge /run/notifybridge /run/notifybridge wrap app",
          "wait systemd-nspawn --bind-ro=/usr/bin/notifybridge:/opt/container-notify-wrapper "
          "/opt/container-notify-wrapper app",
          "wait firejail --bind=/usr/bin/notifybridge,/opt/notifybridge /opt/notifybridge wrap"})
        BOOST_TEST(executables(line) == Strings{"/usr/bin/notifybridge"}, line);
    BOOST_TEST(executables("wait docker run -v /opt/nb:/opt/container-notify-wrapper IMAGE")
               == Strings{"/opt/nb"});
    BOOST_TEST(executables("wait chroot /root /opt/container-notify-wrapper app").empty());
    BOOST_TEST(executables("wait podman run -v notifybridge:/opt/notifybridge IMAGE").empty());
}

BOOST_AUTO_TEST_CASE(an_interval_of_0_turns_the_health_check_off) {
    const auto off_in = [](const char* line) {
        return read_start_command(words_of(line)).health_off;
    };
    BOOST_TEST(off_in("notifybridge run podman run --health-interval=0 IMAGE")
               == "--health-interval=0");
    BOOST_TEST(off_in("notifybridge run podman run --health-interval disable IMAGE")
               == "--health-interval=disable");
    BOOST_TEST(off_in("notifybridge run podman run --healthcheck-interval=0s IMAGE")
               == "--healthcheck-interval=0s");
    BOOST_TEST(off_in("notifybridge run --health-interval=0 docker run IMAGE")
               == "--health-interval=0");
    BOOST_TEST(off_in("w podman run -e NOTIFYBRIDGE_OPTIONS=--health-interval=0 IMAGE")
               == "--health-interval=0");
    for (const char* const line : {"notifybridge run podman run IMAGE",
                                   "notifybridge run podman run IMAGE "
                                   "--health-interval=0",
                                   "notifybridge run podman run --health-interval=0 "
                                   "--health-interval=5s IMAGE",
                                   "notifybridge run docker run --health-interval=0 IMAGE"})
        BOOST_TEST(off_in(line).empty(), line);
}

BOOST_AUTO_TEST_CASE(a_runtime_is_not_a_mounted_executable) {
    for (const char* const line : {"wait podman --runtime /opt/notifybridge run IMAGE",
                                   "wait podman run --runtime /opt/notifybridge IMAGE"}) {
        const StartCommand found = start_of(line);
        BOOST_TEST(found.runtime == "/opt/notifybridge", line);
        BOOST_TEST(found.executables.empty(), line);
        BOOST_TEST(!found.names_wrapper, line);
    }
}

BOOST_AUTO_TEST_CASE(variables_of_the_container_are_recognized) {
    const StartCommand found =
        start_of("wait podman run -eNOTIFYBRIDGE_TOKEN --env NOTIFYBRIDGE_OPTIONS IMAGE");
    BOOST_TEST(found.names_token);
    BOOST_TEST(found.has_options);
    const StartCommand other =
        start_of("wait podman run IMAGE -e NOTIFYBRIDGE_TOKEN -e NOTIFYBRIDGE_OPTIONS");
    BOOST_TEST(!other.names_token);
    BOOST_TEST(!other.has_options);
    BOOST_TEST(start_of("wait podman run --sdnotify conmon IMAGE").has_conmon_notify);
    BOOST_TEST(!start_of("wait podman run IMAGE --sdnotify=conmon").has_conmon_notify);
}

BOOST_AUTO_TEST_CASE(cgroups_that_stay_in_the_unit_are_read) {
    BOOST_TEST(start_of("run podman run --cgroups=split IMAGE").shares_cgroup);
    BOOST_TEST(start_of("run podman run --cgroups no-conmon IMAGE").shares_cgroup);
    BOOST_TEST(!start_of("run podman run --cgroups=enabled IMAGE").shares_cgroup);
    BOOST_TEST(!start_of("run podman run IMAGE --cgroups=split").shares_cgroup);
}

BOOST_AUTO_TEST_CASE(the_shared_directory_of_wrap_is_read) {
    for (const char* const line :
         {"podman run IMAGE container-notify-wrapper --shared-dir=/s app",
          "podman run IMAGE container-notify-wrapper -d /s app -d /t",
          "podman run IMAGE container-notify-wrapper --verbose -d/s app",
          "podman run IMAGE /opt/notifybridge wrap -d /s -- app -d /t",
          "podman run --entrypoint=/opt/container-notify-wrapper IMAGE -d /s app",
          "podman run -e NOTIFYBRIDGE_OPTIONS='--verbose -d /s' IMAGE app -d /t"})
        BOOST_TEST(start_of(concat("notifybridge wait ", line)).wrap_directory == "/s", line);
    BOOST_TEST(start_of("notifybridge wait podman run IMAGE app -d /t").wrap_directory.empty());
}

BOOST_AUTO_TEST_CASE(a_command_that_is_not_a_manager_has_no_manager_options) {
    for (const char* const line :
         {"notifybridge wait /usr/local/bin/script run -v /x:/y -e SHARED_DIR=/foo",
          "notifybridge wait podman-remote run -v /x:/y -e SHARED_DIR=/foo IMAGE",
          "notifybridge wrap app -v /x:/y -p 1:2 run", "app", "notifybridge", ""}) {
        const StartCommand found = start_of(line);
        BOOST_TEST(found.manager == "", line);
        BOOST_TEST(!found.makes_container, line);
        BOOST_TEST(found.shared_dir == "", line);
        BOOST_TEST(found.volumes.empty(), line);
        BOOST_TEST(found.published.empty(), line);
    }
    BOOST_TEST(start_of("notifybridge wrap --ready-when=tcp:1 app").ready_when == Strings{"tcp:1"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_manager_that_another_program_starts_is_recognized) {
    const StartCommand found =
        start_of("notifybridge wait sudo /usr/bin/podman run -p 1:2 IMAGE sudo -p 3:4");
    BOOST_TEST(found.has_sudo);
    BOOST_TEST(found.manager == "/usr/bin/podman");
    BOOST_TEST(found.published == Strings{"1:2"}, boost::test_tools::per_element());
    BOOST_TEST(!start_of("notifybridge wait podman run IMAGE sudo distrobox").has_sudo);
    BOOST_TEST(!start_of("notifybridge wait podman run IMAGE distrobox").enters_box);
}

BOOST_AUTO_TEST_CASE(the_option_shared_dir_is_read_only_before_the_command) {
    BOOST_TEST(start_of("notifybridge wait --shared-dir=/run/a podman run x").directory
               == "/run/a");
    BOOST_TEST(start_of("host-notify-waiter --shared-dir /run/a script").directory == "/run/a");
    BOOST_TEST(start_of("notifybridge run podman run x --shared-dir=/run/b").directory == "");
}

BOOST_AUTO_TEST_CASE(an_exec_start_that_begins_with_a_manager_is_read) {
    const StartCommand found =
        exec_start_of("/usr/bin/podman run -p 1:2 --rm --sdnotify=conmon IMAGE app -p 3:4");
    BOOST_TEST(found.manager == "/usr/bin/podman");
    BOOST_TEST(found.has_conmon_notify);
    BOOST_TEST(found.published == Strings{"1:2"}, boost::test_tools::per_element());
    BOOST_TEST(
        exec_start_of("/bin/sh -c exec notifybridge wait --shared-dir=/run/a podman").directory
        == "/run/a");
    BOOST_TEST((read_exec_start({}) == StartCommand()));
}

BOOST_AUTO_TEST_CASE(options_behind_a_value_with_blanks_are_read) {
    for (const char* const option :
         {"-e 'A=b c'", "'--label=a b'", "--health-cmd 'redis-cli ping'"}) {
        const StartCommand found =
            exec_start_of(concat("/usr/bin/notifybridge run podman run ", option,
                                 " -p 1:2 -e NOTIFYBRIDGE_OPTIONS=--ready-when=tcp:1 IMAGE"));
        BOOST_TEST(found.published == Strings{"1:2"}, boost::test_tools::per_element());
        BOOST_TEST(found.ready_when == Strings{"tcp:1"}, boost::test_tools::per_element());
        BOOST_TEST(found.makes_container);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace test_start_command
}  // namespace notifybridge::diagnosis

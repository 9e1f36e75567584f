#include "bridge/diagnosis/start_check.hpp"

#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/unit_text.hpp"
#include "support/words.hpp"

namespace notifybridge::diagnosis {
namespace {

StartCommand command(std::string_view line) {
    return read_start_command(test::words_of(line));
}

/// Returns the only finding about docker.
Finding docker(std::optional<std::string> content, std::optional<std::vector<std::string>> runs,
               runtime::DockerOwner owner = runtime::DockerOwner::machine) {
    Findings findings;
    judge_docker(findings, {owner, std::move(content), std::move(runs)});
    BOOST_TEST_REQUIRE(findings.all().size() == 1u);
    return findings.all().front();
}

/// Returns the first problem with the words of a command of `user`, or an empty text.
std::string wrong(std::string_view line, uid_t user = 1000) {
    Findings findings;
    check_words(findings, command(line), user);
    return findings.all().empty() ? "" : findings.all().front().text;
}

constexpr std::string_view configured =
    R"({"runtimes": {"notifybridge": {"path": "/bin/sh", "runtimeArgs": ["runtime"]}}})";

BOOST_AUTO_TEST_SUITE(start_check)

BOOST_AUTO_TEST_CASE(a_command_line_of_run_names_its_manager) {
    const StartCommand run =
        command("/usr/bin/notifybridge run --timeout 5 /usr/bin/podman --runtime=/x/crun run a");
    BOOST_TEST(run.is_run);
    BOOST_TEST(run.manager == "/usr/bin/podman");
    BOOST_TEST(run.runtime == "/x/crun");
    BOOST_TEST(command("notifybridge run docker run --runtime notifybridge a").runtime
               == "notifybridge");
}

BOOST_AUTO_TEST_CASE(a_name_that_may_begin_an_id_is_reported) {
    const auto named = [](std::string_view name) {
        return wrong(util::concat("notifybridge wait podman run --name=", name, " a app"));
    };
    for (const char* const name : {"db", "cafe", "b0", "7"})
        BOOST_TEST(named(name).find("takes it for a container whose id begins")
                   != std::string::npos);
    for (const char* const name : {"redis", "db-1", "DB", "deadbeef"})
        BOOST_TEST(named(name) == "");
}

BOOST_AUTO_TEST_CASE(options_after_the_manager_do_not_belong_to_wait) {
    const StartCommand wait =
        command("host-notify-waiter --member=db --member web docker compose --member=x up --keep");
    BOOST_TEST((wait.members == std::vector<std::string>{"db", "web"}));
    BOOST_TEST(wait.manager == "docker");
    BOOST_TEST(!wait.is_run);
    BOOST_TEST(!wait.keeps);
    BOOST_TEST(command("notifybridge wait --keep").keeps);
    BOOST_TEST((command("") == StartCommand()));
    for (const char* const option : {"--main-pid=translate", "--main-pid translate"}) {
        BOOST_TEST(command(util::concat("notifybridge wait ", option, " a")).translates_main_pid);
        BOOST_TEST(!command(util::concat("notifybridge wait podman ", option)).translates_main_pid);
    }
    BOOST_TEST(!command("notifybridge wait --main-pid=drop a").translates_main_pid);
}

BOOST_AUTO_TEST_CASE(the_host_path_of_the_executable_is_found) {
    const StartCommand wait = command(
        "/usr/bin/host-notify-waiter podman run -v /run/app:/shared:Z "
        "-v /opt/a/notifybridge:/opt/container-notify-wrapper:ro "
        "--mount type=bind,source=/opt/b/notifybridge,target=/x --env=A=/b/other "
        "-v/opt/c/notifybridge:/y image");
    BOOST_TEST((wait.executables
                == std::vector<std::string>{"/opt/a/notifybridge", "/opt/b/notifybridge",
                                            "/opt/c/notifybridge"}));
}

BOOST_AUTO_TEST_CASE(a_distrobox_has_to_belong_to_the_user_who_enters_it) {
    constexpr std::string_view enter = "host-notify-waiter distrobox enter box -- app";
    BOOST_TEST(wrong(enter) == "");
    BOOST_TEST(wrong(enter, 0) == "root can enter only its own boxes");
    BOOST_TEST(wrong("host-notify-waiter distrobox enter --root box -- app", 0) == "");
    BOOST_TEST(wrong("host-notify-waiter sudo distrobox enter box -- app")
               == "sudo drops SHARED_DIR, and distrobox refuses sudo");
}

BOOST_AUTO_TEST_CASE(a_mount_source_that_docker_would_create_is_reported) {
    constexpr std::string_view words = " run -v /no/such:/opt/container-notify-wrapper:ro image";
    BOOST_TEST(wrong(util::concat("host-notify-waiter podman", words)) == "");
    BOOST_TEST(wrong(util::concat("host-notify-waiter docker", words))
               == "\"/no/such\" does not exist, and docker creates a directory instead");
    BOOST_TEST(wrong("host-notify-waiter docker run --mount "
                     "type=bind,source=/no/such,target=/opt/notifybridge image")
                   .starts_with("\"/no/such\" does not exist"));
}

BOOST_AUTO_TEST_CASE(the_value_of_exec_start_is_split_into_words) {
    const auto units =
        read_units("ExecStart={ path=/bin/a ; argv[]=/bin/a b  c ; ignore_errors=no ; }\n\nId=b\n");
    BOOST_TEST_REQUIRE(units.size() == 2U);
    BOOST_TEST(start_words(units[0]) == (std::vector<std::string>{"/bin/a", "b", "c"}),
               boost::test_tools::per_element());
    BOOST_TEST(start_words(units[1]).empty());
}

BOOST_AUTO_TEST_CASE(a_dockerd_without_our_runtime_is_reported) {
    using Verdict = Finding::Verdict;
    const std::string set(configured);
    const std::vector<std::string> without = {"runc"};
    const std::vector<std::string> with = {"runc", "notifybridge"};
    BOOST_TEST((docker(set, with).verdict == Verdict::good));
    BOOST_TEST((docker(std::nullopt, with).verdict == Verdict::good));
    const Finding missing = docker("", without);
    BOOST_TEST((missing.verdict == Verdict::problem));
    BOOST_TEST(missing.text == "/etc/docker/daemon.json does not have the runtime notifybridge");
    BOOST_TEST(missing.advice
               == "`notifybridge runtime --configure=docker && systemctl reload docker`");
    const Finding unread = docker(set, without);
    BOOST_TEST((unread.verdict == Verdict::problem));
    BOOST_TEST(unread.advice == "`systemctl reload docker`");
    BOOST_TEST((docker(set, std::nullopt).verdict == Verdict::note));
    const Finding gone = docker(R"({"runtimes": {"notifybridge": {"path": "/no/such"}}})", with);
    BOOST_TEST((gone.verdict == Verdict::problem));
    BOOST_TEST(gone.text.find("/no/such") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_users_own_dockerd_is_named_with_the_users_commands) {
    constexpr auto user = runtime::DockerOwner::user;
    const Finding missing = docker("", std::nullopt, user);
    BOOST_TEST(missing.text.ends_with("/.config/docker/daemon.json does not have the runtime "
                                      "notifybridge"),
               missing.text);
    BOOST_TEST(missing.advice
               == "`notifybridge runtime --configure=docker && systemctl --user reload docker`");
    const std::string set(configured);
    BOOST_TEST(docker(set, std::vector<std::string>{"runc"}, user).advice
               == "`systemctl --user reload docker`");
    BOOST_TEST(docker(set, std::nullopt, user).advice == "`systemctl --user start docker`");
}

BOOST_AUTO_TEST_CASE(the_version_of_an_executable_is_found) {
    using namespace std::string_view_literals;
    BOOST_TEST(version_in("\x7F\0notifybridge version \0x\n\0notifybridge version 0.1.2\n\0"sv)
               == "0.1.2");
    BOOST_TEST(version_in("notifybridge version 0.1").empty());
    BOOST_TEST(version_in("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis

#include "bridge/runtime/interposer.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cli/options.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "support/child.hpp"
#include "support/temporary_directory.hpp"
#include "support/variable.hpp"

namespace notifybridge::runtime::test_interposer {
namespace {

namespace json = boost::json;
using util::concat;
using Words = std::vector<std::string>;

/// Replaces the check of the options of `wrap`: refuses each option that contains "bad".
void check_options(const Words& options) {
    for (const std::string& option : options)
        if (option.find("bad") != std::string::npos)
            throw cli::UsageError(concat(option, " is not valid"));
}

/// A container, and the program that starts it.
struct Container {
    test::TemporaryDirectory directory;
    test::Variable path{"PATH", directory.path()};
    test::Variable socket{"NOTIFY_SOCKET", std::nullopt};
    test::Variable watchdog_period{"WATCHDOG_USEC", std::nullopt};
    test::Variable watchdog_owner{"WATCHDOG_PID", std::nullopt};
    test::Variable through{"NOTIFYBRIDGE_RUNTIME", std::nullopt};
    json::array mounts;

    Container() {
        std::filesystem::create_directory(directory.path("bundle"));
        directory.write("crun", concat("#!/bin/sh\necho \"$@\" >", directory.path("call"), '\n'));
        BOOST_TEST_REQUIRE(::chmod(directory.path("crun").c_str(), 0755) == 0);
    }

    std::string text_of(const Words& variables, const Words& command) const {
        return json::serialize(
            json::object{{"process",
                          {{"user", {{"uid", ::geteuid()}, {"gid", ::getegid()}}},
                           {"args", json::array(command.begin(), command.end())},
                           {"env", json::array(variables.begin(), variables.end())},
                           {"cwd", "/"}}},
                         {"root", {{"path", "rootfs"}}},
                         {"mounts", mounts}});
    }

    void write_config(const Words& variables, const Words& command = {"app"}) const {
        directory.write("bundle/config.json", text_of(variables, command));
    }

    std::string config_text() const { return directory.read("bundle/config.json"); }

    json::object process() const { return json::parse(config_text()).at("process").as_object(); }

    static Words strings(const json::value& list) {
        Words words;
        for (const json::value& word : list.as_array())
            words.emplace_back(word.as_string());
        return words;
    }

    Words command() const { return strings(process().at("args")); }

    bool is_wrapped() const { return command().size() > 1; }

    /// Returns whether the new command or environment has this word.
    bool has(std::string_view word) const {
        const Words arguments = command();
        const Words variables = strings(process().at("env"));
        return std::ranges::find(arguments, word) != arguments.end()
               || std::ranges::find(variables, word) != variables.end();
    }

    /// Returns the exit status of `act` in a child. Its output and errors go to files.
    int status_of(const std::function<int()>& act) const {
        // The child must not write buffered text of this process to its own output.
        std::fflush(nullptr);
        return test::Child([&] {
                   for (const auto& [name, number] :
                        {std::pair("output", STDOUT_FILENO), std::pair("errors", STDERR_FILENO)})
                       ::dup2(
                           ::open(directory.path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
                           number);
                   const int status = act();
                   ::_exit(system::flush_out() ? status : -1);
               })
            .wait();
    }

    int call(const Words& words) const {
        return status_of([&] { return Interposer(check_options).run_call("crun", "", words); });
    }

    int create() const { return call({"create", "-b", directory.path("bundle"), "name"}); }

    /// Runs the hook with this config.json.
    int filter(std::string_view text) const {
        directory.write("input", text);
        return status_of([&] {
            ::dup2(::open(directory.path("input").c_str(), O_RDONLY), STDIN_FILENO);
            return Interposer(check_options).run_hook();
        });
    }

    /// Returns the arguments of the real runtime. Returns an empty text if it was not started.
    std::string real_call() const { return directory.read("call"); }
    std::string output() const { return directory.read("output"); }
    std::string errors() const { return directory.read("errors"); }
};

/// The result of a request.
enum class Outcome { wrapped, unchanged, refused };

struct RequestRow {
    const char* claim;
    Words variables;
    std::optional<std::string> socket;  ///< The NOTIFY_SOCKET of the runtime.
    Outcome outcome;

    friend std::ostream& operator<<(std::ostream& out, const RequestRow& row) {
        return out << row.claim;
    }
};

const std::string options = "NOTIFYBRIDGE_OPTIONS=";
const std::string bad_options = "NOTIFYBRIDGE_OPTIONS=--bad";
const std::string notify_socket = "NOTIFY_SOCKET=/run/notify.sock";

const RequestRow request_rows[] = {
    {"no request", {notify_socket}, std::nullopt, Outcome::unchanged},
    {"no receiver", {options}, std::nullopt, Outcome::unchanged},
    {"socket of the container", {options, notify_socket}, std::nullopt, Outcome::wrapped},
    {"socket of the runtime", {options}, "/run/notify.sock", Outcome::wrapped},
    {"empty socket of the runtime", {options}, "", Outcome::unchanged},
    {"bad options", {bad_options, notify_socket}, std::nullopt, Outcome::refused},
    {"bad options without a receiver", {bad_options}, std::nullopt, Outcome::unchanged},
    {"unknown token", {"NOTIFYBRIDGE_TOKEN=x", "SHARED_DIR=/proc"}, std::nullopt, Outcome::refused},
};

/// A container of docker, whose record is in a directory of docker.
struct DockerContainer : Container {
    std::string place = concat("containers/", std::string(64, 'a'));

    explicit DockerContainer(std::string_view command) {
        std::filesystem::create_directories(directory.path(place));
        directory.write(
            concat(place, "/config.v2.json"),
            concat(R"({"Config": {"Healthcheck": {"Test": ["CMD-SHELL", ")", command, R"("]}}})"));
        mounts.push_back({{"destination", "/etc/hosts"},
                          {"type", "bind"},
                          {"source", directory.path(concat(place, "/hosts"))}});
    }
};

/// Creates the container in a child process that looks like a podman with a watchdog of 2 s from
/// systemd. Returns the exit status.
int create_as_podman(const Container& container) {
    return test::Child([&] {
               ::prctl(PR_SET_NAME, "podman");
               const test::Variable period("WATCHDOG_USEC", "2000000");
               const test::Variable owner("WATCHDOG_PID", std::to_string(::getpid()));
               ::_exit(container.create());
           })
        .wait();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interposer, Container)

BOOST_DATA_TEST_CASE_F(Container, a_request_decides_whether_wrap_is_inserted_or_refused,
                       request_rows, row) {
    const test::Variable runtime_socket("NOTIFY_SOCKET", row.socket);
    write_config(row.variables);
    const std::string before = config_text();
    const bool is_refused = row.outcome == Outcome::refused;
    BOOST_TEST(create() == (is_refused ? Interposer::failure_status : 0));
    BOOST_TEST(is_wrapped() == (row.outcome == Outcome::wrapped));
    BOOST_TEST((config_text() == before) == (row.outcome != Outcome::wrapped));
    BOOST_TEST(real_call().empty() == is_refused);
    BOOST_TEST(errors().empty() == !is_refused);
}

BOOST_AUTO_TEST_CASE(only_calls_that_create_a_container_change_its_config) {
    write_config({options, notify_socket});
    const std::string before = config_text();
    for (const char* const verb : {"start", "kill", "delete", "state"}) {
        BOOST_TEST(call({verb, "-b", directory.path("bundle"), "name"}) == 0);
        BOOST_TEST(config_text() == before);
        BOOST_TEST(real_call().starts_with(verb));
    }
    for (const char* const verb : {"create", "run"}) {
        directory.write("bundle/config.json", before);
        BOOST_TEST(call({verb, "-b", directory.path("bundle"), "name"}) == 0);
        BOOST_TEST(is_wrapped());
        BOOST_TEST(real_call().starts_with(verb));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_config_is_left_to_the_real_runtime) {
    BOOST_TEST(create() == 0);
    BOOST_TEST(real_call().starts_with("create"));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_in_the_log_of_the_runtime) {
    write_config({bad_options, notify_socket});
    BOOST_TEST(call({"--log", directory.path("log"), "create", "-b", directory.path("bundle")})
               == Interposer::failure_status);
    for (const std::string& text : {errors(), directory.read("log")})
        BOOST_TEST(text.find("NOTIFYBRIDGE_OPTIONS: --bad is not valid") != text.npos, text);
}

BOOST_AUTO_TEST_CASE(a_missing_real_runtime_changes_no_config) {
    std::filesystem::remove(directory.path("crun"));
    directory.write("settings", "[engine.runtimes]\ncrun = []\nrunc = []\n");
    const test::Variable settings("CONTAINERS_CONF", directory.path("settings"));
    write_config({options, notify_socket});
    const std::string before = config_text();
    BOOST_TEST(create() == Interposer::failure_status);
    BOOST_TEST(config_text() == before);
}

BOOST_AUTO_TEST_CASE(wrap_gets_the_watchdog_of_podmans_unit) {
    write_config({options, notify_socket});
    BOOST_TEST(create_as_podman(*this) == 0);
    BOOST_TEST(has("WATCHDOG_USEC=2000000"));
}

// `wait` passes its own watchdog through the shared directory. podman's watchdog may be a different
// one.
BOOST_AUTO_TEST_CASE(wrap_gets_no_podman_watchdog_with_a_shared_directory) {
    mounts.push_back({{"destination", "/shared"}, {"type", "bind"}, {"source", "/x"}});
    write_config({options, notify_socket, "SHARED_DIR=/shared"});
    BOOST_TEST(create_as_podman(*this) == 0);
    BOOST_TEST(is_wrapped());
    BOOST_TEST(!has("WATCHDOG_USEC=2000000"));
}

BOOST_AUTO_TEST_CASE(wrap_runs_the_health_check_of_docker) {
    DockerContainer docker("check");
    docker.write_config({options, notify_socket});
    BOOST_TEST(docker.create() == 0);
    BOOST_TEST(docker.has(R"(--health-cmd=["CMD-SHELL","check"])"));
}

BOOST_AUTO_TEST_CASE(a_bad_health_check_does_not_stop_a_start) {
    DockerContainer docker("bad");
    docker.write_config({options, notify_socket});
    BOOST_TEST(docker.create() == 0);
    BOOST_TEST(docker.is_wrapped());
    BOOST_TEST(!docker.has(R"(--health-cmd=["CMD-SHELL","bad"])"));
    BOOST_TEST(docker.real_call().starts_with("create"));
}

BOOST_AUTO_TEST_CASE(a_missing_docker_record_does_not_stop_a_start) {
    DockerContainer docker("check");
    std::filesystem::remove(docker.directory.path(concat(docker.place, "/config.v2.json")));
    docker.write_config({options, notify_socket});
    BOOST_TEST(docker.create() == 0);
    BOOST_TEST(docker.is_wrapped());
}

// SIGXFSZ is ignored only while the config is written.
BOOST_AUTO_TEST_CASE(the_real_runtime_ignores_no_additional_signals) {
    directory.write("crun", concat("#!/bin/sh\nwhile read -r name value; do case $name in SigIgn:) "
                                   "echo $value >",
                                   directory.path("call"), ";; esac; done </proc/$$/status\n"));
    write_config({options, notify_socket});
    BOOST_TEST(call({"start", "name"}) == 0);
    const std::string before = real_call();
    BOOST_TEST(create() == 0);
    BOOST_TEST(is_wrapped());
    BOOST_TEST(real_call() == before);
    BOOST_TEST(!before.empty());
}

BOOST_AUTO_TEST_CASE(the_hook_prints_the_changed_config) {
    write_config({options, notify_socket});
    const std::string text = config_text();
    BOOST_TEST(filter(text) == 0);
    const std::string printed = output();
    BOOST_TEST(printed != text);
    BOOST_TEST(create() == 0);
    BOOST_TEST(printed == config_text());
}

BOOST_AUTO_TEST_CASE(the_hook_prints_an_unchanged_config) {
    write_config({options, notify_socket});
    json::value annotated = json::parse(config_text());
    annotated.as_object()["annotations"] = {{"notifybridge.runtime", "1"}};
    for (const std::string& text : {std::string("not json"), text_of({notify_socket}, {"app"}),
                                    text_of({options}, {"app"}), json::serialize(annotated)}) {
        BOOST_TEST(filter(text) == 0);
        BOOST_TEST(output() == text);
        BOOST_TEST(errors().empty());
    }
}

// podman does not pass its own NOTIFY_SOCKET on to the container.
BOOST_AUTO_TEST_CASE(the_hook_ignores_notify_socket_in_its_own_environment) {
    const test::Variable runtime_socket("NOTIFY_SOCKET", "/run/systemd/notify");
    const std::string text = text_of({options}, {"app"});
    BOOST_TEST(filter(text) == 0);
    BOOST_TEST(output() == text);
}

BOOST_AUTO_TEST_CASE(a_hook_that_refuses_prints_no_config) {
    BOOST_TEST(filter(text_of({bad_options, notify_socket}, {"app"}))
               == Interposer::failure_status);
    BOOST_TEST(output().empty());
    BOOST_TEST(!errors().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_interposer

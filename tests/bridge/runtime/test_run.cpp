#include "bridge/runtime/run.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/util/words.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/log_records.hpp"
#include "support/temporary_directory.hpp"
#include "support/variable.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

/// A machine with runtimes and settings of podman. Its only container managers are scripts that a
/// test writes. Each run is a dry run, so no file is created outside the directory.
struct Machine {
    test::TemporaryDirectory directory;
    std::deque<test::Variable> variables;

    Machine() {
        program("crun", "");
        program("runc", "");
        variables.emplace_back("PATH", directory.path() + ":/usr/bin:/bin");
        variables.emplace_back("CONTAINERS_CONF", directory.path("containers.conf"));
        variables.emplace_back("DOCKER_CONFIG", directory.path());
        for (const char* const name :
             {"CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST", "DOCKER_CONTEXT"})
            variables.emplace_back(name, "");
    }

    /// Writes a program to a directory in PATH and returns the program's path.
    std::string program(const std::string& name, const std::string& script) const {
        directory.write(name, "#!/bin/sh\n" + script + '\n');
        ::chmod(directory.path(name).c_str(), 0755);
        return directory.path(name);
    }

    void set_podman(const std::string& engine) const {
        directory.write("containers.conf", "[engine]\n" + engine + '\n');
    }

    /// Returns the command line that `run` makes from `line`. PLACE stands for the run's directory,
    /// and ALL for the directory above it.
    static std::string whole(const std::string& line) {
        Run run(words_of(line), true);
        const std::string shared = run.shared_directory();
        const std::string place = shared.substr(0, shared.find_last_of('/'));
        const std::string all = place.substr(0, place.find_last_of('/'));
        std::string whole;
        for (std::string word : run.whole_command()) {
            if (const auto at = word.find(place); at != word.npos)
                word.replace(at, place.size(), "PLACE");
            else if (const auto above = word.find(all); above != word.npos)
                word.replace(above, all.size(), "ALL");
            whole += (whole.empty() ? "" : " ") + word;
        }
        return whole;
    }

    /// Returns the options of `wrap` for the image's health check, if docker is this script.
    Words health_of(const std::string& script) const {
        const std::string docker = program("docker", script);
        Words options;
        Run({docker, "--log-level=error", "run", "redis"}, true).take_over_health_check(options);
        return options;
    }
};

const std::string variables_passed =
    " --env SHARED_DIR --env NOTIFYBRIDGE_TOKEN --env NOTIFYBRIDGE_OPTIONS ";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(run, Machine)

BOOST_AUTO_TEST_CASE(podman_gets_our_runtime_under_the_real_name) {
    BOOST_TEST(whole("podman --log-level=info run --rm redis")
               == "podman --runtime=ALL/crun --log-level=info run"
                  " --annotation=notifybridge.runtime=1 --sig-proxy=false --cidfile=PLACE/cid"
                      + variables_passed + "--rm redis");
    set_podman("runtime = \"runc\"");
    BOOST_TEST(whole("podman run redis").starts_with("podman --runtime=ALL/runc run "));
}

BOOST_AUTO_TEST_CASE(podman_gets_a_hook_if_it_has_another_runtime) {
    const std::string hook = " --hooks-dir=PLACE/hooks.d ";
    set_podman("hooks_dir = [\"" + directory.path() + "\", \"/nonexistent\"]");
    // The command line keeps the directories that podman would have read, except for missing ones.
    BOOST_TEST(whole("podman --runtime=kata run redis")
               == "podman --hooks-dir=" + directory.path() + hook
                      + "--runtime=kata run --sig-proxy=false --cidfile=PLACE/cid"
                      + variables_passed + "redis");
    BOOST_TEST(whole("podman run --cidfile=/x redis").find("PLACE/cid") == std::string::npos);
    // If --hooks-dir is set, podman reads only the named directories.
    BOOST_TEST(whole("podman --hooks-dir=/h --runtime=kata run redis")
                   .starts_with("podman" + hook + "--hooks-dir=/h --runtime=kata run "));
    set_podman("runtime = \"kata\"\nhooks_dir = [\"/nonexistent\"]");
    BOOST_TEST(whole("podman run redis").starts_with("podman" + hook + "run "));
}

BOOST_AUTO_TEST_CASE(the_runtime_in_podmans_settings_may_be_a_path) {
    set_podman("runtime = \"" + directory.path("crun") + '"');
    BOOST_TEST(whole("podman run redis").starts_with("podman --runtime=ALL/crun run "));
    const test::TemporaryDirectory other;
    set_podman("runtime = \"" + other.path("crun") + '"');
    BOOST_TEST(whole("podman run redis").find("--runtime") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(podman_is_refused_if_there_is_no_runtime) {
    const test::TemporaryDirectory empty;
    variables.emplace_back("PATH", empty.path());
    set_podman("[engine.runtimes]\ncrun = []\nrunc = []");
    BOOST_CHECK_THROW(whole("podman run redis"), Refusal);
    // docker needs no runtime in PATH, because its own settings name our runtime.
    BOOST_TEST(!whole("docker run redis").empty());
}

BOOST_AUTO_TEST_CASE(a_runtime_in_podmans_settings_keeps_its_name) {
    const test::TemporaryDirectory store;
    store.write("crun-static", "#!/bin/false\n");
    BOOST_TEST_REQUIRE(::chmod(store.path("crun-static").c_str(), 0755) == 0);
    variables.emplace_back("PATH", "/nowhere");
    set_podman("[engine.runtimes]\nrunc = []\ncrun = [\"" + store.path("crun-static") + "\"]");
    BOOST_TEST(whole("podman run redis").starts_with("podman --runtime=ALL/crun run "));
}

BOOST_AUTO_TEST_CASE(docker_and_nerdctl_get_our_runtime_after_the_verb) {
    BOOST_TEST(whole("docker run redis")
               == "docker run --runtime=notifybridge --sig-proxy=false --cidfile=PLACE/cid"
                      + variables_passed + "redis");
    // An old nerdctl does not support --sig-proxy.
    BOOST_TEST(whole("nerdctl run redis")
               == "nerdctl run --runtime=ALL/runc" + variables_passed + "redis");
    for (const char* const line :
         {"docker run --runtime=kata redis", "nerdctl run --runtime=kata redis"})
        BOOST_CHECK_THROW(whole(line), Refusal);
}

BOOST_AUTO_TEST_CASE(the_verb_create_gets_no_option_for_signals) {
    for (const char* const line : {"podman create redis", "docker container create redis"})
        BOOST_TEST(whole(line).find("--sig-proxy") == std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(a_variable_of_ours_in_the_command_line_is_refused) {
    const std::pair<const char*, bool> lines[] = {
        {"podman run -e NOTIFYBRIDGE_OPTIONS=--quiet redis", true},
        {"podman run --env=NOTIFYBRIDGE_OPTIONS=--quiet redis", true},
        {"podman run --env NOTIFYBRIDGE_OPTIONS=--quiet redis", true},
        {"podman run --label NOTIFYBRIDGE_OPTIONS=--quiet redis", false},
        {"podman run --env NOTIFYBRIDGE_OPTIONS_OTHER=1 redis", false},
        {"podman run redis -e NOTIFYBRIDGE_OPTIONS=--quiet", false},
    };
    for (const auto& [line, is_refused] : lines) {
        const Run run(words_of(line), true);
        if (is_refused)
            BOOST_CHECK_THROW(run.check_own_variable(), Refusal);
        else
            BOOST_CHECK_NO_THROW(run.check_own_variable());
    }
}

BOOST_AUTO_TEST_CASE(the_health_check_is_taken_over_from_the_manager) {
    Run run(words_of("podman run redis"), true);
    Words options = words_of("--stop-timeout=3");
    run.take_over_health_check(options);
    BOOST_TEST(options == words_of("--health=use --stop-timeout=3"),
               boost::test_tools::per_element());
    const Words whole = run.whole_command();
    BOOST_TEST(std::ranges::count(whole, "--no-healthcheck") == 1);
}

BOOST_AUTO_TEST_CASE(notifybridge_options_in_the_line_keep_the_managers_check) {
    Run run(words_of("podman run --env NOTIFYBRIDGE_OPTIONS=--quiet redis"), true);
    Words options;
    run.take_over_health_check(options);
    BOOST_TEST(options.empty());
    const Words whole = run.whole_command();
    BOOST_TEST(std::ranges::count(whole, "--no-healthcheck") == 0);
}

BOOST_AUTO_TEST_CASE(docker_is_queried_for_the_health_check_of_the_image) {
    const Words check = health_of(
        "echo \"$@\" >" + directory.path("asked")
        + "\necho '{\"Healthcheck\": {\"Test\": [\"CMD\", \"true\"]}, \"Env\": [\"A=1\"]}'");
    BOOST_TEST(check == Words{"--health-cmd=[\"CMD\",\"true\"]"}, boost::test_tools::per_element());
    BOOST_TEST(directory.read("asked")
               == "--log-level=error image inspect --format={{json .Config}} -- redis\n");
}

BOOST_AUTO_TEST_CASE(without_an_answer_docker_keeps_its_health_check) {
    const test::LogRecords log(util::Severity::warning);
    // docker does not have the image yet, so the start will pull it.
    BOOST_TEST(health_of("exit 1").empty());
    BOOST_TEST(log.texts().empty());
    BOOST_TEST(health_of("echo '[]'").empty());
    BOOST_TEST(log.has("did not print a JSON object; docker and wrap will both run"));
    BOOST_TEST(health_of("echo '{\"Healthcheck\": 7}'").empty());
    BOOST_TEST(log.has("printed an unusable health check: "));
    // No warning is logged, because the start will fail for the same reason and report this reason.
    const std::size_t said = log.texts().size();
    Words options;
    Run({directory.path("missing/docker"), "run", "redis"}, true).take_over_health_check(options);
    BOOST_TEST(options.empty());
    BOOST_TEST(log.texts().size() == said);
}

BOOST_AUTO_TEST_CASE(a_restart_option_that_cannot_work_gives_a_warning) {
    const std::pair<const char*, bool> lines[] = {
        {"nerdctl run --restart=always redis", true},
        {"podman run --detach --restart=always redis", true},
        {"podman run --restart=always redis", false},
        {"nerdctl run --restart=no redis", false},
        {"nerdctl run redis", false},
    };
    for (const auto& [line, warns] : lines) {
        const test::LogRecords log(util::Severity::warning);
        Run(words_of(line), true).warn();
        BOOST_TEST(log.has("ignoring --restart=") == warns, line);
    }
}

BOOST_AUTO_TEST_CASE(a_detached_client_says_where_the_output_is) {
    const std::pair<const char*, const char*> lines[] = {
        {"podman run --detach redis", "`podman logs CONTAINER` prints it"},
        {"/usr/bin/docker run -d --name=db redis", "`docker logs db` prints it"},
        {"podman run --name=db redis", nullptr},
        {"podman run --detach=false --name=db redis", nullptr},
    };
    for (const auto& [line, text] : lines) {
        const test::LogRecords log(util::Severity::notice);
        Run(words_of(line), true).warn();
        BOOST_TEST(log.has(text ? text : " prints it") == (text != nullptr), line);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_option_of_the_manager_gives_a_warning) {
    const auto says = [](std::string_view line, std::string_view text) {
        const test::LogRecords log(util::Severity::warning);
        Run(words_of(line), true).warn();
        BOOST_TEST(log.has(text) == !text.empty(), line);
        BOOST_TEST((text.empty() || log.has("unknown option \"--new\": ")), line);
    };
    says("podman run --new --health-cmd=x --rm redis", "no value; otherwise write --new=VALUE");
    says("podman run --new redis", "no value; otherwise write --new=VALUE");
    says("podman run --new 1 redis", "assuming that the next word is its value");
    says("podman run --new one redis --verbose", "if it has none, write --new=true");
    says("podman --new one run redis", "assuming that the next word is its value");
    says("podman --new run redis", "no value; otherwise write --new=VALUE");
    const test::LogRecords log(util::Severity::warning);
    for (const char* const line : {"podman run --new=1 redis", "podman run --name new redis",
                                   "podman --new=1 --root x --syslog run redis",
                                   "docker run -p 1 --net none redis", "podman run redis --new"})
        Run(words_of(line), true).warn();
    BOOST_TEST(!log.has("unknown option"));
}

BOOST_AUTO_TEST_CASE(the_value_of_an_unknown_option_is_not_logged) {
    const test::LogRecords log(util::Severity::debug);
    Run(words_of("podman run --new secret redis"), true).warn();
    BOOST_TEST(log.has("unknown option \"--new\""));
    BOOST_TEST(!log.has("secret"));
}

BOOST_AUTO_TEST_CASE(an_unknown_option_does_not_hide_a_health_option) {
    for (const char* const line : {"podman run --new --health-cmd=x --rm redis",
                                   "podman run --new 1 --health-cmd x --rm redis"}) {
        Run run(words_of(line), true);
        Words options;
        run.take_over_health_check(options);
        BOOST_TEST(options == words_of("--health=use --health-cmd=x"),
                   boost::test_tools::per_element());
        const Words whole = run.whole_command();
        BOOST_TEST(std::ranges::count(whole, "--no-healthcheck") == 1, line);
        BOOST_TEST(std::ranges::count_if(
                       whole, [](auto& word) { return word.starts_with("--health-cmd"); })
                       == 0,
                   line);
    }
}

BOOST_AUTO_TEST_CASE(an_option_of_ours_after_the_image_gives_a_warning) {
    const test::LogRecords log(util::Severity::warning);
    Run(words_of("podman run redis --verbose"), true).warn_of_app_option();
    BOOST_TEST(log.texts().empty());
    Run(words_of("/usr/bin/podman run redis --ready-when=start"), true).warn_of_app_option();
    BOOST_TEST(log.has("passing \"--ready-when\" to the app, because it follows the image"));
    BOOST_TEST(log.has("put it before podman"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_creates_no_directory) {
    Run run(words_of("podman --runtime=kata run redis"), true);
    const std::string shared = run.shared_directory();
    run.whole_command();
    struct stat status;
    BOOST_TEST(::stat(shared.substr(0, shared.find_last_of('/')).c_str(), &status) != 0);
    run.finish();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

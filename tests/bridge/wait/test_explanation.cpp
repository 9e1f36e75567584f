#include "bridge/wait/explanation.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/bridge.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

/// A `wait` for two containers. One of them may have a run.
struct Explained {
    test::TemporaryDirectory directories[2];
    std::string path = directories[0].path("manager.sock");
    test::Manager manager{path};
    event::Loop loop;
    relay::Uplink uplink{loop, bridge::address_of(path)};
    Members members{loop, opened(), {}, relay::Policy(), uplink, relay::NamedFds(), nullptr};
    Settings settings;
    std::optional<bridge::Run> runs[2];

    Explained() {
        settings.manager = bridge::address_of(path);
        members.announce();
        members.begin();
    }

    std::vector<Member> opened() const {
        std::vector<Member> all;
        for (const auto& [name, directory] :
             {std::pair("db", &directories[0]), std::pair("web", &directories[1])})
            all.push_back({name, directory->path(), event::duplicate(directory->fd())});
        return all;
    }

    void start_runs() {
        for (std::size_t number = 0; number < 2; ++number)
            runs[number].emplace(directories[number].fd());
        test::run(loop, [this] {
            return test::until(loop, [this] {
                return members.all()[0].courier.phase() == RunPhase::live
                       && members.all()[1].courier.phase() == RunPhase::live;
            });
        });
    }

    /// Sends a message of this member.
    void say(std::size_t number, std::string_view text) {
        channel::Record record;
        record.payload = text;
        test::run(loop, [&]() -> event::Awaitable<> {
            co_await members.all()[number].courier.forwarder().send(record);
        });
    }

    std::string why() const { return why_not_ready(settings, members, false); }
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(explanation, Explained)

BOOST_AUTO_TEST_CASE(the_directory_of_the_first_missing_wrap_is_named) {
    runs[0].emplace(directories[0].fd());
    test::run(loop, [this] {
        return test::until(loop,
                           [this] { return members.all()[0].courier.phase() == RunPhase::live; });
    });
    BOOST_TEST(has(why_no_wrap(settings, members), directories[1].path()));
    BOOST_TEST(why_no_wrap(settings, members).ends_with(" [no-wrap]"));
    BOOST_TEST(has(why(), directories[1].path()));
    settings.manager.reset();
    BOOST_TEST(has(why(), directories[1].path()));
}

BOOST_AUTO_TEST_CASE(a_missing_wrap_without_a_known_reason_has_no_explanation) {
    settings.command = {"/usr/local/bin/script"};
    BOOST_TEST(why_no_wrap(settings, members, process::ExitStatus::exited(3)) == "");
}

BOOST_AUTO_TEST_CASE(no_explanation_is_given_if_each_container_has_a_wrap) {
    start_runs();
    BOOST_TEST(why_no_wrap(settings, members) == "");
    BOOST_TEST(why() == "");
}

BOOST_AUTO_TEST_CASE(the_last_status_of_each_member_is_quoted) {
    BOOST_TEST(last_status(members) == "");
    start_runs();
    say(1, "STATUS=loading");
    say(1, "STATUS=cache \"a\"");
    BOOST_TEST(last_status(members) == "the last status was web: \"cache \\\"a\\\"\"");
    say(0, "STATUS=recovering");
    BOOST_TEST(why() == "the last status was db: \"recovering\", web: \"cache \\\"a\\\"\"");
    settings.manager.reset();
    BOOST_TEST(why() == "");
}

BOOST_AUTO_TEST_CASE(a_silent_app_without_a_probe_gets_advice) {
    start_runs();
    settings.wrap_options = "";
    BOOST_TEST(has(why(), "set --ready-when"));
    BOOST_TEST(!has(why(), "--notify-access"));
    settings.wrap_options = "--notify-access=main";
    BOOST_TEST(has(why(), "remove --notify-access=main"));
    settings.wrap_options = "--ready-when=tcp:127.0.0.1:80";
    BOOST_TEST(why() == "");
    settings.wrap_options = "";
    say(0, "STATUS=up");
    BOOST_TEST(!has(why(), "--ready-when"));
}

BOOST_AUTO_TEST_CASE(status_125_of_a_container_manager_is_not_that_of_the_app) {
    const auto words = [this](int status, bool has_run = false) {
        return early_end(settings, members, process::ExitStatus::exited(status), has_run);
    };
    settings.command = {"/usr/bin/podman", "run", "-v", "/nosuch:/x", "redis"};
    BOOST_TEST(words(125)
               == "the command exited with status 125 before the app started [app-not-started]");
    BOOST_TEST(words(125, true)
               == "the command exited with status 125 before READY=1 [before-ready]");
    BOOST_TEST(words(3) == "the command exited with status 3 before READY=1 [before-ready]");
    settings.command = {"/usr/local/bin/script"};
    BOOST_TEST(words(125) == "the command exited with status 125 before READY=1 [before-ready]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait

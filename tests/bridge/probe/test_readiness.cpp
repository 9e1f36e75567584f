#include "bridge/probe/readiness.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "bridge/probe/fake_probes.hpp"
#include "bridge/probe/file_probe.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Waiting {
    event::Loop loop;
    Readiness::Options options;
    std::optional<Readiness> readiness;
    int ready = 0;
    int timeouts = 0;
    int progress = 0;
    std::vector<std::string> texts;

    void make() {
        readiness.emplace(loop, options);
        readiness->on_ready = [this] { ++ready; };
        readiness->on_timeout = [this] { ++timeouts; };
        readiness->on_progress = [this] { ++progress; };
        readiness->on_waiting = [this](const std::string& text) { texts.push_back(text); };
    }

    FakeProbe& add_fake(const std::string& name = "fake") {
        auto probe = std::make_unique<FakeProbe>(loop, name);
        FakeProbe& added = *probe;
        readiness->add(std::move(probe));
        return added;
    }

    ToldProbe& add_told() {
        auto probe = std::make_unique<ToldProbe>("told", "nobody told it");
        ToldProbe& added = *probe;
        readiness->add(std::move(probe));
        return added;
    }

    void until(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(readiness_of_a_program, Waiting)

BOOST_AUTO_TEST_CASE(one_successful_check_makes_the_program_ready) {
    make();
    FakeProbe& probe = add_fake();
    probe.holds_from = 1;
    readiness->start();
    until([this] { return ready > 0; });
    BOOST_TEST(probe.checks == 1);
    BOOST_TEST(readiness->ready());
    BOOST_TEST(texts.empty());
}

BOOST_AUTO_TEST_CASE(tell_calls_on_ready_before_tell_returns) {
    make();
    ToldProbe& probe = add_told();
    readiness->start();
    BOOST_TEST(!readiness->ready());
    probe.tell();
    BOOST_TEST(ready == 1);
}

BOOST_AUTO_TEST_CASE(a_condition_met_before_the_start_counts_at_the_start) {
    make();
    add_told().tell();
    readiness->start();
    BOOST_TEST(ready == 1);
}

BOOST_AUTO_TEST_CASE(each_condition_has_to_be_met_only_once) {
    make();
    FakeProbe& first = add_fake();
    first.holds_from = 3;
    first.fails_from = 4;
    FakeProbe& second = add_fake();
    second.holds_from = 6;
    ToldProbe& told = add_told();
    readiness->start();
    until([&] { return second.checks == 6; });
    BOOST_TEST(first.checks == 3);
    BOOST_TEST(ready == 0);
    told.tell();
    BOOST_TEST(ready == 1);
    BOOST_TEST(progress >= 2);
}

BOOST_AUTO_TEST_CASE(a_missed_file_change_is_noticed_at_the_next_report) {
    const test::TemporaryDirectory directory;
    for (const char* const release : {"old", "new"})
        std::filesystem::create_directory(directory.path(release));
    directory.write("new/file", "");
    std::filesystem::create_symlink("old", directory.path("current"));
    process::Supervisor supervisor(loop, true);
    make();
    readiness->add(
        std::make_unique<FileProbe>(loop, supervisor, "file", directory.path("current/file"), 10s));
    readiness->start();
    std::filesystem::create_symlink("new", directory.path("next"));
    std::filesystem::rename(directory.path("next"), directory.path("current"));
    until([this] { return ready > 0; });
    BOOST_TEST(readiness->ready());
}

BOOST_AUTO_TEST_CASE(no_readiness_check_runs_after_readiness) {
    make();
    FakeProbe& probe = add_fake();
    probe.holds_from = 2;
    readiness->start();
    until([this] { return ready > 0; });
    event::Timer timer(loop);
    test::run(loop, [&]() -> event::Awaitable<> { co_await timer.sleep(30ms); });
    BOOST_TEST(probe.checks == 2);
    BOOST_TEST(ready == 1);
}

BOOST_AUTO_TEST_CASE(the_waiting_report_names_the_condition_and_the_reason) {
    make();
    add_fake("tcp:127.0.0.1:80").reason = "connection refused";
    add_told();
    readiness->start();
    until([this] { return !texts.empty(); });
    const std::string& text = texts.front();
    BOOST_TEST(text.starts_with("waiting for tcp:127.0.0.1:80: connection refused ("), text);
    BOOST_TEST(text.ends_with(" s), and for 1 more"), text);
}

BOOST_AUTO_TEST_CASE(the_waiting_report_is_one_escaped_line) {
    make();
    add_fake("exec:a\nb").reason = "\x1B[1m\nSTATUS=x";
    readiness->start();
    until([this] { return !texts.empty(); });
    BOOST_TEST(texts.front().find('\n') == std::string::npos);
    BOOST_TEST(texts.front().find('\x1B') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_readiness_timeout_stops_all_checks) {
    options.timeout = 30ms;
    make();
    FakeProbe& probe = add_fake();
    readiness->start();
    until([this] { return timeouts > 0; });
    BOOST_TEST(readiness->waiting_for().starts_with("waiting for fake: not yet ("));
    const int checks = probe.checks;
    probe.holds_from = 1;
    event::Timer timer(loop);
    test::run(loop, [&]() -> event::Awaitable<> { co_await timer.sleep(30ms); });
    BOOST_TEST(probe.checks == checks);
    BOOST_TEST(ready == 0);
    BOOST_TEST(timeouts == 1);
}

BOOST_AUTO_TEST_CASE(a_check_that_ends_after_the_timeout_is_ignored) {
    options.timeout = 20ms;
    make();
    FakeProbe& probe = add_fake();
    probe.takes = 100ms;
    probe.holds_from = 1;
    readiness->start();
    until([this] { return timeouts > 0; });
    event::Timer timer(loop);
    test::run(loop, [&]() -> event::Awaitable<> { co_await timer.sleep(150ms); });
    BOOST_TEST(ready == 0);
}

BOOST_AUTO_TEST_CASE(each_answer_to_a_check_counts_as_progress) {
    make();
    FakeProbe& probe = add_fake();
    readiness->start();
    until([&] { return probe.checks > 5; });
    BOOST_TEST(progress >= 5);
}

BOOST_AUTO_TEST_CASE(without_an_answer_only_a_new_reason_counts_as_progress) {
    make();
    FakeProbe& probe = add_fake();
    probe.answers = false;
    readiness->start();
    until([&] { return probe.checks > 5; });
    BOOST_TEST(progress == 1);
    probe.reason = "closer";
    until([&] { return probe.checks > 10; });
    BOOST_TEST(progress == 2);
}

BOOST_AUTO_TEST_CASE(quick_checks_are_at_least_three_milliseconds_apart) {
    make();
    FakeProbe& probe = add_fake();
    const auto before = std::chrono::steady_clock::now();
    readiness->start();
    until([&] { return probe.checks == 20; });
    const auto span = std::chrono::steady_clock::now() - before;
    BOOST_TEST((span >= 19 * 3ms));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe

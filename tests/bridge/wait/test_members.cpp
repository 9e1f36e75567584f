#include "bridge/wait/members.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bridge/bridge.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using bridge::Texts;

constexpr std::size_t db = 0;
constexpr std::size_t web = 1;

/// A `wait` for two containers, with its own loop.
struct PodFollower {
    event::Loop loop;
    relay::Uplink uplink;
    UnitVoice voice{{"db", "web"}, 0};
    Members members;
    std::vector<Event> events;

    PodFollower(const std::string& manager, std::vector<Member> opened)
        : uplink(loop, bridge::address_of(manager)),
          members(loop, std::move(opened), options(), relay::Policy(), uplink, relay::NamedFds(),
                  nullptr) {
        members.connect(&voice, [this](const Event& event) {
            if (const auto* const began = std::get_if<RunBegan>(&event))
                voice.run_began(began->member);
            events.push_back(event);
        });
        members.announce();
        members.begin();
    }

    static Courier::Options options() {
        Courier::Options all;
        all.unit.invocation = "one";
        return all;
    }

    void until(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }

    /// Returns the events of this type, in order.
    template <typename T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const T* const wanted = std::get_if<T>(&event))
                found.push_back(*wanted);
        return found;
    }
};

struct Pod {
    test::TemporaryDirectory directories[2];
    std::string path = directories[0].path("manager.sock");
    test::Manager manager{path};
    std::optional<PodFollower> host;
    std::optional<bridge::Run> runs[2];

    Pod() { begin(); }

    /// Starts a `wait`, which replaces the previous `wait` of the same invocation.
    void begin() {
        std::vector<Member> opened;
        for (const std::size_t number : {db, web})
            opened.push_back({number == db ? "db" : "web", directories[number].path(),
                              event::duplicate(directories[number].fd())});
        host.emplace(path, std::move(opened));
    }

    void until(const std::function<bool()>& condition) { host->until(condition); }
    template <typename T>
    std::vector<T> all() const {
        return host->all<T>();
    }

    void start_run(std::size_t number) {
        const std::size_t before = all<RunBegan>().size();
        runs[number].emplace(directories[number].fd());
        until([&] { return all<RunBegan>().size() > before; });
    }

    channel::SignalList signals_of(std::size_t number) {
        return bridge::host_in(directories[number]).facts.signals;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(members_of_a_unit, Pod)

BOOST_AUTO_TEST_CASE(runs_are_reported_with_their_member) {
    start_run(web);
    start_run(db);
    runs[web]->end("EXITED=3");
    runs[web].reset();
    until([&] { return all<RunEnded>().size() == 1; });
    runs[db].reset();
    until([&] { return all<RunEnded>().size() == 2; });
    BOOST_TEST(all<RunBegan>()[0].member == web);
    BOOST_TEST(all<RunBegan>()[1].member == db);
    BOOST_TEST(all<RunEnded>()[0].member == web);
    BOOST_TEST((all<RunEnded>()[0].end == process::ExitStatus::exited(3)));
    BOOST_TEST(all<RunEnded>()[1].member == db);
    BOOST_TEST(!all<RunEnded>()[1].end.has_value());
}

BOOST_AUTO_TEST_CASE(a_run_of_our_command_is_identified_by_its_pid) {
    start_run(db);
    host->members.command_started(::getpid());
    start_run(web);
    BOOST_TEST(!all<RunBegan>()[0].is_command);
    BOOST_TEST(all<RunBegan>()[1].is_command);
}

BOOST_AUTO_TEST_CASE(a_unit_is_ready_when_both_members_are_ready) {
    start_run(db);
    start_run(web);
    Texts sent;
    const auto receive = [&](std::size_t count) {
        until([&] {
            for (std::string& text : manager.texts())
                sent.push_back(std::move(text));
            return sent.size() >= count;
        });
    };
    runs[db]->say("READY=1\nSTATUS=up");
    receive(1);
    BOOST_TEST(all<Sent>().empty());
    runs[web]->say("READY=1");
    receive(2);
    until([&] { return !all<Sent>().empty(); });
    BOOST_TEST(all<Sent>()[0].ready);
    BOOST_TEST(sent == (Texts{"STATUS=db: up; waiting for web", "READY=1\nSTATUS=db: up"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_barrier_waits_only_for_its_own_member) {
    start_run(db);
    start_run(web);
    std::vector<system::UniqueFd> held;
    std::size_t messages = 0;
    const auto receive = [&] {
        while (auto received = manager.next()) {
            messages += received->text == "BARRIER=1" ? 0 : 1;
            for (system::UniqueFd& fd : received->fds)
                held.push_back(std::move(fd));
        }
        return held.size();
    };
    const auto processed = [this](std::size_t number) {
        return bridge::host_in(directories[number]).progress.processed;
    };
    runs[db]->say("STATUS=up");
    const std::uint64_t first = runs[db]->barrier();
    until([&] { return receive() == 1; });
    // The member's earlier messages arrive before its barrier.
    BOOST_TEST(messages == 1u);
    runs[web]->say("STATUS=up");
    const std::uint64_t second = runs[web]->barrier();
    until([&] { return receive() == 2; });
    BOOST_TEST(messages == 2u);
    BOOST_TEST(processed(db) < first);
    BOOST_TEST(processed(web) < second);
    // The service manager returns the later barrier first.
    held.pop_back();
    until([&] { return processed(web) == second; });
    BOOST_TEST(processed(db) < first);
    held.clear();
    until([&] { return processed(db) == first; });
}

BOOST_AUTO_TEST_CASE(messages_of_a_unit_are_sent_in_order) {
    relay::Decision status;
    status.text = "STATUS=waiting for db, web";
    relay::Decision stopping;
    stopping.text = "STOPPING=1";
    stopping.stopping = true;
    host->members.say(status);
    host->members.say(relay::Decision());
    host->members.say(stopping);
    until([&] { return !all<Sent>().empty(); });
    BOOST_TEST_REQUIRE(all<Sent>().size() == 1u);
    BOOST_TEST(all<Sent>()[0].stopping);
    BOOST_TEST(manager.texts() == (Texts{"STATUS=waiting for db, web", "STOPPING=1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_that_is_not_sent_is_not_reported) {
    host->uplink.give_up();
    std::filesystem::remove(path);
    relay::Decision ready;
    ready.text = "READY=1";
    ready.ready = true;
    host->members.say(ready);
    start_run(db);
    BOOST_TEST(all<Sent>().empty());
}

BOOST_AUTO_TEST_CASE(a_signal_reaches_only_the_named_members) {
    start_run(db);
    start_run(web);
    BOOST_TEST(host->members.signal({web}, SIGTERM));
    BOOST_TEST(signals_of(db).empty());
    BOOST_TEST((signals_of(web) == channel::SignalList{{1, SIGTERM}}));
    BOOST_TEST(host->members.signal({db, web}, SIGHUP));
    BOOST_TEST((signals_of(db) == channel::SignalList{{1, SIGHUP}}));
    BOOST_TEST((signals_of(web) == channel::SignalList{{1, SIGTERM}, {2, SIGHUP}}));
    BOOST_TEST(!host->members.signal({}, SIGHUP));
}

BOOST_AUTO_TEST_CASE(the_writer_of_a_member_lives_as_long_as_its_run) {
    using Lives = std::vector<bool>;
    BOOST_TEST((host->members.writers_live() == Lives{false, false}));
    start_run(web);
    BOOST_TEST((host->members.writers_live() == Lives{false, true}));
    start_run(db);
    BOOST_TEST((host->members.writers_live() == Lives{true, true}));
    // The end of this run was not read yet.
    runs[web].reset();
    BOOST_TEST((host->members.writers_live() == Lives{true, false}));
}

BOOST_AUTO_TEST_CASE(each_member_is_read_to_its_end_after_the_command) {
    start_run(db);
    runs[db]->say("READY=1");
    host->members.command_gone();
    until([&] { return all<CaughtUp>().size() == 2; });
    BOOST_TEST(all<CaughtUp>()[0].member + all<CaughtUp>()[1].member == db + web);
    until([&] { return manager.next().has_value(); });
}

BOOST_AUTO_TEST_CASE(a_removed_directory_of_a_member_is_reported_once) {
    std::filesystem::remove_all(directories[web].path());
    until([&] { return !all<DirectoryRemoved>().empty(); });
    BOOST_TEST(all<DirectoryRemoved>()[0].member == web);
    BOOST_TEST(!all<DirectoryRemoved>()[0].had_run);
}

BOOST_AUTO_TEST_CASE(the_next_wait_reads_the_state_of_a_run) {
    BOOST_TEST(!host->members.resumes());
    start_run(db);
    runs[db]->say("READY=1");
    until([&] { return bridge::host_in(directories[db]).progress.acknowledged == 1; });
    begin();
    BOOST_TEST(host->members.resumes());
    until([&] { return !all<RunResumed>().empty(); });
    BOOST_TEST_REQUIRE(all<RunBegan>().size() == 1u);
    BOOST_TEST(all<RunBegan>()[0].is_resumed);
    BOOST_TEST(all<RunResumed>()[0].member == db);
    BOOST_TEST((all<RunResumed>()[0].said.phase == notify::Phase::ready));
}

BOOST_AUTO_TEST_CASE(a_departing_wait_leaves_each_member) {
    start_run(db);
    host->members.depart();
    BOOST_TEST(bridge::host_in(directories[db]).facts.has_left);
    BOOST_TEST(!std::filesystem::exists(directories[web].path(channel::host_name)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait

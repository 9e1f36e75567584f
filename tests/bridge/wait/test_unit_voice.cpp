#include "bridge/wait/unit_voice.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "base/notify/message.hpp"

namespace notifybridge::wait {
namespace {

constexpr std::size_t db = 0;
constexpr std::size_t web = 1;

struct Stack {
    UnitVoice voice{{"db", "web"}, 30'000'000};

    /// What the unit says where a member says this.
    std::string said(std::size_t member, std::string text) {
        relay::Decision decision;
        decision.text = std::move(text);
        voice.speak(member, decision);
        last = decision;
        return decision.text;
    }
    std::string ended(std::size_t member, std::optional<process::ExitStatus> end) {
        return voice.run_ended(member, end).text;
    }

    relay::Decision last;
};

/// Both are there, and ready.
struct ReadyStack : Stack {
    ReadyStack() {
        voice.opening();
        voice.run_began(db);
        voice.run_began(web);
        said(db, "READY=1");
        said(web, "READY=1");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(unit_voice)

BOOST_FIXTURE_TEST_CASE(it_is_ready_once_all_are, Stack) {
    BOOST_TEST(voice.opening().text == "STATUS=waiting for db, web");
    voice.run_began(db);
    voice.run_began(web);
    BOOST_TEST(said(db, "STATUS=Loading") == "STATUS=db: Loading; waiting for db, web");
    BOOST_TEST(said(db, "READY=1\nSTATUS=Ready to accept connections")
               == "STATUS=db: Ready to accept connections; waiting for web");
    BOOST_TEST(!last.ready);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: Ready to accept connections");
    BOOST_TEST(last.ready);
    BOOST_TEST(said(web, "READY=1") == "");
    BOOST_TEST(!last.ready);
}

BOOST_FIXTURE_TEST_CASE(without_a_status_of_a_member_it_says_that_all_are_ready, Stack) {
    voice.opening();
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "STATUS=waiting for web");
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=all members are ready");
}

BOOST_FIXTURE_TEST_CASE(one_that_ends_before_all_are_ready_is_missing_again, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    BOOST_TEST(ended(db, process::ExitStatus::exited(3))
               == "STATUS=db: exited with status 3; waiting for db, web");
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "STATUS=db: exited with status 3; waiting for db");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "READY=1\nSTATUS=db: ready");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_ended_successfully_stays_ready, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    ended(db, process::ExitStatus::exited(0));
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: exited with status 0");
}

BOOST_FIXTURE_TEST_CASE(one_that_comes_again_does_not_change_that_it_is_ready, ReadyStack) {
    BOOST_TEST(ended(db, process::ExitStatus::killed(SIGSEGV))
               == "STATUS=db: was killed by SIGSEGV");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1") == "STATUS=db: ready");
    BOOST_TEST(!last.ready);
    BOOST_TEST(ended(db, std::nullopt) == "STATUS=db: the run broke off");
}

BOOST_FIXTURE_TEST_CASE(a_status_is_said_with_its_member, ReadyStack) {
    BOOST_TEST(said(web, "STATUS=12 requests\nX_LOAD=3") == "X_LOAD=3\nSTATUS=web: 12 requests");
    BOOST_TEST(said(web, "STATUS=a\\\nb") == "STATUS=web: a\\\nb");
    BOOST_TEST(said(web, "STATUS=") == "STATUS=");
}

BOOST_FIXTURE_TEST_CASE(a_status_that_is_too_long_with_its_member_loses_its_end, ReadyStack) {
    for (const std::size_t filling : {4046, 4047, 4048, 4049}) {
        const std::string text =
            said(web, "STATUS=\u00e4" + std::string(filling, 'x') + "\u00e4\u00e4\u00e4\u00e4"
                          + std::string(30, '\\'));
        BOOST_TEST(text.size() <= notify::longest_datagram);
        BOOST_TEST(text.size() + 12 >= notify::longest_datagram);
        const auto message = notify::parse(text);
        BOOST_TEST_REQUIRE(message.has_value());
        BOOST_TEST(message->value(notify::Key::status)->starts_with("web: \u00e4xxx"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_status_is_cut_between_characters, ReadyStack) {
    for (const std::size_t offset : {0, 1, 2, 3}) {
        std::string status(offset, 'x');
        while (status.size() < 4085)
            status += "\U0001F427";
        const std::string text = said(web, "STATUS=" + status);
        BOOST_TEST(text.size() <= notify::longest_datagram);
        BOOST_TEST(text.size() + 4 > notify::longest_datagram);
        BOOST_TEST(text.ends_with("\U0001F427"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_status_that_finds_no_room_is_said_with_the_next_message, ReadyStack) {
    const std::string line = "X_A=" + std::string(notify::longest_datagram - 16, 'x');
    BOOST_TEST(said(web, "STATUS=busy\n" + line) == line);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b\nSTATUS=web: busy");
}

/// systemd takes it for none, and would so lose what else the unit's status says.
BOOST_FIXTURE_TEST_CASE(a_status_that_is_not_utf_8_is_ignored, Stack) {
    BOOST_TEST(voice.opening().text == "STATUS=waiting for db, web");
    voice.run_began(db);
    BOOST_TEST(said(db, "STATUS=Loading") == "STATUS=db: Loading; waiting for db, web");
    BOOST_TEST(said(db, "STATUS=Lo\xff") == "STATUS=waiting for db, web");
}

BOOST_FIXTURE_TEST_CASE(nothing_said_is_nothing, ReadyStack) {
    BOOST_TEST(said(db, "") == "");
}

BOOST_FIXTURE_TEST_CASE(one_that_comes_again_is_not_ready_before_it_says_so, ReadyStack) {
    ended(db, process::ExitStatus::exited(1));
    voice.run_began(db);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
    BOOST_TEST(said(db, "READY=1") == "STATUS=db: ready");
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
}

BOOST_FIXTURE_TEST_CASE(a_reload_without_a_time_has_none, ReadyStack) {
    said(db, "RELOADING=1\nMONOTONIC_USEC=5");
    said(db, "READY=1");
    BOOST_TEST(said(db, "RELOADING=1") == "RELOADING=1");
}

BOOST_FIXTURE_TEST_CASE(it_reloads_from_the_first_that_does_to_the_last, ReadyStack) {
    BOOST_TEST(said(db, "RELOADING=1\nMONOTONIC_USEC=5") == "RELOADING=1\nMONOTONIC_USEC=5");
    BOOST_TEST(last.reloading);
    BOOST_TEST(said(web, "RELOADING=1\nMONOTONIC_USEC=6") == "");
    BOOST_TEST(!last.reloading);
    BOOST_TEST(said(db, "READY=1") == "");
    BOOST_TEST(said(web, "READY=1") == "READY=1");
    BOOST_TEST(last.ready);
    said(db, "RELOADING=1\nMONOTONIC_USEC=7");
    BOOST_TEST(ended(db, process::ExitStatus::exited(1))
               == "READY=1\nSTATUS=db: exited with status 1");
}

BOOST_FIXTURE_TEST_CASE(it_stops_when_all_that_are_left_do, ReadyStack) {
    BOOST_TEST(said(db, "STOPPING=1") == "");
    BOOST_TEST(!last.stopping);
    ended(db, process::ExitStatus::exited(0));
    BOOST_TEST(said(web, "STOPPING=1\nSTATUS=bye") == "STOPPING=1\nSTATUS=web: bye");
    BOOST_TEST(last.stopping);
    BOOST_TEST(ended(web, process::ExitStatus::exited(0)) == "");
    voice.run_began(db);
    BOOST_TEST(said(db, "READY=1\nX_A=b") == "X_A=b\nSTATUS=db: ready");
}

BOOST_FIXTURE_TEST_CASE(one_that_stops_before_the_others_begin_does_not_stop_it, Stack) {
    voice.opening();
    voice.run_began(db);
    said(db, "READY=1");
    BOOST_TEST(said(db, "STOPPING=1") == "STATUS=waiting for db, web");
    BOOST_TEST(!last.stopping);
    ended(db, process::ExitStatus::exited(0));
    voice.run_began(web);
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=db: exited with status 0");
}

BOOST_FIXTURE_TEST_CASE(a_stop_of_the_whole_is_said_once_and_no_end_after_it, ReadyStack) {
    BOOST_TEST(voice.stop_begins().text == "");
    BOOST_TEST(said(web, "STOPPING=1\nSTATUS=bye") == "STOPPING=1\nSTATUS=web: bye");
    BOOST_TEST(said(db, "STOPPING=1") == "");
    BOOST_TEST(ended(web, process::ExitStatus::killed(SIGTERM)) == "");
}

BOOST_FIXTURE_TEST_CASE(what_was_held_back_is_said_when_the_whole_is_stopped, ReadyStack) {
    said(web, "STOPPING=1");
    const relay::Decision decision = voice.stop_begins();
    BOOST_TEST(decision.text == "STOPPING=1");
    BOOST_TEST(decision.stopping);
    BOOST_TEST(voice.stop_begins().text == "");
}

BOOST_FIXTURE_TEST_CASE(it_pings_while_each_does_that_has_pinged, ReadyStack) {
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(db, "WATCHDOG=1") == "");
    // One that ends is not waited for.
    ended(web, process::ExitStatus::exited(1));
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
    BOOST_TEST(said(db, "WATCHDOG=trigger") == "WATCHDOG=trigger");
}

BOOST_FIXTURE_TEST_CASE(the_longest_watchdog_is_the_units, ReadyStack) {
    BOOST_TEST(said(db, "WATCHDOG_USEC=1000000") == "");
    BOOST_TEST(said(db, "WATCHDOG_USEC=60000000") == "WATCHDOG_USEC=60000000");
    BOOST_TEST(said(web, "WATCHDOG_USEC=50000000") == "");
    BOOST_TEST(said(db, "WATCHDOG_USEC=40000000") == "WATCHDOG_USEC=50000000");
}

BOOST_FIXTURE_TEST_CASE(other_messages_pass_as_they_are, ReadyStack) {
    for (const char* const text : {"ERRNO=2", "EXIT_STATUS=3", "BUSERROR=a.b",
                                   "EXTEND_TIMEOUT_USEC=5", "X_\\\\=y", "FDSTORE=1\nFDNAME=a"})
        BOOST_TEST(said(db, text) == text);
}

BOOST_FIXTURE_TEST_CASE(messages_of_an_earlier_wait_are_not_repeated, Stack) {
    notify::State ready;
    ready.phase = notify::Phase::ready;
    ready.last_watchdog.realtime = 1;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    BOOST_TEST(said(db, "X_A=b") == "X_A=b");
    voice.run_began(web);
    voice.run_resumed(web, ready);
    BOOST_TEST(said(web, "X_A=b") == "X_A=b");
    BOOST_TEST(said(web, "WATCHDOG=1") == "");
    BOOST_TEST(said(db, "WATCHDOG=1") == "WATCHDOG=1");
}

BOOST_FIXTURE_TEST_CASE(a_status_and_a_reload_go_on_that_stood_then, Stack) {
    notify::State serving;
    serving.phase = notify::Phase::ready;
    serving.facts[notify::Key::status] = "Serving";
    notify::State reloading;
    reloading.phase = notify::Phase::reloading;
    voice.run_began(db);
    voice.run_resumed(db, serving);
    voice.run_began(web);
    voice.run_resumed(web, reloading);
    BOOST_TEST(said(db, "STATUS=Serving") == "");
    BOOST_TEST(said(web, "READY=1") == "READY=1");
    BOOST_TEST(last.ready);
    BOOST_TEST(said(db, "STATUS=Idle") == "STATUS=db: Idle");
}

BOOST_FIXTURE_TEST_CASE(a_run_that_is_resumed_during_a_stop_does_not_bring_it_back, Stack) {
    voice.run_began(web);
    said(web, "READY=1");
    said(web, "STOPPING=1");
    BOOST_TEST(voice.stop_begins().stopping);
    notify::State ready;
    ready.phase = notify::Phase::ready;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    BOOST_TEST(said(db, "READY=1") == "");
    BOOST_TEST(said(db, "STOPPING=1") == "");
}

BOOST_FIXTURE_TEST_CASE(one_that_was_not_ready_then_makes_it_ready, Stack) {
    notify::State ready;
    ready.phase = notify::Phase::ready;
    voice.run_began(db);
    voice.run_resumed(db, ready);
    voice.run_began(web);
    voice.run_resumed(web, {});
    BOOST_TEST(said(web, "READY=1") == "READY=1\nSTATUS=all members are ready");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait

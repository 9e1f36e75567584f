#include "bridge/wrap/sender_gate.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "bridge/bridge.hpp"

namespace notifybridge::wrap {
namespace {

struct SenderOutlet final : MessageSink {
    void take(notify::Datagram& datagram, const notify::Message&, system::Moment) override {
        taken.emplace_back(datagram.text);
        senders.push_back(datagram.sender.pid);
    }
    void take_barrier(system::UniqueFd, const notify::Datagram&, system::Moment) override {
        taken.emplace_back("a barrier");
    }
    void settle() override { settled = taken.size(); }
    bool has_room() const override { return true; }

    bridge::Texts taken;
    std::vector<pid_t> senders;
    std::size_t settled = 0;
};

/// A process that is there as long as this is, and speaks for itself.
class Other {
public:
    Other() : pid_(::fork()) {
        if (pid_ == 0)
            for (;;)
                ::pause();
    }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;
    ~Other() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    pid_t pid() const { return pid_; }

private:
    pid_t pid_;
};

struct Senders {
    event::Loop loop;
    SenderOutlet outlet;
    channel::ContainerStatus status;
    SenderGate gate{loop, outlet, status, {}};
    bool told_to_end = false;
    Other command;
    Other other;

    Senders() {
        gate.told_to_end = [this] { return told_to_end; };
        gate.command_goes_on = [] { return true; };
        gate.follow(command.pid());
    }

    void take(pid_t sender, std::string_view text) {
        notify::Datagram datagram{text, {sender, 2, 3}, {}};
        gate.take(datagram, *notify::parse(text), {1, 1});
        BOOST_TEST(datagram.text == text);
    }

    void check(const bridge::Texts& wanted) const {
        BOOST_TEST(outlet.taken == wanted, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sender_gate, Senders)

BOOST_AUTO_TEST_CASE(all_that_the_command_says_passes) {
    take(command.pid(), "READY=1");
    take(command.pid(), "STOPPING=1\nSTATUS=a\\b");
    gate.take_barrier({}, {}, {});
    check({"READY=1", "STOPPING=1\nSTATUS=a\\b", "a barrier"});
}

BOOST_AUTO_TEST_CASE(stopping_of_another_process_waits_for_the_end) {
    take(other.pid(), "READY=1");
    take(other.pid(), "X_A=1\nSTOPPING=1\nSTATUS=a\\b");
    take(other.pid(), "STOPPING=1");
    check({"READY=1", "X_A=1\nSTATUS=a\\b"});
    gate.command_stops();
    check({"READY=1", "X_A=1\nSTATUS=a\\b", "STOPPING=1"});
    BOOST_TEST(outlet.senders.back() == other.pid());
    BOOST_TEST(outlet.settled == 3u);
    gate.command_stops();
    BOOST_TEST(outlet.taken.size() == 3u);
}

BOOST_AUTO_TEST_CASE(stopping_of_another_process_passes_during_a_stop) {
    told_to_end = true;
    take(other.pid(), "STOPPING=1\nX_A=1");
    check({"STOPPING=1\nX_A=1"});
}

BOOST_AUTO_TEST_CASE(a_later_ready_replaces_a_kept_stopping) {
    take(other.pid(), "STOPPING=1");
    take(command.pid(), "READY=1");
    gate.command_stops();
    check({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_later_ready_by_a_probe_replaces_a_kept_stopping) {
    take(other.pid(), "STOPPING=1");
    status.state.phase = notify::Phase::ready;
    status.state.since = {2, 2};
    gate.command_stops();
    BOOST_TEST(outlet.taken.empty());
}

BOOST_AUTO_TEST_CASE(stopping_is_not_said_twice) {
    take(other.pid(), "STOPPING=1");
    status.state.phase = notify::Phase::stopping;
    gate.command_stops();
    BOOST_TEST(outlet.taken.empty());
}

BOOST_AUTO_TEST_CASE(another_command_may_follow) {
    gate.follow(other.pid());
    take(other.pid(), "STOPPING=1");
    take(command.pid(), "STOPPING=1\nX_A=1");
    check({"STOPPING=1", "X_A=1"});
}

BOOST_AUTO_TEST_CASE(only_the_command_is_heard_with_main) {
    SenderGate main(loop, outlet, status, {.access = NotifyAccess::main});
    main.follow(command.pid());
    BOOST_TEST(main.hears(command.pid()));
    BOOST_TEST(!main.hears(other.pid()));
    BOOST_TEST(!main.hears(0));
    BOOST_TEST(gate.hears(other.pid()));
    BOOST_TEST(gate.hears(0));
}

BOOST_AUTO_TEST_CASE(who_is_gone_counts_unless_it_was_seen_before) {
    CommandVoice voice;
    voice.follow(command.pid());
    pid_t seen = 0, unseen = 0;
    {
        Other first, second;
        seen = first.pid();
        unseen = second.pid();
        BOOST_TEST(!voice.includes(seen));
    }
    BOOST_TEST(!voice.includes(seen));
    BOOST_TEST(voice.includes(unseen));
}

BOOST_AUTO_TEST_CASE(a_former_command_is_another_process_also_when_it_is_gone) {
    CommandVoice voice;
    pid_t former = 0;
    {
        Other first;
        former = first.pid();
        voice.follow(former);
        voice.follow(command.pid());
    }
    BOOST_TEST(!voice.includes(former));
    voice.follow(former);
    BOOST_TEST(voice.includes(former));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <optional>

#include "bridge/bridge.hpp"
#include "bridge/interrupted_life.hpp"
#include "bridge/status/overview.hpp"
#include "bridge/wait/leftover.hpp"

/// A dead process writes nothing more, but it may have written just before its death. In these
/// tests, one side checks whether the other side is alive. Before each system call of this check,
/// the other side may write and die, or continue in another file. The result of the check must
/// include these changes.
namespace notifybridge::bridge {
namespace {

/// `wait` switches to the run that holds a barrier, and is killed before it delivers a message.
struct WaitKilledAsItTakesUpRun : InterruptedLife {
    using InterruptedLife::InterruptedLife;

    void prepare() override {
        wrap_.end();
        if (!start_wrap())
            return;
        say("X_A=1");
        send_barrier();
        do_all(wrap_);
        manager_reads_ = false;
    }
    void one() override {
        Faults::advance(event::retry_interval);
        do_all(wrap_);
    }
    void other() override {
        take_up();
        wait_.end();
    }
    void await_end() override {
        for (int times = 0; times < 100; ++times) {
            do_all(wrap_);
            Faults::advance(10ms);
        }
        expect(!barrier_came_back(), "the barrier came back, and nothing was delivered");
        manager_reads_ = true;
        attach();
        await_barrier();
    }
};

/// `wait` is killed before it switches to the run. No host file has named the run, so no `wait`
/// will read the barrier.
struct WaitKilledAsBarrierComes : InterruptedLife {
    using InterruptedLife::InterruptedLife;

    void prepare() override {
        wrap_.end();
        if (start_wrap())
            send_barrier();
    }
    void one() override { do_all(wrap_); }
    void other() override { wait_.end(); }
    void await_end() override {
        until("the barrier", [this] { return barrier_came_back(); });
    }
};

/// The files of a run, and two actions: `one`, and `other`, which interrupts `one`.
struct Scene {
    test::TemporaryDirectory directory;
    std::optional<Run> run{directory.fd()};

    void rotate() {
        for (int times = 0; times < 2; ++times)
            run->rotate("");
    }
};

/// Repeats `one` for each of its system calls, and runs `other` before that call.
template <typename Kind>
void interrupt_every_call() {
    std::size_t calls = 0;
    for (std::size_t nth = 0; nth <= calls; ++nth) {
        test::LogRecords log{util::Severity::warning};
        Faults faults;
        Kind scene;
        Faults::interrupt(nth, [&] { scene.other(); });
        {
            const As as(wrap_process);
            scene.one();
        }
        if (nth == 0)
            calls = faults.calls().size();
        BOOST_TEST(scene.is_right(), "before call " << nth << " of " << calls);
    }
    BOOST_TEST(calls > 0);
}

/// The reader must get the facts that a `wait` wrote just before its death.
struct HostScene : Scene {
    std::optional<channel::HostFileWriter> wait{directory.fd()};

    HostScene() { publish({}); }

    void publish(std::optional<channel::RunId> named) {
        channel::HostFile host;
        host.facts.run = named;
        BOOST_TEST_REQUIRE(wait->publish(host).has_value());
    }
    void other() {
        publish(run->writer.header().run);
        wait.reset();
    }
    bool is_last_word(bool lives, const channel::HostFile& host) const {
        return lives || host.facts.run == run->writer.header().run;
    }
};

struct HostIsRead : HostScene {
    channel::HostFileReader reader{directory.fd()};
    channel::HostSight sight;

    HostIsRead() { reader.refresh(); }

    void one() { sight = reader.look(); }
    bool is_right() const { return is_last_word(sight.writer_lives, sight.file.value()); }
};

struct HostIsShown : HostScene {
    status::Overview overview;

    void one() { overview = status::look_at(directory.fd()); }
    bool is_right() const {
        return is_last_word(overview.host.value().liveness == status::Liveness::alive,
                            overview.host->file);
    }
};

/// A run that continues in another file is alive.
struct RotatedRunIsAskedFor : Scene {
    channel::JournalFault fault;
    std::unique_ptr<channel::JournalReader> reader =
        channel::JournalReader::open(directory.fd(), fault);
    bool lives = false;

    void one() { lives = reader->writer_lives(directory.fd()); }
    void other() { rotate(); }
    bool is_right() const { return lives; }
};

struct RotatedRunIsShown : Scene {
    status::Overview overview;

    void one() { overview = status::look_at(directory.fd()); }
    void other() { rotate(); }
    bool is_right() const { return overview.run.value().liveness == status::Liveness::alive; }
};

struct RotatedRunIsInTheWay : Scene {
    event::Loop loop;
    wait::Attachment attachment{loop, directory.fd(), {}};
    wait::Leftover leftover{loop, directory.fd(), attachment};

    void one() { leftover.look(); }
    void other() { rotate(); }
    bool is_right() const { return leftover.is_there(); }
};

struct RotatedRunIsTakenOver : Scene {
    bool is_refused = false;

    void one() {
        try {
            Run second(directory.fd());
        } catch (const channel::DirectoryTakenError&) {
            is_refused = true;
        }
    }
    void other() { rotate(); }
    bool is_right() const { return is_refused; }
};

/// The directory of a live run must not change its owner. This test needs root.
struct RotatedRunIsGivenAway : Scene {
    void one() {
        try {
            channel::open_to(directory.fd(), directory.path(), ::geteuid(),
                             system::Account{1234, 1234});
        } catch (const channel::DirectoryError&) {
        }
    }
    void other() { rotate(); }
    bool is_right() const {
        struct stat status {};
        ::stat(directory.path(channel::journal_name).c_str(), &status);
        return status.st_uid == ::geteuid();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(last_words)

BOOST_AUTO_TEST_CASE(a_barrier_is_held_if_the_wait_that_named_its_run_dies) {
    check_every_place<WaitKilledAsItTakesUpRun>();
}

BOOST_AUTO_TEST_CASE(a_barrier_is_released_if_a_wait_dies_before_naming_its_run) {
    check_every_place<WaitKilledAsBarrierComes>();
}

BOOST_AUTO_TEST_CASE(the_last_facts_of_a_dead_wait_are_read) {
    interrupt_every_call<HostIsRead>();
}

BOOST_AUTO_TEST_CASE(the_last_facts_of_a_dead_wait_are_shown) {
    interrupt_every_call<HostIsShown>();
}

BOOST_AUTO_TEST_CASE(a_run_counts_as_alive_while_its_journal_is_rotated) {
    interrupt_every_call<RotatedRunIsAskedFor>();
}

BOOST_AUTO_TEST_CASE(a_run_is_shown_alive_while_its_journal_is_rotated) {
    interrupt_every_call<RotatedRunIsShown>();
}

BOOST_AUTO_TEST_CASE(a_leftover_run_is_noticed_while_its_journal_is_rotated) {
    interrupt_every_call<RotatedRunIsInTheWay>();
}

BOOST_AUTO_TEST_CASE(a_second_run_is_refused_while_the_journal_is_rotated) {
    interrupt_every_call<RotatedRunIsTakenOver>();
}

BOOST_AUTO_TEST_CASE(the_directory_of_a_rotating_run_keeps_its_owner) {
    interrupt_every_call<RotatedRunIsGivenAway>();
}

// `wait` has opened the journal before the journal is rotated.
BOOST_AUTO_TEST_CASE(an_unread_journal_is_kept_if_linking_it_fails_with_enospc) {
    constexpr std::size_t most_calls = 100;
    bool has_failed = false;
    for (std::size_t nth = 1; !has_failed && nth < most_calls; ++nth) {
        Faults faults;
        HostScene scene;
        scene.publish(scene.run->writer.header().run);
        channel::JournalFault fault;
        const auto reader = channel::JournalReader::open(scene.directory.fd(), fault);
        scene.rotate();
        scene.run.reset();
        faults.set({faults.calls().size() + nth, ENOSPC});
        {
            const As as(wrap_process);
            const Run next(scene.directory.fd());
        }
        has_failed = faults.has_failed(test::Call::link);
        BOOST_TEST(reader->reopened(scene.directory.fd()), "call " << nth);
    }
    BOOST_TEST(has_failed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge

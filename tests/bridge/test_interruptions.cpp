#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/interrupted_life.hpp"

/// Repeats each life for each pair of consecutive system calls of one side. Between these two
/// calls, the other side may act, or the side may be killed (kill -9).
namespace notifybridge::bridge {
namespace {

/// A run is killed before all its records were read, and the next run replaces it.
struct RunReplacedBeforeWait : InterruptedLife {
    using InterruptedLife::InterruptedLife;
    void one() override { do_all(wait_); }
    void other() override { replace_run(); }
};

/// The same as RunReplacedBeforeWait, but `wait` was also killed, and returns.
struct RunReplacedBeforeNextWait : InterruptedLife {
    using InterruptedLife::InterruptedLife;
    void begin() override { wait_.end(); }
    void one() override { attach(); }
    void other() override { replace_run(); }
};

/// `wait` returns while the next run is about to begin.
struct NextWaitBeforeNextRun : InterruptedLife {
    using InterruptedLife::InterruptedLife;
    void begin() override { wait_.end(); }
    void one() override { replace_run(); }
    void other() override { attach(); }
};

/// The journal is rotated before all its records were read.
struct JournalRotatedBeforeWait : InterruptedLife {
    using InterruptedLife::InterruptedLife;

    void begin() override {
        // A journal that is long enough for a rotation holds 227 of these messages.
        for (int number = 0; number < 225; ++number) {
            say_more();
            if (number % 40 == 0)
                until_all_is_received();
        }
        until_all_is_received();
    }
    void one() override { do_all(wait_); }
    void other() override {
        for (int number = 0; number < 5; ++number)
            say_more();
        let_burst_end();
    }

    void say_more() { say(util::concat("X_N=", ++count_, "\nX_FILL=", std::string(4000, 'x'))); }

    int count_ = 0;
};

/// Before the next `wait` follows the next run, the run has sent more than a journal holds. That
/// `wait` may get the state once in place of earlier messages. All other messages must arrive.
struct RunFoldedBeforeNextWait : InterruptedLife {
    using InterruptedLife::InterruptedLife;

    void begin() override {
        wait_.end();
        wrap_.end();
    }
    void prepare() override {
        if (!start_wrap())
            return;
        expected_.clear();
        received_.clear();
        say_more(200);
    }
    void one() override { attach(); }
    void other() override {
        say_more(100);
        let_burst_end();
    }

    void await_end() override {
        until("the last",
              [this] { return !received_.empty() && number_in(received_.back()) == count_; });
        if (is_told())
            expected_ = received_;
    }

    void say_more(int more) {
        while (more-- > 0) {
            say(util::concat("STATUS=", ++count_, "\nX_FILL=", std::string(4000, 'x')));
            do_all(wrap_);
        }
    }

    static int number_in(std::string_view text) {
        constexpr std::string_view key = "STATUS=";
        if (!text.starts_with(key))
            return 0;
        text.remove_prefix(key.size());
        return util::parse_number<int>(text.substr(0, text.find('\n'))).value_or(0);
    }

    /// Returns whether all messages arrived in order. The first message may be a state.
    bool is_told() const {
        const bool has_state = received_.front().find("X_FILL=") == std::string::npos;
        int last = has_state ? number_in(received_.front()) : 0;
        for (std::size_t at = has_state ? 1 : 0; at < received_.size(); ++at)
            if (number_in(received_[at]) != ++last)
                return false;
        return true;
    }

    int count_ = 0;
};

/// A run is replaced while `wait` switches to it from the previous run. Then `wait` is killed. The
/// run may be skipped as if it had never been seen. But if one of its messages was delivered, all
/// of them must be delivered.
struct RunReplacedAsWaitTakesItUp : InterruptedLife {
    using InterruptedLife::InterruptedLife;

    void prepare() override {
        wrap_.end();
        if (!start_wrap())
            return;
        for (std::size_t number = 0; number < messages; ++number)
            have_journaled(util::concat("X_N=", number));
        manager_reads_ = false;
    }
    void one() override { take_up(); }
    void other() override { replace_run(); }

    void await_end() override {
        wait_.end();
        manager_reads_ = true;
        attach();
        until("the last", [this] { return received_.back().ends_with("X_NEW=1"); });
        if (received_.size() < messages)
            expected_.erase(expected_.begin() + 1, expected_.end() - 1);
    }

    // There are so many messages that most of them must wait in the journal.
    static constexpr std::size_t messages = 40;
};

/// The same as RunReplacedAsWaitTakesItUp, but the other side is interrupted.
struct WaitTakesUpRunAsItIsReplaced : RunReplacedAsWaitTakesItUp {
    using RunReplacedAsWaitTakesItUp::RunReplacedAsWaitTakesItUp;
    void one() override { replace_run(); }
    void other() override { take_up(); }
};

/// A run has a barrier for a `wait` that is just switching to this run.
struct BarrierBeforeWaitTakesUpRun : InterruptedLife {
    using InterruptedLife::InterruptedLife;
    void prepare() override {
        wrap_.end();
        if (start_wrap())
            send_barrier();
    }
    void one() override { do_all(wrap_); }
    void other() override { take_up(); }
    void await_end() override { await_barrier(); }
};

/// A side is killed during `one`, and starts again.
class KilledLife : public Bridge {
public:
    explicit KilledLife(std::size_t nth) : nth_(nth) {}

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        prepare();
        make_calls_count_from_here();
        Faults::kill(nth_);
        one();
        make_calls_count_to_here();
        come_back();
        until_all_is_received();
        say_barrier();
        end_run();
    }

protected:
    virtual void prepare() = 0;
    virtual void one() = 0;
    virtual void come_back() {
        bury(wait_);
        start_wait();
    }

    template <typename Side>
    void bury(Process<Side>& killed) {
        killed.end();
        killed.refusal.clear();
        killed.failure.clear();
        Faults::bury();
        // The killed side may leave a temporary file that was about to get its final name.
        for (const std::string& name : directory_.names())
            if (name.starts_with('.'))
                std::filesystem::remove(directory_.path(name));
    }

private:
    std::size_t nth_;
};

/// Kills `wait` while messages arrive.
struct WaitKilled : KilledLife {
    using KilledLife::KilledLife;
    void prepare() override {
        have_journaled("X_A=1");
        have_journaled("STATUS=b");
    }
    void one() override { do_all(wait_); }
};

/// Kills a `wait` that has returned. It has to read the end of a run, and then another run.
struct NextWaitKilled : KilledLife {
    using KilledLife::KilledLife;
    void prepare() override {
        wait_.end();
        have_journaled("X_LAST=1");
        replace_run();
    }
    void one() override { attach(); }
};

/// Kills a `wrap` that takes over from a run which was not read to its end.
struct NextWrapKilled : KilledLife {
    using KilledLife::KilledLife;
    void prepare() override {
        wait_.end();
        have_journaled("X_LAST=1");
        wrap_.end();
    }
    void one() override { start_wrap(); }
    void come_back() override {
        bury(wrap_);
        replace_run();
        start_wait();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(interruptions)

BOOST_AUTO_TEST_CASE(a_new_run_that_interrupts_wait_loses_no_message) {
    check_every_place<RunReplacedBeforeWait>();
}

BOOST_AUTO_TEST_CASE(a_new_run_that_interrupts_the_next_wait_loses_no_message) {
    check_every_place<RunReplacedBeforeNextWait>();
}

BOOST_AUTO_TEST_CASE(the_next_wait_that_interrupts_a_new_run_loses_no_message) {
    check_every_place<NextWaitBeforeNextRun>();
}

BOOST_AUTO_TEST_CASE(a_rotation_that_interrupts_wait_loses_no_message) {
    check_every_place<JournalRotatedBeforeWait>();
}

BOOST_AUTO_TEST_CASE(only_folded_messages_may_be_missing_for_the_next_wait) {
    check_every_place<RunFoldedBeforeNextWait>();
}

BOOST_AUTO_TEST_CASE(a_run_replaced_while_wait_switches_is_sent_whole_or_skipped) {
    check_every_place<RunReplacedAsWaitTakesItUp>();
}

BOOST_AUTO_TEST_CASE(a_replaced_run_is_sent_whole_or_skipped_if_wait_switches) {
    check_every_place<WaitTakesUpRunAsItIsReplaced>();
}

BOOST_AUTO_TEST_CASE(a_barrier_returns_while_wait_switches_to_its_run) {
    check_every_place<BarrierBeforeWaitTakesUpRun>();
}

BOOST_AUTO_TEST_CASE(a_wait_killed_at_any_system_call_loses_no_message) {
    check_every_place<WaitKilled>();
}

BOOST_AUTO_TEST_CASE(the_next_wait_killed_at_any_system_call_loses_no_message) {
    check_every_place<NextWaitKilled>();
}

BOOST_AUTO_TEST_CASE(a_new_wrap_killed_at_any_system_call_loses_no_message) {
    check_every_place<NextWrapKilled>();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge

#pragma once

#include <boost/test/unit_test.hpp>
#include <utility>

#include "base/event/burst_watch.hpp"
#include "bridge/fault_life.hpp"

namespace notifybridge::bridge {

struct Bridge : Life {
    Bridge() : Life(Fault{}) {}

    template <typename Side>
    static void do_all(Process<Side>& side) {
        while (side.turn()) {
        }
    }

    void have_journaled(const std::string& text) {
        say(text);
        do_all(wrap_);
    }

    /// Lets `wrap` notice the end of a burst, after which `wrap` rotates a long journal.
    void let_burst_end() {
        for (int spans = 0; spans < 3; ++spans) {
            do_all(wrap_);
            Faults::advance(event::BurstWatch::span);
        }
        do_all(wrap_);
    }

    void replace_run() {
        wrap_.end();
        if (start_wrap())
            have_journaled("READY=1\nX_NEW=1");
    }

    void attach() {
        if (start_wait())
            do_all(wait_);
    }

    /// Lets `wait` switch from an ended run to the next one. `wait` checks the ended run for some
    /// milliseconds.
    void take_up() {
        for (int times = 0; times < 50; ++times) {
            do_all(wait_);
            Faults::advance(5ms);
        }
    }
};

/// A life in which `other` interrupts `one` just before the nth system call. If `one` does not make
/// this call, `other` runs after `one`.
class InterruptedLife : public Bridge {
public:
    explicit InterruptedLife(std::size_t nth) : nth_(nth) {}

    void live() override {
        if (!start_wait() || !start_wrap())
            return;
        say("READY=1");
        until_all_is_received();
        begin();
        settle();
        bool has_come = false;
        const auto come = [&] {
            if (!std::exchange(has_come, true))
                other();
        };
        prepare();
        make_calls_count_from_here();
        Faults::interrupt(nth_, come);
        one();
        make_calls_count_to_here();
        come();
        await_end();
    }

protected:
    virtual void begin() {}
    virtual void await_end() { until_all_is_received(); }
    /// Called before `one`. By default, writes a record, so that `one` has something to read.
    virtual void prepare() { have_journaled("X_LAST=1"); }
    virtual void one() = 0;
    virtual void other() = 0;

private:
    std::size_t nth_;
};

template <typename Kind>
void check_every_place() {
    std::size_t first = 0;
    std::size_t last = 0;
    {
        Kind life(0);
        life.live();
        BOOST_TEST_REQUIRE(life.problem() == "");
        first = life.first_call();
        last = life.last_call();
    }
    BOOST_TEST_REQUIRE(first < last);
    for (std::size_t nth = first; nth <= last; ++nth) {
        Kind life(nth);
        life.live();
        BOOST_TEST(life.problem() == "", "before call " << nth << " of " << first << " to " << last
                                                        << ':' << life.problem());
    }
}

}  // namespace notifybridge::bridge

#include <boost/test/unit_test.hpp>

#include "bridge/interrupted_life.hpp"

/// In these tests, one side sees the shared directory through a mount that hides locks. The beat
/// then shows whether a side is alive.
namespace notifybridge::bridge {
namespace {

/// `wait` begins in a directory in which a run has left its journal, and adopts older runs.
struct OlderRun : Bridge {
    explicit OlderRun(bool is_alive) : is_alive_(is_alive) {}

    void live() override {
        if (!start_wrap())
            return;
        have_journaled("READY=1");
        if (!is_alive_) {
            wrap_.end();
            expected_.clear();
        }
        Faults::put_beyond_mount(wait_process);
        if (!start_wait("one", true))
            return;
        for (int times = 0; times < 100; ++times) {
            settle();
            Faults::advance(50ms);
        }
        settle();
    }

private:
    bool is_alive_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(beyond_mount)

BOOST_AUTO_TEST_CASE(wait_adopts_a_live_run_of_which_it_sees_no_lock) {
    OlderRun life(true);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_CASE(wait_ignores_a_dead_run_of_which_it_sees_no_lock) {
    OlderRun life(false);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge

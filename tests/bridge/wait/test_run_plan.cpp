#include "bridge/wait/run_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <random>
#include <vector>

namespace notifybridge::wait {

using process::ExitStatus;
using Step = RunPlan::Step;
using Ending = RunPlan::Ending;
using namespace std::chrono_literals;

std::ostream& operator<<(std::ostream& out, Step step) {
    return out << "step " << static_cast<int>(step);
}

std::ostream& operator<<(std::ostream& out, Ending ending) {
    return out << "ending " << static_cast<int>(ending);
}

namespace {

struct Reading {
    RunPlan plan;
    std::uint64_t now = 1'000'000;

    Reading() { plan.begin(); }

    Step look(bool is_alive, bool was_rotated = false) {
        return plan.step(is_alive, was_rotated, now);
    }
    void doubt() { plan.doubt(now); }
    bool may_clear() const { return plan.may_clear(now); }
    bool has_caught_up() { return plan.has_caught_up(now); }
};

constexpr bool alive = true;
constexpr bool gone = false;
constexpr bool rotated = true;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(run_plan, Reading)

BOOST_AUTO_TEST_CASE(a_new_run_plan_has_no_run) {
    BOOST_TEST((RunPlan().phase() == RunPhase::none));
    BOOST_TEST((plan.phase() == RunPhase::live));
}

BOOST_AUTO_TEST_CASE(a_run_continues_while_its_writer_is_alive) {
    BOOST_TEST(look(alive) == Step::wait);
    BOOST_TEST(look(alive) == Step::wait);
    BOOST_TEST(!plan.has_ending());
}

BOOST_AUTO_TEST_CASE(the_last_records_are_read_before_the_run_ends) {
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone) == Step::close);
    BOOST_TEST(plan.close() == Ending::broke_off);
    BOOST_TEST((plan.phase() == RunPhase::ended));
    BOOST_TEST(!plan.end().has_value());
}

BOOST_AUTO_TEST_CASE(the_last_records_of_a_returned_writer_are_read) {
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(alive) == Step::wait);
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone) == Step::close);
}

BOOST_AUTO_TEST_CASE(reading_continues_in_the_new_file_after_a_rotation) {
    BOOST_TEST(look(alive, rotated) == Step::read_on);
    BOOST_TEST(look(gone, rotated) == Step::read_on);
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone, rotated) == Step::read_on);
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone) == Step::close);
}

BOOST_AUTO_TEST_CASE(an_end_record_ends_the_run_even_if_the_writer_is_alive) {
    plan.read_end(ExitStatus::exited(3));
    BOOST_TEST(plan.has_ending());
    BOOST_TEST(look(alive, rotated) == Step::close);
    BOOST_TEST(plan.close() == Ending::recorded);
    BOOST_TEST((plan.end() == ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(an_empty_end_record_ends_the_run) {
    plan.read_end(std::nullopt);
    BOOST_TEST(look(alive) == Step::close);
    BOOST_TEST(plan.close() == Ending::recorded);
    BOOST_TEST(!plan.end().has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_is_the_end_of_its_run) {
    plan.read_damage();
    BOOST_TEST(plan.has_ending());
    BOOST_TEST(look(alive) == Step::close);
    BOOST_TEST(plan.close() == Ending::damaged);
}

BOOST_AUTO_TEST_CASE(the_next_run_does_not_inherit_the_end_of_the_last) {
    plan.read_end(ExitStatus::exited(3));
    plan.close();
    plan.begin();
    BOOST_TEST((plan.phase() == RunPhase::live));
    BOOST_TEST(!plan.end().has_value());
    BOOST_TEST(look(alive) == Step::wait);
    plan.read_damage();
    plan.begin();
    BOOST_TEST(look(gone) == Step::read_on);
    plan.begin();
    BOOST_TEST(look(gone) == Step::read_on);
}

BOOST_AUTO_TEST_CASE(a_short_doubt_about_the_journal_does_not_end_the_run) {
    doubt();
    BOOST_TEST(look(gone) == Step::wait);
    plan.begin_look();
    BOOST_TEST(look(gone) == Step::read_on);
    doubt();
    BOOST_TEST(look(gone) == Step::wait);
    plan.begin_look();
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone) == Step::close);
}

BOOST_AUTO_TEST_CASE(a_doubt_of_five_seconds_about_the_journal_ends_the_run) {
    doubt();
    for (int turn = 0; turn < 49; ++turn) {
        now += 100'000;
        plan.begin_look();
        doubt();
        BOOST_TEST(may_clear());
        BOOST_TEST(look(gone) == Step::wait);
    }
    now += 100'000;
    plan.begin_look();
    doubt();
    BOOST_TEST(!may_clear());
    BOOST_TEST(look(alive) == Step::wait);
    BOOST_TEST(look(gone) == Step::read_on);
    BOOST_TEST(look(gone) == Step::close);
    BOOST_TEST(plan.close() == Ending::unreadable);
}

BOOST_AUTO_TEST_CASE(a_check_without_doubt_resets_the_doubt) {
    doubt();
    now += 4'000'000;
    plan.begin_look();
    plan.begin_look();
    now += 4'000'000;
    doubt();
    BOOST_TEST(may_clear());
    now += RunPlan::longest_doubt;
    BOOST_TEST(!may_clear());
}

BOOST_AUTO_TEST_CASE(a_readable_record_ends_doubts_about_the_journal) {
    doubt();
    plan.begin_look();
    plan.read_record();
    now += RunPlan::longest_doubt;
    doubt();
    BOOST_TEST(may_clear());
}

BOOST_AUTO_TEST_CASE(the_journal_is_read_again_only_if_it_is_in_doubt) {
    BOOST_TEST(!plan.pause().has_value());
    doubt();
    BOOST_TEST((plan.pause() == RunPlan::retry_interval));
    BOOST_TEST((plan.pause() == RunPlan::retry_interval));
    plan.begin_look();
    BOOST_TEST(!plan.pause().has_value());
}

BOOST_AUTO_TEST_CASE(a_closed_journal_is_polled_at_growing_intervals) {
    doubt();
    plan.writer_closed();
    for (const auto wanted : {1ms, 2ms, 4ms, 8ms, 16ms, 32ms, 64ms, 100ms})
        BOOST_TEST((plan.pause() == wanted));
    plan.begin_look();
    BOOST_TEST(!plan.pause().has_value());
}

BOOST_AUTO_TEST_CASE(closing_a_rotated_journal_starts_no_polling) {
    plan.writer_closed();
    plan.reopened();
    BOOST_TEST(!plan.pause().has_value());
    plan.writer_closed();
    plan.close();
    BOOST_TEST(!plan.pause().has_value());
    plan.writer_closed();
    plan.begin();
    BOOST_TEST(!plan.pause().has_value());
}

BOOST_AUTO_TEST_CASE(no_catch_up_begins_while_the_command_runs) {
    BOOST_TEST(!plan.catches_up(100));
    BOOST_TEST(!has_caught_up());
    BOOST_TEST(!plan.is_last());
}

BOOST_AUTO_TEST_CASE(the_catch_up_after_the_command_is_reported_once) {
    plan.command_gone(250);
    BOOST_TEST(plan.is_last());
    BOOST_TEST(!plan.catches_up(100));
    BOOST_TEST(!plan.catches_up(149));
    BOOST_TEST(plan.catches_up(100));
    BOOST_TEST(has_caught_up());
    BOOST_TEST(!has_caught_up());
    BOOST_TEST(!plan.catches_up(100));
    BOOST_TEST(plan.is_last());
    plan.command_gone(0);
    BOOST_TEST(has_caught_up());
}

BOOST_AUTO_TEST_CASE(reading_the_journal_to_its_end_completes_the_catch_up) {
    plan.command_gone(250);
    BOOST_TEST(!plan.catches_up(100));
    BOOST_TEST(has_caught_up());
}

BOOST_AUTO_TEST_CASE(a_doubt_about_the_journal_delays_the_catch_up) {
    plan.command_gone(0);
    doubt();
    BOOST_TEST(!has_caught_up());
    plan.begin_look();
    BOOST_TEST(has_caught_up());
    plan.command_gone(0);
    doubt();
    now += RunPlan::longest_doubt;
    BOOST_TEST(has_caught_up());
}

/// A writer that writes, rotates and ends at random times. The reader reads as a Courier does, and
/// its system calls sometimes fail.
struct History {
    std::mt19937 chance;
    RunPlan plan;
    std::uint64_t now = 1'000'000;
    bool writer_lives = true;
    unsigned written = 0;  ///< The bytes written to the current file.
    unsigned read = 0;     ///< The bytes read from the open file.
    bool is_open_rotated = false;
    bool has_end = false;
    unsigned said = 0;
    bool asked = false;

    explicit History(unsigned seed) : chance(seed) { plan.begin(); }

    bool fails() { return chance() % 8 == 0; }

    void happen() {
        now += chance() % 200'000;
        if (!asked && chance() % 10 == 0) {
            asked = true;
            plan.command_gone(written - read);
        }
        if (!writer_lives)
            return;
        switch (chance() % 6) {
            case 0:
                writer_lives = false;
                has_end = chance() % 2 == 0;
                break;
            case 1:
                // The next file also contains the bytes that were not read.
                if (!is_open_rotated) {
                    is_open_rotated = true;
                    written -= read;
                    read = 0;
                }
                break;
            default:
                ++written;
        }
    }

    void read_available() {
        if (fails()) {
            plan.doubt(now);
            return;
        }
        if (is_open_rotated)
            return;
        for (; read < written; ++read)
            if (plan.catches_up(1))
                said += plan.has_caught_up(now);
        if (!writer_lives && has_end)
            plan.read_end(ExitStatus::exited(0));
    }

    Step look() {
        const bool is_alive = writer_lives && !is_open_rotated;
        happen();
        const bool is_unknown = fails();
        if (is_unknown)
            plan.doubt(now);
        const bool reopens = !is_unknown && is_open_rotated;
        if (reopens)
            is_open_rotated = false;
        return plan.step(is_alive, reopens, now);
    }

    /// Lets the reader continue. Returns whether the run was closed.
    bool follow() {
        happen();
        if (!writer_lives)
            plan.writer_closed();
        plan.pause();
        plan.begin_look();
        read_available();
        auto step = look();
        for (; step == Step::read_on; step = look())
            read_available();
        said += plan.has_caught_up(now);
        return step == Step::close;
    }
};

BOOST_AUTO_TEST_CASE(each_random_history_closes_a_run_after_its_last_byte) {
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            History history(seed);
            int turns = 0;
            while (!history.follow() && turns < 1000)
                ++turns;
            BOOST_TEST(turns < 1000);
            BOOST_TEST(!history.writer_lives);
            BOOST_TEST(!history.is_open_rotated);
            BOOST_TEST(history.read == history.written);
            const Ending wanted = history.has_end ? Ending::recorded : Ending::broke_off;
            BOOST_TEST(history.plan.close() == wanted);
            // After that, the courier looks for the next run.
            history.plan.begin_look();
            history.said += history.plan.has_caught_up(history.now);
            BOOST_TEST(history.said == (history.asked ? 1U : 0U));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait

#include "init/hands/execute/mark.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>

#include "base/util/concat.hpp"
#include "runs.hpp"

namespace notifybridge::execute {
namespace {

constexpr Mark unlimited{RLIM_INFINITY, RLIM_INFINITY};
constexpr Marks::Number last = std::numeric_limits<Marks::Number>::max();

Marks marks_below(const Mark& own) {
    const auto marks = Marks::below(own);
    BOOST_TEST_REQUIRE(marks.has_value());
    return *marks;
}

std::string limits_text(const std::string& locks, const std::string& resident_set) {
    return util::concat(
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max cpu time              unlimited            unlimited            seconds   \n"
        "Max resident set          ",
        resident_set, "bytes     \nMax file locks            ", locks, "locks     \n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mark)

BOOST_AUTO_TEST_CASE(the_mark_of_a_process_is_read_from_its_hard_limits) {
    const auto mark = parse_mark(limits_text("1 2 ", "unlimited            300       "));
    BOOST_TEST((mark == Mark{2, 300}));
    BOOST_TEST((parse_mark(limits_text("3 unlimited ", "4 unlimited ")) == unlimited));
}

BOOST_AUTO_TEST_CASE(a_text_of_limits_that_lacks_one_limit_has_no_mark) {
    for (const std::string& text :
         {std::string(), std::string("Max file locks"), std::string("Max file locks "),
          std::string("Max file locks            1 2 locks\n"), limits_text("1 x ", "1 2 "),
          limits_text("1 ", "1 2 "), limits_text("1 99999999999999999999 ", "1 2 ")})
        BOOST_TEST(!parse_mark(text), text);
}

BOOST_AUTO_TEST_CASE(a_mark_can_be_converted_back_to_its_number) {
    for (const Marks& marks : {marks_below(unlimited), marks_below({rlim_t{1} << 40, 1ULL << 33})})
        for (const Marks::Number number : {Marks::Number{0}, Marks::Number{1}, last - 1, last})
            BOOST_TEST((marks.number(marks.mark(number)) == number));
}

BOOST_AUTO_TEST_CASE(a_mark_is_not_below_another_mark_in_both_limits) {
    const Marks marks = marks_below(unlimited);
    for (const auto& [one, other] :
         {std::pair<Marks::Number, Marks::Number>{0, 1}, {1, 2}, {7, last}, {last - 1, last}}) {
        BOOST_TEST(marks.mark(one).locks < marks.mark(other).locks);
        BOOST_TEST(marks.mark(one).resident_set > marks.mark(other).resident_set);
    }
}

BOOST_AUTO_TEST_CASE(ordinary_limits_are_not_read_as_a_mark) {
    const Marks marks = marks_below(unlimited);
    const Mark first = marks.mark(0), second = marks.mark(1);
    for (const Mark& other :
         {unlimited, Mark{}, Mark{first.locks, second.resident_set},
          Mark{second.locks, first.resident_set}, Mark{first.locks - 1, first.resident_set + 1},
          Mark{RLIM_INFINITY, first.resident_set}})
        BOOST_TEST(!marks.number(other));
}

BOOST_AUTO_TEST_CASE(a_manager_with_a_mark_gives_its_units_only_lower_marks) {
    const Marks outer = marks_below(unlimited);
    const Mark own = outer.mark(5);
    const Marks inner = marks_below(own);
    for (const Marks::Number number : {Marks::Number{0}, last}) {
        const Mark mark = inner.mark(number);
        BOOST_TEST((mark.locks < own.locks && mark.resident_set < own.resident_set));
        BOOST_TEST(!outer.number(mark));
    }
}

BOOST_AUTO_TEST_CASE(low_limits_leave_no_room_for_marks) {
    BOOST_TEST(!Marks::below({RLIM_INFINITY, 500'000'000}));
    BOOST_TEST(!Marks::below({10, RLIM_INFINITY}));
    BOOST_TEST(!Marks::below({}));
}

BOOST_AUTO_TEST_CASE(a_process_starts_with_the_mark_of_its_unit,
                     *boost::unit_test::precondition([](auto) {
                         return Marks::below_our_own().has_value();
                     })) {
    const test::Units units;
    const Mark wanted = Marks::below_our_own()->mark(3);
    const auto result = test::run_script(units, "", "cat /proc/self/limits",
                                         [&](StartRequest& request) { request.mark = wanted; });
    BOOST_TEST((parse_mark(result.output) == wanted), result.output);
}

BOOST_AUTO_TEST_CASE(a_low_limit_of_the_unit_prevents_a_mark) {
    const test::Units units;
    const Mark own = mark_of(::getpid()).value();
    const auto result = test::run_script(
        units, "LimitLOCKS=10", "cat /proc/self/limits",
        [&](StartRequest& request) { request.mark = Marks::below_our_own()->mark(3); });
    BOOST_TEST((parse_mark(result.output) == Mark{10, own.resident_set}), result.output);
}

BOOST_AUTO_TEST_CASE(a_zombie_still_has_the_mark_of_its_unit) {
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    BOOST_TEST((mark_of(child) == mark_of(::getpid())));
    ::waitpid(child, nullptr, 0);
    BOOST_TEST(!mark_of(child));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute

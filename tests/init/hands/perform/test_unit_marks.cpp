#include "init/hands/perform/unit_marks.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::perform {
namespace {

constexpr execute::Mark unlimited{RLIM_INFINITY, RLIM_INFINITY};

}  // namespace

BOOST_AUTO_TEST_SUITE(unit_marks)

BOOST_AUTO_TEST_CASE(each_unit_has_a_mark_that_does_not_change) {
    UnitMarks marks(execute::Marks::below(unlimited));
    const auto a = marks.mark_of("a.service");
    const auto b = marks.mark_of("b.service");
    BOOST_TEST((a && b && a != b));
    BOOST_TEST((marks.mark_of("a.service") == a));
}

BOOST_AUTO_TEST_CASE(a_unit_that_was_forgotten_gets_another_mark) {
    UnitMarks marks(execute::Marks::below(unlimited));
    const auto before = marks.mark_of("a.service");
    marks.forget("a.service");
    marks.forget("b.service");
    BOOST_TEST((marks.mark_of("a.service") != before));
}

BOOST_AUTO_TEST_CASE(units_have_no_marks_if_our_limits_leave_no_room) {
    UnitMarks marks(std::nullopt);
    BOOST_TEST(!marks.mark_of("a.service"));
    BOOST_TEST(marks.unit_of(::getpid()) == "");
}

BOOST_AUTO_TEST_CASE(a_process_without_a_mark_belongs_to_no_unit) {
    UnitMarks marks(execute::Marks::below(unlimited));
    marks.mark_of("a.service");
    BOOST_TEST(marks.unit_of(::getpid()) == "");
    BOOST_TEST(marks.unit_of(0) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform

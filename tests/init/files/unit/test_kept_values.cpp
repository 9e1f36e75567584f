#include <boost/test/unit_test.hpp>

#include "init/files/unit/kept_values.hpp"

namespace notifybridge::unit {

BOOST_AUTO_TEST_SUITE(kept_values)

BOOST_AUTO_TEST_CASE(a_property_that_is_not_set_is_not_found) {
    const KeptValues kept;
    BOOST_TEST(!kept.find("MemoryMax").has_value());
}

BOOST_AUTO_TEST_CASE(the_last_value_of_each_property_is_found) {
    KeptValues kept;
    kept.set("MemoryMax", "1");
    kept.set("Slice", "");
    kept.set("MemoryMin", "a=b c");
    kept.set("MemoryMax", "22");
    BOOST_TEST(kept.find("MemoryMax").value_or("none") == "22");
    BOOST_TEST(kept.find("Slice").value_or("none") == "");
    BOOST_TEST(kept.find("MemoryMin").value_or("none") == "a=b c");
    BOOST_TEST(!kept.find("Memory").has_value());
    BOOST_TEST(!kept.find("").has_value());
}

BOOST_AUTO_TEST_CASE(only_the_named_property_is_unset) {
    KeptValues kept;
    for (const char* const name : {"A", "B", "C"})
        kept.set(name, name);
    kept.unset("B");
    kept.unset("X");
    BOOST_TEST(kept.find("A").value_or("none") == "A");
    BOOST_TEST(!kept.find("B").has_value());
    BOOST_TEST(kept.find("C").value_or("none") == "C");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit

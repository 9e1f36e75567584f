#pragma once

#include <boost/test/unit_test.hpp>

#include "init/unit/name.hpp"

namespace notifybridge::unit::test {

/// The name of a unit that a test is sure is one.
inline UnitName name(std::string_view text) {
    const auto parsed = UnitName::parse(text);
    BOOST_REQUIRE_MESSAGE(parsed, text << " is a name");
    return *parsed;
}

}  // namespace notifybridge::unit::test

#pragma once

#include <boost/test/unit_test.hpp>

#include "init/files/unit/name.hpp"

namespace notifybridge::unit::test {

/// Returns the unit name `text`, which has to be valid.
inline UnitName name(std::string_view text) {
    const auto parsed = UnitName::parse(text);
    BOOST_REQUIRE_MESSAGE(parsed, text << " is a name");
    return *parsed;
}

}  // namespace notifybridge::unit::test

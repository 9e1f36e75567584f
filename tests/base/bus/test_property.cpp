#include "base/bus/property.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <random>

namespace notifybridge::bus {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Strings = std::vector<std::string>;

/// The body of a message, encoded as a service manager does.
class Body {
public:
    Body& align(std::size_t size) {
        bytes_.resize(aligned(bytes_.size(), size));
        return *this;
    }
    template <typename Number>
    Body& number(Number value) {
        align(sizeof value);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Body& string(std::string_view text) {
        number(static_cast<std::uint32_t>(text.size()));
        bytes_.append(text) += '\0';
        return *this;
    }
    Body& signature(std::string_view text) {
        bytes_ += static_cast<char>(text.size());
        bytes_.append(text) += '\0';
        return *this;
    }
    Body& property(std::string_view name, std::string_view type) {
        return align(8).string(name).signature(type);
    }
    /// Begins an array; `end` fills in its size. Elements are aligned to `alignment`.
    Body& begin(std::size_t alignment) {
        number(std::uint32_t{0});
        sizes_.push_back(bytes_.size() - 4);
        align(alignment);
        starts_.push_back(bytes_.size());
        return *this;
    }
    Body& end() {
        const auto size = static_cast<std::uint32_t>(bytes_.size() - starts_.back());
        bytes_.replace(sizes_.back(), 4, reinterpret_cast<const char*>(&size), 4);
        sizes_.pop_back();
        starts_.pop_back();
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
    std::vector<std::size_t> sizes_;
    std::vector<std::size_t> starts_;
};

std::string properties_of_app() {
    Body body;
    body.begin(8);
    body.property("Id", "s").string("app.service");
    body.property("MainPID", "u").number(std::uint32_t{7});
    body.property("ExecMainStatus", "i").number(std::int32_t{-1});
    body.property("RemainAfterExit", "b").number(std::uint32_t{1});
    body.property("TimeoutStartUSec", "t").number(std::uint64_t{90'000'000});
    body.property("TimeoutStopUSec", "t").number(~std::uint64_t{0});
    body.property("Environment", "as").begin(4).string("A=b").string("SHARED_DIR=/run/app").end();
    body.property("Asserts", "a(sbbsi)").begin(8).end();
    body.property("ExecStart", "a(sasbttttuii)").begin(8);
    body.align(8).string("/bin/sh").begin(4).string("sh").string("-c").end();
    body.number(std::uint32_t{0});
    for (int times = 0; times < 4; ++times)
        body.number(std::uint64_t{0});
    body.number(std::uint32_t{7}).number(std::int32_t{CLD_EXITED}).number(std::int32_t{3}).end();
    body.property("SystemCallFilter", "(bas)").align(8).number(std::uint32_t{0});
    body.begin(4).string("kill").string("reboot").end();
    body.property("Listen", "a(ss)").begin(8).align(8).string("Stream").string("/x").end();
    body.property("InvocationID", "ay").begin(1).number('\x0a').number('\xf7').end();
    body.property("Result", "s").string("timeout");
    body.end();
    return body.bytes();
}

BOOST_AUTO_TEST_SUITE(property)

BOOST_AUTO_TEST_CASE(bus_properties_have_typed_values) {
    const auto number = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    const Properties expected = {
        {"Id", "app.service"},
        {"MainPID", number(7)},
        {"ExecMainStatus", number(-1)},
        {"RemainAfterExit", true},
        {"TimeoutStartUSec", number(90'000'000)},
        {"TimeoutStopUSec", number(-1)},
        {"Environment", Strings{"A=b", "SHARED_DIR=/run/app"}},
        {"Asserts", ""},
        {"ExecStart", std::vector<Command>{{{"sh", "-c"}, false, CLD_EXITED, 3}}},
        {"SystemCallFilter", "~kill reboot"},
        {"Listen", "Stream /x"},
        {"InvocationID", "0af7"},
        {"Result", "timeout"},
    };
    BOOST_TEST((read_properties(properties_of_app()) == expected));
    BOOST_TEST(read_properties("").empty());
}

BOOST_AUTO_TEST_CASE(the_bus_paths_of_listed_units_are_read) {
    Body body;
    body.begin(8);
    for (const std::string name : {"a.service", "b.mount"}) {
        body.align(8).string(name).string("A").string("loaded").string("active").string("running");
        body.string("").string("/unit/" + name).number(std::uint32_t{0}).string("").string("/");
    }
    body.end();
    const Pairs expected = {{"a.service", "/unit/a.service"}, {"b.mount", "/unit/b.mount"}};
    BOOST_TEST((read_unit_paths(body.bytes()) == expected));
}

BOOST_AUTO_TEST_CASE(the_bus_path_of_a_unit_is_escaped) {
    BOOST_TEST(unit_path("app@1-b.service")
               == "/org/freedesktop/systemd1/unit/app_401_2db_2eservice");
    BOOST_TEST(unit_path("7.service") == "/org/freedesktop/systemd1/unit/_37_2eservice");
}

BOOST_AUTO_TEST_CASE(truncated_and_changed_bus_properties_are_harmless) {
    const std::string whole = properties_of_app();
    for (std::size_t size = 4; size < whole.size(); ++size)
        BOOST_TEST(read_properties(whole.substr(0, size)).size() < 13U);
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        std::string other = whole;
        for (unsigned count = random() % 4 + 1; count > 0; --count)
            other[random() % other.size()] = static_cast<char>(random());
        BOOST_TEST(read_properties(other).size() <= whole.size());
        BOOST_TEST(read_unit_paths(other).size() <= whole.size());
    }
}

BOOST_AUTO_TEST_CASE(too_deeply_nested_and_invalid_bus_types_are_refused) {
    for (const std::string& types :
         {std::string(200, 'a'), std::string(200, '('), std::string("()"), std::string("a"),
          std::string("z"), std::string("{s")}) {
        Body body;
        body.begin(8).property("X", types).number(std::uint64_t{0}).number(std::uint64_t{0}).end();
        BOOST_TEST(read_properties(body.bytes()).empty());
    }
    // These variants are nested deeper than the specification allows.
    std::string within(4, '\0');
    within += std::string("\1\0\0\0X\0", 6);
    for (int depth = 0; depth < 2000; ++depth)
        within += std::string("\1v\0", 3);
    BOOST_TEST(read_properties(within).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::bus

#include "bridge/channel/host_file.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bridge/channel/print.hpp"

namespace notifybridge::channel {
namespace {

HostFile some_host() {
    HostFile host;
    host.facts.pid = 4321;
    host.facts.run = system::make_random_id();
    host.facts.invocation = "0123456789abcdef0123456789abcdef";
    host.facts.attached_usec = 1'700'000'000'000'000;
    host.facts.watchdog = std::chrono::seconds(30);
    host.facts.has_command = true;
    host.facts.missing = "openat2 Landlock";
    host.facts.signals = {{1, 1}, {2, 15}};
    host.facts.ending = system::make_random_id();
    host.facts.state_to = 7;
    host.facts.polls = true;
    host.facts.beats = true;
    host.facts.has_left = true;
    host.facts.drops.set(notify::DropReason::refused_key, 3);
    host.facts.drops.name_refused("MAINPID");
    host.facts.drops.name_refused("RESTART_RESET");
    host.progress = {11, 10, 9, 8};
    return host;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_file)

BOOST_AUTO_TEST_CASE(a_host_file_round_trips) {
    const HostFile host = some_host();
    const auto decoded = decode_host_file(encode(host));
    BOOST_REQUIRE(decoded.has_value());
    BOOST_TEST(*decoded == host);
}

BOOST_AUTO_TEST_CASE(an_empty_host_file_round_trips) {
    const auto decoded = decode_host_file(encode(HostFile{}));
    BOOST_REQUIRE(decoded.has_value());
    BOOST_TEST(*decoded == HostFile{});
}

BOOST_AUTO_TEST_CASE(an_invocation_id_may_have_any_bytes) {
    HostFile host;
    host.facts.invocation = "/run/a\nPID=1\n\\\xFF";
    BOOST_TEST(decode_host_file(encode(host)).value() == host);
}

BOOST_AUTO_TEST_CASE(each_changed_byte_after_the_header_of_a_host_file_is_noticed) {
    const std::string whole = encode(some_host());
    constexpr std::size_t fixed_size = 64;
    for (std::size_t at = fixed_size; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        BOOST_TEST(!decode_host_file(changed).has_value(), "at " << at);
    }
}

BOOST_AUTO_TEST_CASE(a_truncated_host_file_is_refused_at_any_length) {
    const std::string whole = encode(some_host());
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(!decode_host_file(whole.substr(0, size)).has_value(), "at " << size);
}

BOOST_AUTO_TEST_CASE(host_files_of_another_kind_or_version_are_refused) {
    std::string bytes = encode(some_host());
    bytes[8] = 2;
    BOOST_TEST(!decode_host_file(bytes).has_value());
    bytes[8] = 1;
    BOOST_TEST(decode_host_file(bytes).has_value());
    bytes[0] = 'x';
    BOOST_TEST(!decode_host_file(bytes).has_value());
}

BOOST_DATA_TEST_CASE(an_invalid_signal_in_the_host_file_is_ignored,
                     boost::unit_test::data::make({-1, 0, 65, 9999, 1 << 30}), signal) {
    HostFile host;
    host.facts.signals = {{1, signal}, {2, 15}};
    const SignalList kept = {{2, 15}};
    BOOST_TEST((decode_host_file(encode(host)).value().facts.signals == kept));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel

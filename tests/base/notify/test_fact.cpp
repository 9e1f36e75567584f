#include "base/notify/fact.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <optional>
#include <ostream>
#include <string>

#include "base/notify/print.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::notify {
namespace {

struct Row {
    Key key;
    std::string value;
    std::optional<std::string> accepted;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << name(row.key) << '=' << util::quote(row.value);
    }
};

const Row rows[] = {
    {Key::status, "up", "up"},
    {Key::status, "", ""},
    {Key::status, "\xFF", ""},
    {Key::status, "\xEF\xBF\xBE", ""},  // U+FFFE is not a character.
    {Key::errno_, "0", "0"},
    {Key::errno_, "28", "28"},
    {Key::errno_, " +0x1c", "28"},
    {Key::errno_, "4095", "4095"},
    {Key::errno_, "4096", {}},
    {Key::errno_, "-1", {}},
    {Key::errno_, "", {}},
    {Key::errno_, "2 ", {}},
    {Key::errno_, "ENOENT", "2"},
    {Key::errno_, "enoent", "2"},
    {Key::errno_, "ENOENT ", {}},
    {Key::errno_, "ENONSENSE", {}},
    {Key::errno_, "EHWPOISON", "133"},
    {Key::errno_, "EWOULDBLOCK", "11"},
    {Key::errno_, "eDeadLock", "35"},
    {Key::errno_, "ENOTSUP", "95"},
    {Key::watchdog_usec, "30000000", "30000000"},
    {Key::watchdog_usec, "0x10", "16"},
    {Key::watchdog_usec, "0", "0"},
    {Key::watchdog_usec, "18446744073709551615", "18446744073709551615"},
    {Key::watchdog_usec, "30s", {}},
    {Key::watchdog_usec, "", {}},
    {Key::monotonic_usec, "5", "5"},
    {Key::monotonic_usec, "now", {}},
    {Key::main_pid, "12", "12"},
    {Key::main_pid, "012", "10"},
    {Key::main_pid, "0", {}},
    {Key::main_pid, "-1", {}},
    {Key::main_pid, "2147483647", "2147483647"},
    {Key::main_pid, "2147483648", {}},
    {Key::bus_error, "org.example.Error", "org.example.Error"},
    {Key::bus_error, "", ""},
    {Key::bus_error, "two words", "two words"},
    {Key::bus_error, "a\tb", {}},
    {Key::bus_error, "a\"b", {}},
    {Key::bus_error, "a'b", {}},
    {Key::bus_error, "a\\b", {}},
    {Key::bus_error, "\x7F", {}},
    {Key::bus_error, "\xC3\xA4", {}},
    {Key::bus_error, std::string(4000, 'x'), std::string(4000, 'x')},
    {Key::varlink_error, "org.example.Failed", "org.example.Failed"},
    {Key::varlink_error, "a'b", {}},
    {Key::exit_status, "3", "3"},
    {Key::exit_status, std::string(256, '3'), {}},
    {Key::ready, "1", {}},
    {Key::unknown, "x", {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fact)

BOOST_DATA_TEST_CASE(a_value_in_a_message_is_read_as_systemd_reads_it, rows, row) {
    const auto accepted = accepted_value(row.key, row.value);
    BOOST_TEST((accepted == row.accepted), accepted.value_or("nothing"));
}

BOOST_AUTO_TEST_CASE(an_accepted_value_is_accepted_again_unchanged) {
    for (const Row& row : rows)
        if (row.accepted)
            BOOST_TEST((accepted_value(row.key, *row.accepted) == row.accepted), row);
}

BOOST_AUTO_TEST_CASE(errno_may_be_the_name_of_a_kernel_error) {
    for (const int number : {EPERM, EAGAIN, ENOSPC, EOPNOTSUPP, EDEADLK, ETIMEDOUT})
        BOOST_TEST(accepted_value(Key::errno_, ::strerrorname_np(number)).value()
                   == std::to_string(number));
}

BOOST_AUTO_TEST_CASE(keys_of_facts_are_distinguished_from_keys_of_events) {
    for (const Key key : fact_keys)
        BOOST_TEST(is_fact(key));
    for (const Key key : {Key::ready, Key::watchdog, Key::extension, Key::unknown, Key::barrier})
        BOOST_TEST(!is_fact(key));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify

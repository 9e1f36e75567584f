#include "base/notify/key.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/notify/print.hpp"

namespace notifybridge::notify::test_key {
namespace {

struct Classified {
    const char* assignment;
    Key key;

    friend std::ostream& operator<<(std::ostream& out, const Classified& row) {
        return out << row.assignment;
    }
};

const Classified assignments[] = {
    {"READY=1", Key::ready},
    {"READY=0", Key::ready},
    {"RELOADING=1", Key::reloading},
    {"STOPPING=1", Key::stopping},
    {"MONOTONIC_USEC=12", Key::monotonic_usec},
    {"STATUS=up", Key::status},
    {"STATUS=", Key::status},
    {"NOTIFYACCESS=all", Key::notify_access},
    {"ERRNO=2", Key::errno_},
    {"BUSERROR=a.b", Key::bus_error},
    {"VARLINKERROR=a.b", Key::varlink_error},
    {"EXIT_STATUS=3", Key::exit_status},
    {"MAINPID=12", Key::main_pid},
    {"MAINPIDFD=1", Key::main_pid_fd},
    {"MAINPIDFDID=7", Key::main_pid_fd_id},
    {"WATCHDOG=trigger", Key::watchdog},
    {"WATCHDOG_USEC=9", Key::watchdog_usec},
    {"EXTEND_TIMEOUT_USEC=9", Key::extend_timeout_usec},
    {"RESTART_RESET=1", Key::restart_reset},
    {"FDSTORE=1", Key::fd_store},
    {"FDSTOREREMOVE=1", Key::fd_store_remove},
    {"FDNAME=x", Key::fd_name},
    {"FDPOLL=0", Key::fd_poll},
    {"BARRIER=1", Key::barrier},
    {"X_SYSTEMD_UNIT_ACTIVE=a.target", Key::extension},
    {"X_=1", Key::extension},
    {"READY", Key::unknown},
    {"X_FOO", Key::unknown},
    {"", Key::unknown},
    {"=1", Key::unknown},
    {" READY=1", Key::unknown},
    {"READY =1", Key::unknown},
    {"ready=1", Key::unknown},
    {"READYX=1", Key::unknown},
    {"XFOO=1", Key::unknown},
    {"unknown=1", Key::unknown},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(key)

BOOST_DATA_TEST_CASE(the_key_of_an_assignment_is_before_the_equals_sign, assignments, row) {
    BOOST_TEST(classify(row.assignment) == row.key);
}

BOOST_AUTO_TEST_CASE(each_key_is_found_by_its_name) {
    for (int at = 0; at < static_cast<int>(Key::unknown); ++at) {
        const auto key = static_cast<Key>(at);
        BOOST_TEST(key_named(name(key)).value() == key);
    }
    BOOST_TEST(!key_named("unknown").has_value());
    BOOST_TEST(!key_named("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify::test_key

#include "base/process/pid1_handover.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::process {

BOOST_AUTO_TEST_SUITE(pid1_handover)

// podman-run(1) names these programs under --systemd.
BOOST_AUTO_TEST_CASE(systemd_stops_on_sigrtmin_plus_3) {
    for (const char* const program : {"/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init",
                                      "systemd", "/lib/systemd/systemd"}) {
        BOOST_TEST(needs_pid1({program, "--unit=a.target"}), program);
        BOOST_TEST(stop_signal_of_pid1({program}) == SIGRTMIN + 3, program);
    }
}

BOOST_AUTO_TEST_CASE(other_init_programs_stop_on_sigterm) {
    for (const char* const program : {"/init", "init", "/opt/init"}) {
        BOOST_TEST(needs_pid1({program}), program);
        BOOST_TEST(stop_signal_of_pid1({program}) == SIGTERM, program);
    }
}

BOOST_AUTO_TEST_CASE(only_init_programs_need_pid_1) {
    for (const char* const program : {"/usr/bin/tini", "dumb-init", "sh", "/init/app", "systemctl"})
        BOOST_TEST(!needs_pid1({program, "/sbin/init"}), program);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process

#include "base/process/cgroup_unit.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::process {
namespace {

bool is_unit(std::string_view text, std::string name, std::optional<uid_t> user = {}) {
    BOOST_TEST_MESSAGE(text);
    return unit_in_cgroup(text) == CgroupUnit{std::move(name), user};
}

BOOST_AUTO_TEST_SUITE(cgroup_unit)

BOOST_AUTO_TEST_CASE(the_unit_is_the_first_group_below_the_slices) {
    BOOST_TEST(is_unit("0::/system.slice/app.service\n", "app.service"));
    BOOST_TEST(is_unit("0::/app.service\n", "app.service"));
    BOOST_TEST(is_unit("0::/system.slice/app.service/payload\n", "app.service"));
    BOOST_TEST(
        is_unit("0::/system.slice/system-app.slice/app@a\\x2db.service\n", "app@a\\x2db.service"));
    BOOST_TEST(is_unit("0::/system.slice/_cgroup.service\n", "cgroup.service"));
    BOOST_TEST(is_unit("0::/user.slice/user-0.slice/session-1.scope\n", "session-1.scope"));
    BOOST_TEST(is_unit("", ""));
    BOOST_TEST(is_unit("0::/\n", ""));
    BOOST_TEST(is_unit("0::/../x.service\n", ""));
}

BOOST_AUTO_TEST_CASE(a_user_unit_is_below_the_manager_of_its_user) {
    BOOST_TEST(is_unit("0::/user.slice/user-7.slice/user@7.service/app.slice/app.service\n",
                       "app.service", uid_t{7}));
    BOOST_TEST(
        is_unit("0::/user.slice/user-7.slice/user@7.service/init.scope\n", "init.scope", uid_t{7}));
    BOOST_TEST(is_unit("0::/user.slice/user-7.slice/user@7.service/sub\n", "user@7.service"));
    BOOST_TEST(is_unit("0::/user.slice/user-7.slice/user@7.service\n", "user@7.service"));
    BOOST_TEST(is_unit("0::/user@seven.service/a.service\n", "user@seven.service"));
}

BOOST_AUTO_TEST_CASE(a_control_group_within_a_unit_is_not_a_unit) {
    BOOST_TEST(is_unit("0::/system.slice/box.service/sshd.service\n", "box.service"));
    BOOST_TEST(is_unit("0::/system.slice/box.service/user@0.service/app.slice/a.service\n",
                       "box.service"));
    BOOST_TEST(
        is_unit("0::/user.slice/user-7.slice/user@7.service/app.slice/a.service/"
                "system.slice/sshd.service\n",
                "a.service", uid_t{7}));
    BOOST_TEST(
        is_unit("0::/machine.slice/libpod-1.scope/system.slice/sshd.service\n", "libpod-1.scope"));
}

BOOST_AUTO_TEST_CASE(the_hierarchy_of_systemd_counts_if_cgroup2_has_no_unit) {
    BOOST_TEST(is_unit("5:cpu:/x.service\n1:name=systemd:/system.slice/app.service\n0::/\n",
                       "app.service"));
    BOOST_TEST(
        is_unit("1:name=systemd:/old.service\n0::/system.slice/app.service\n", "app.service"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::process

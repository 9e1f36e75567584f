#include "base/system/selinux.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::system {
namespace {

BOOST_AUTO_TEST_SUITE(selinux)

BOOST_AUTO_TEST_CASE(a_label_takes_the_level_of_another) {
    const std::string own = "user_u:user_r:user_t:s0-s0:c0.c1023";
    BOOST_TEST(with_level_of(own, "system_u:object_r:container_file_t:s0:c1,c2")
               == "user_u:user_r:user_t:s0:c1,c2");
    BOOST_TEST(with_level_of(own, "system_u:object_r:container_file_t:s0")
               == "user_u:user_r:user_t:s0");
    for (const char* const without : {"", "unconfined", "a:b:c"}) {
        BOOST_TEST(with_level_of(own, without).empty());
        BOOST_TEST(with_level_of(without, own).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::system

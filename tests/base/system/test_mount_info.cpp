#include "base/system/mount_info.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::system {

BOOST_AUTO_TEST_SUITE(mount_info)

BOOST_AUTO_TEST_CASE(fields_of_mountinfo_after_optional_fields_are_found) {
    std::string_view text =
        "30 22 0:26 /app /a\\040b rw,relatime shared:3 master:1 - tmpfs none rw,size=1k\n";
    const auto mount = take_mount(text);
    BOOST_TEST_REQUIRE(mount.has_value());
    BOOST_TEST(mount->device == "0:26");
    BOOST_TEST(mount->root == "/app");
    BOOST_TEST(mount->path == "/a b");
    BOOST_TEST(mount->options == "rw,relatime");
    BOOST_TEST(mount->type == "tmpfs");
    BOOST_TEST(mount->super_options == "rw,size=1k");
    BOOST_TEST(!mount->is_read_only());
    BOOST_TEST(!take_mount(text).has_value());
}

BOOST_AUTO_TEST_CASE(an_ro_option_of_a_mount_or_file_system_means_read_only) {
    for (const char* const line : {"1 2 0:3 / /x ro,nosuid - tmpfs none rw",
                                   "1 2 0:3 / /x rw,nosuid - tmpfs none nodev,ro"}) {
        std::string_view text = line;
        BOOST_TEST(take_mount(text).value().is_read_only());
    }
    std::string_view writable = "1 2 0:3 / /x rw,errors=remount-ro - ext4 none rw";
    BOOST_TEST(!take_mount(writable).value().is_read_only());
}

BOOST_AUTO_TEST_CASE(malformed_lines_of_mountinfo_are_skipped) {
    std::string_view text = "rubbish\n\n1 2 0:3 / /x rw\n1 2 0:3 / /y rw - proc proc rw";
    BOOST_TEST(take_mount(text).value().path == "/y");
    BOOST_TEST(!take_mount(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system

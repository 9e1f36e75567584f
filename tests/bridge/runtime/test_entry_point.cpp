#include "bridge/runtime/entry_point.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "base/system/file.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace test_entry_point {

using boost::unit_test::precondition;

constexpr const char* process = "system_u:system_r:container_t:s0:c1,c2";
constexpr const char* program = "system_u:object_r:bin_t:s0";

/// A directory in place of /sys/fs/selinux, and the kernel's answer to a query about an access. The
/// numbers of class and permissions are examples, because each kernel has its own.
struct Policy {
    test::TemporaryDirectory directory;
    std::string query;
    std::string answer = "7 ffffffff 0 ffffffff 3 0";

    Policy() {
        std::filesystem::create_directories(directory.path("class/file/perms"));
        directory.write("enforce", "1");
        directory.write("class/file/index", "6");
        directory.write("class/file/perms/read", "2");
        directory.write("class/file/perms/execute", "1\n");
        directory.write("class/file/perms/entrypoint", "3");
        directory.write("class/file/perms/write", "4");
    }

    bool keeps_out(const char* file = program) {
        return is_execution_forbidden(process, file, directory.path(),
                                      [&](const std::string& asked) {
                                          query = asked;
                                          return system::Result<std::string>(answer);
                                      });
    }
};

BOOST_FIXTURE_TEST_SUITE(entry_point, Policy)

BOOST_AUTO_TEST_CASE(the_answer_of_selinux_is_parsed) {
    BOOST_TEST(parse_access("a0b ffffffff 0 ffffffff 3 0").value() == 0xa0bu);
    BOOST_TEST(!parse_access("").has_value());
    BOOST_TEST(!parse_access("none 0").has_value());
}

BOOST_AUTO_TEST_CASE(a_start_is_permitted_if_the_selinux_policy_allows_it) {
    BOOST_TEST(!keeps_out());
    BOOST_TEST(query == "system_u:system_r:container_t:s0:c1,c2 system_u:object_r:bin_t:s0 6");
}

BOOST_AUTO_TEST_CASE(the_start_of_a_program_needs_all_permissions) {
    for (const char* const less : {"3", "5", "6", "0", "b"}) {
        answer = std::string(less) + " ffffffff 0 ffffffff 3 0";
        BOOST_TEST(keeps_out());
    }
}

BOOST_AUTO_TEST_CASE(a_start_is_permitted_without_an_answer_of_selinux) {
    answer = "";
    BOOST_TEST(!keeps_out());
    answer = "0 ffffffff 0 ffffffff 3 0";
    BOOST_TEST(!keeps_out(""));
    directory.write("enforce", "0");
    BOOST_TEST(!keeps_out());
    directory.write("enforce", "1");
    BOOST_TEST(keeps_out());
    std::filesystem::remove(directory.path("class/file/index"));
    BOOST_TEST(!keeps_out());
}

BOOST_AUTO_TEST_CASE(a_start_is_permitted_if_the_kernel_returns_an_error) {
    BOOST_TEST(!is_execution_forbidden(process, program, directory.path(), [](const std::string&) {
        return system::Result<std::string>(system::error_of(EINVAL));
    }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(labelled_copies)

BOOST_AUTO_TEST_CASE(a_labelled_copy_is_complete_and_executable_for_all) {
    test::TemporaryDirectory directory;
    directory.write("own", "an executable");
    for (int times = 0; times < 2; ++times) {
        const std::string copy = labelled_copy(directory.path("own"), directory.path() + "/.", "");
        BOOST_TEST(copy == directory.path(".notifybridge"));
        BOOST_TEST(system::text_of(copy) == "an executable");
        struct stat status {};
        BOOST_TEST_REQUIRE(::stat(copy.c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 07777) == 0755u);
    }
}

BOOST_AUTO_TEST_CASE(a_labelled_copy_has_the_label_of_the_mount, *precondition(test::is_root)) {
    test::TemporaryDirectory directory;
    directory.write("own", "an executable");
    const std::string label = "system_u:object_r:container_file_t:s0:c1,c2";
    const std::string copy = labelled_copy(directory.path("own"), directory.path(), label);
    std::string value(256, '\0');
    const ssize_t size = ::getxattr(copy.c_str(), "security.selinux", value.data(), value.size());
    if (size >= 0)
        BOOST_TEST(std::string(value.c_str()) == label);
    else
        BOOST_TEST((errno == ENOTSUP));
}

BOOST_AUTO_TEST_CASE(a_start_without_a_labelled_copy_is_refused) {
    test::TemporaryDirectory directory;
    try {
        labelled_copy(directory.path("none"), directory.path(), "");
        BOOST_ERROR("it was not refused");
    } catch (const Refusal& refusal) {
        BOOST_TEST(std::string(refusal.what()).find("SELinux does not let the container run")
                   == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_hook_finds_its_bundle_only_with_podman_5) {
    const std::string bundle = "/var/lib/containers/storage/overlay-containers/88bf/userdata";
    BOOST_TEST(bundle_of_hook(bundle) == bundle);
    BOOST_TEST(bundle_of_hook(std::string("/")).empty());
    BOOST_TEST(bundle_of_hook(std::string("/home/anna/myuserdata")).empty());
    BOOST_TEST(bundle_of_hook(system::error_of(ENOENT)).empty());
}

BOOST_AUTO_TEST_CASE(without_a_selinux_label_our_own_executable_is_mounted) {
    BOOST_TEST(executable_for(Wish(), "/usr/bin/notifybridge", "/nowhere")
               == "/usr/bin/notifybridge");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace test_entry_point
}  // namespace notifybridge::runtime

#include "base/system/in_root.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/system/file.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

namespace fs = std::filesystem;

struct Tree {
    test::TemporaryDirectory directory;

    Tree() {
        fs::create_directories(directory.path("root/usr/bin"));
        directory.write("outside", "");
        directory.write("root/usr/bin/app", "");
    }

    void link(const char* target, const char* name) const {
        fs::create_symlink(target, directory.path(name));
    }

    /// Returns the real path below the temporary directory, or the error.
    std::string open(const char* path) const {
        const UniqueFd root(::open(directory.path("root").c_str(), O_PATH | O_CLOEXEC));
        const auto found = open_handle_in_root(root, path);
        if (!found)
            return found.error().message();
        return fs::relative(read_link(proc_path(*found)).value(), directory.path()).string();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(in_root, Tree)

BOOST_AUTO_TEST_CASE(a_path_is_resolved_below_the_root) {
    BOOST_TEST(open("/usr/bin/app") == "root/usr/bin/app");
    BOOST_TEST(open("usr//./bin/") == "root/usr/bin");
    BOOST_TEST(open("/") == "root");
    BOOST_TEST(open("") == "root");
    BOOST_TEST(open("/usr/../usr/bin") == "root/usr/bin");
    BOOST_TEST(open("/usr/none") == "No such file or directory");
    BOOST_TEST(open("/usr/bin/app/x") == "Not a directory");
}

BOOST_AUTO_TEST_CASE(no_link_leads_out_of_the_root) {
    link("/usr/bin", "root/absolute");
    link("usr", "root/relative");
    link("../../../outside", "root/up");
    link("/outside", "root/out");
    link("loop", "root/loop");
    link("../../../../usr/bin/app", "root/usr/app");
    BOOST_TEST(open("/absolute/app") == "root/usr/bin/app");
    BOOST_TEST(open("/relative/bin/app") == "root/usr/bin/app");
    BOOST_TEST(open("/usr/app") == "root/usr/bin/app");
    BOOST_TEST(open("../../outside") == "No such file or directory");
    BOOST_TEST(open("/up") == "No such file or directory");
    BOOST_TEST(open("/out") == "No such file or directory");
    BOOST_TEST(open("/loop") == "Too many levels of symbolic links");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system

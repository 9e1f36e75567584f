#include "base/system/mounts.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "support/temporary_directory.hpp"

namespace notifybridge::system {
namespace {

/// Returns a line of mountinfo.
std::string line(const std::string& place, const std::string& type) {
    return "36 35 98:0 /a " + place + " rw,noatime master:1 - " + type + " server rw\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mounts)

BOOST_AUTO_TEST_CASE(remote_fuse_and_unknown_mounts_count_as_slow) {
    std::string text = "garbage\n" + line("/", "fuse.overlay");
    for (const char* const type : {"ext4", "overlay", "proc", "tmpfs", "xfs", "zfs", "cgroup2"})
        text += line(std::string("/quick-") + type, type);
    for (const char* const type : {"nfs4", "fuse.bindfs", "9p", "autofs", "no-such"})
        text += line(std::string("/slow-") + type, type);
    text += line("/with\\040blank\\134", "nfs");
    const SlowMounts wanted = {"/slow-nfs4",   "/slow-fuse.bindfs", "/slow-9p",
                               "/slow-autofs", "/slow-no-such",     "/with blank\\"};
    BOOST_TEST((slow_mounts_in(text) == wanted));
    BOOST_TEST(slow_mounts_in("").empty());
}

BOOST_AUTO_TEST_CASE(a_path_to_a_slow_mount_is_recognized_through_links) {
    const test::TemporaryDirectory directory;
    const std::string top = std::filesystem::canonical(directory.path());
    const auto link = [&](const std::string& target, const std::string& name) {
        std::filesystem::create_symlink(target, top + "/" + name);
    };
    std::filesystem::create_directories(top + "/quick/deep");
    link("slow", "relative");
    link(top + "/slow/in", "absolute");
    link("../relative", "quick/up");
    link("round", "round");
    const SlowMounts slow = {top + "/slow"};
    for (const char* const path : {"/slow", "/slow/", "/slow/x/y", "//slow/./x", "/quick/../slow/x",
                                   "/quick/deep/../../slow", "/relative", "/relative/x",
                                   "/absolute", "/quick/up/x", "/*/x", "/sl[o]w/x"})
        BOOST_TEST(leads_over(slow, top + path), path);
    for (const char* const path : {"", "/", "/slower", "/quick", "/quick/slow", "/none/slow/x",
                                   "/round/x", "/quick/*", "/quick/deep/.."})
        BOOST_TEST(!leads_over(slow, top + path), path);
    BOOST_TEST(!leads_over(slow, "/../.."));
    BOOST_TEST(!leads_over(slow, ""));
    BOOST_TEST(!leads_over({}, top + "/slow"));
}

BOOST_AUTO_TEST_CASE(a_mount_is_found_by_its_path) {
    const std::string text = line("/", "ext4") + line("/a\\040b", "nfs");
    for (const char* const path : {"/", "/a b"})
        BOOST_TEST(has_mount_at(text, path), path);
    for (const char* const path : {"", "/a", "/a b/c", "/a\\040b"})
        BOOST_TEST(!has_mount_at(text, path), path);
    BOOST_TEST(Mounts::is_mounted("/proc"));
    BOOST_TEST(!Mounts::is_mounted("/proc/self"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system

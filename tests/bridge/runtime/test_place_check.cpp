#include "bridge/runtime/place_check.hpp"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "bridge/channel/container_places.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

const std::string executable = channel::executable_place;

std::string mount(const std::string& destination, const std::string& source) {
    return R"({"destination": ")" + destination + R"(", "source": ")" + source + R"("})";
}

/// A bundle whose image has some directories.
struct Image {
    test::TemporaryDirectory bundle;

    Image() { make("/run"); }

    void make(const std::string& path) const {
        std::filesystem::create_directories(bundle.path("rootfs" + path));
    }

    /// Returns whether the container is refused. `mounts` are separated by ",".
    bool is_refused(const std::string& mounts, const std::string& root = "rootfs",
                    bool knows_bundle = true) const {
        const auto config = boost::json::parse(R"({"root": {"path": ")" + root
                                               + R"("}, "mounts": [)" + mounts + "]}");
        return is_refused(config.get_object(), knows_bundle ? bundle.path() : "");
    }

    static bool is_refused(const boost::json::object& config, const std::string& where) {
        try {
            check_executable_place(config, where);
        } catch (const Refusal&) {
            return true;
        }
        return false;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(place_check, Image)

BOOST_AUTO_TEST_CASE(an_image_with_a_directory_at_our_path_is_refused) {
    BOOST_TEST(!is_refused(""));
    make(executable);
    BOOST_TEST(is_refused(""));
    BOOST_TEST(is_refused("", bundle.path("rootfs")));
    BOOST_TEST(is_refused(mount("/data", "/nonexistent")));
}

BOOST_AUTO_TEST_CASE(an_image_with_a_file_at_our_path_is_accepted) {
    bundle.write("rootfs" + executable, "");
    BOOST_TEST(!is_refused(""));
}

BOOST_AUTO_TEST_CASE(a_volume_with_a_directory_at_our_path_is_refused) {
    BOOST_TEST(is_refused(mount(executable, bundle.path())));
    BOOST_TEST(is_refused(mount("/data", bundle.path()) + ',' + mount(executable, "/")));
    bundle.write("file", "");
    BOOST_TEST(!is_refused(mount(executable, bundle.path("file"))));
}

BOOST_AUTO_TEST_CASE(a_mount_hides_a_directory_of_the_image) {
    make(executable);
    BOOST_TEST(!is_refused(mount("/run", "tmpfs")));
    BOOST_TEST(!is_refused(mount(executable, bundle.path("missing"))));
    // These mounts do not hide the path of the executable.
    BOOST_TEST(is_refused(mount("/ru", "tmpfs")));
    BOOST_TEST(is_refused(mount("", "tmpfs")));
}

BOOST_AUTO_TEST_CASE(a_link_of_the_image_is_followed_within_the_image) {
    const test::TemporaryDirectory outside;
    std::filesystem::create_directories(outside.path() + executable);
    std::filesystem::remove(bundle.path("rootfs/run"));
    std::filesystem::create_directory_symlink(outside.path() + "/run", bundle.path("rootfs/run"));
    BOOST_TEST(!is_refused(""));
    // Within the image, this link leads to the directory.
    std::filesystem::remove(bundle.path("rootfs/run"));
    std::filesystem::create_directory_symlink("/var/run", bundle.path("rootfs/run"));
    make("/var" + executable);
    BOOST_TEST(is_refused(""));
}

BOOST_AUTO_TEST_CASE(an_unknown_image_is_accepted) {
    make(executable);
    BOOST_TEST(!is_refused("", "rootfs", false));
    BOOST_TEST(!is_refused("", ""));
    BOOST_TEST(!is_refused("", "missing"));
    using boost::json::parse;
    for (const char* const text : {"{}", R"({"root": 1, "mounts": 2})", R"({"mounts": [3, {}]})",
                                   R"({"root": {"path": 4}, "mounts": [{"destination": 5}]})"})
        BOOST_TEST(!is_refused(parse(text).get_object(), bundle.path()), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

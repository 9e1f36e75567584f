#include "bridge/runtime/podman_images.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime::test_podman_images {
namespace {

using util::concat;

constexpr const char* list = R"([
    {"id": "0123456789abcdef", "digest": "sha256:aa", "names": ["docker.io/library/redis:7",
     "localhost/own:latest"], "big-data-digests": {"manifest": "sha256:aa", "list": "sha256:bb"}},
    {"id": "feed", "names": ["quay.io:443/podman/stable:latest"]},
    {"id": "ffff"}, 7, null
])";

struct Wanted {
    const char* name;
    bool is_there;

    friend std::ostream& operator<<(std::ostream& out, const Wanted& wanted) {
        return out << wanted.name;
    }
};

const Wanted wanted[] = {
    {"docker.io/library/redis:7", true},
    {"docker.io/redis:7", true},
    {"library/redis:7", true},
    {"redis:7", true},
    {"redis", false},
    {"redis:8", false},
    {"quay.io/library/redis:7", false},
    {"is:7", false},
    {"own", true},
    {"own:latest", true},
    {"localhost/own", true},
    {"docker.io/own", false},
    {"quay.io:443/podman/stable", true},
    {"podman/stable", true},
    {"redis@sha256:aa", true},
    {"docker.io/library/redis:7@sha256:bb", true},
    {"redis@sha256:cc", false},
    {"0123", true},
    {"sha256:0123456789abcdef", true},
    {"123", false},
    {"", false},
};

BOOST_AUTO_TEST_SUITE(podman_images)

BOOST_DATA_TEST_CASE(an_image_is_found_by_each_of_its_names, wanted, each) {
    BOOST_TEST(list_has_image(list, each.name) == each.is_there);
}

BOOST_AUTO_TEST_CASE(a_broken_list_of_images_has_no_image) {
    for (const char* const text : {"", "{}", "[", "[{\"names\": \"redis:latest\"}]"})
        BOOST_TEST(!list_has_image(text, "redis"), text);
}

BOOST_AUTO_TEST_CASE(a_short_name_may_have_an_alias) {
    constexpr const char* conf =
        "[aliases]\n  # \"x\" = \"y\"\n\"podman\" = \"quay.io/podman/stable\"\n"
        "[other]\n\"skopeo\" = \"quay.io/skopeo/stable\"\n";
    BOOST_TEST(full_name(conf, "podman") == "quay.io/podman/stable");
    BOOST_TEST(full_name(conf, "podman:v5") == "quay.io/podman/stable:v5");
    BOOST_TEST(full_name(conf, "skopeo") == "");
    BOOST_TEST(full_name(conf, "x") == "");
}

/// A user's directory and environment.
struct Home {
    test::TemporaryDirectory directory;
    std::map<std::string, std::string, std::less<>> variables = {{"HOME", directory.path()},
                                                                 {"USER", "ann"}};
    ManagerCommand command;

    std::string variable(std::string_view name) const {
        const auto found = variables.find(name);
        return found == variables.end() ? "" : found->second;
    }
    std::string path(std::string_view name) const { return directory.path(name); }
    void write(std::string_view name, std::string_view text) const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        directory.write(name, text);
    }
    std::vector<std::string> stores(bool is_root = false) const {
        return image_stores(
            command, [this](std::string_view name) { return variable(name); }, is_root);
    }
    ImagePresence find(std::string_view image) const {
        return find_podman_image(command, image,
                                 [this](std::string_view name) { return variable(name); });
    }
};

BOOST_FIXTURE_TEST_CASE(the_storage_of_a_user_is_below_the_home_directory, Home) {
    variables["CONTAINERS_STORAGE_CONF"] = path("none");
    BOOST_TEST(stores().front() == path(".local/share/containers/storage"));
    variables["XDG_DATA_HOME"] = "/data";
    BOOST_TEST(stores().front() == "/data/containers/storage");
    BOOST_TEST(stores(true).front() == "/var/lib/containers/storage");
    command.root = "/root";
    command.image_store = "/images";
    BOOST_TEST(stores() == (std::vector<std::string>{"/root", "/images"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_storage_in_storage_conf_is_found, Home) {
    write(".config/containers/storage.conf",
          "[storage]\ngraphroot = \"$HOME/$USER/storage\"\nrootless_storage_path = \"/b\"\n"
          "[storage.options]\nadditionalimagestores = [\n\"/more\",\n]\n");
    BOOST_TEST(stores() == (std::vector<std::string>{path("ann/storage"), "/more"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_image_of_a_command_is_looked_up, Home) {
    command.root = path("root");
    BOOST_TEST((find("redis:7") == ImagePresence::unknown));
    std::filesystem::create_directories(path("root/overlay-images"));
    BOOST_TEST((find("redis:7") == ImagePresence::missing));
    write("root/overlay-images/images.json", list);
    BOOST_TEST((find("redis:7") == ImagePresence::there));
    BOOST_TEST((find("redis:8") == ImagePresence::missing));
    BOOST_TEST((find("a.example/b") == ImagePresence::missing));
    BOOST_TEST((find("oci-archive:a.tar") == ImagePresence::unknown));
    // The image store of --imagestore.
    write("images/vfs-images/images.json", R"([{"id": "1", "names": ["a.example/b:latest"]}])");
    command.image_store = path("images");
    BOOST_TEST((find("a.example/b") == ImagePresence::there));
}

BOOST_FIXTURE_TEST_CASE(a_removed_container_is_not_in_the_storage, Home) {
    command.root = path("root");
    const auto is_removed = [this] {
        return has_podman_removed(command, "0123",
                                  [this](std::string_view name) { return variable(name); });
    };
    BOOST_TEST(!is_removed());
    std::filesystem::create_directories(path("root/overlay-images/0123"));
    BOOST_TEST(!is_removed());
    std::filesystem::create_directories(path("root/overlay-containers/4567"));
    BOOST_TEST(is_removed());
    std::filesystem::create_directories(path("root/overlay-containers/0123/userdata"));
    BOOST_TEST(!is_removed());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::runtime::test_podman_images

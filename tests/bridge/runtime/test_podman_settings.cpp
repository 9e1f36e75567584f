#include "bridge/runtime/podman_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {

namespace {

std::string runtime_in_settings(std::string_view text) {
    PodmanSettings settings;
    read_settings(text, settings);
    return settings.runtime;
}

std::vector<std::string> hooks_in_settings(std::string_view text) {
    PodmanSettings settings;
    read_settings(text, settings);
    return settings.hook_directories;
}

void check_hooks(std::string_view text, const std::vector<std::string>& wanted) {
    const auto found = hooks_in_settings(text);
    BOOST_TEST(found == wanted, boost::test_tools::per_element());
}

/// A user's settings. Returns "a:b" for a runtime with the paths "a" and "b".
struct User {
    test::TemporaryDirectory directory;
    std::map<std::string, std::string, std::less<>> variables{
        {"_CONTAINERS_USERNS_CONFIGURED", "done"}, {"XDG_CONFIG_HOME", directory.path("xdg")}};

    std::string write(const std::string& name, std::string_view runtimes) const {
        const std::filesystem::path path = directory.path(name);
        std::filesystem::create_directories(path.parent_path());
        directory.write(name, util::concat("[engine.runtimes]\n", runtimes));
        return path.string();
    }

    std::string paths_of(std::string_view runtime) const {
        const auto settings = read_podman_settings([&](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::string() : found->second;
        });
        std::string text;
        for (const std::string& path : runtime_paths(settings, runtime))
            text += util::concat(text.empty() ? "" : ":", path);
        return text;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(podman_settings)

BOOST_AUTO_TEST_CASE(the_runtime_in_podmans_settings_is_found) {
    BOOST_TEST(runtime_in_settings("[engine]\nruntime = \"kata\"\n") == "kata");
    BOOST_TEST(runtime_in_settings("[engine] # x\n\truntime='/opt/my/crun' # mine")
               == "/opt/my/crun");
    BOOST_TEST(runtime_in_settings("[engine]\nruntime=\"a\"\nruntime=\"b\"\n") == "b");
}

BOOST_AUTO_TEST_CASE(settings_of_podman_with_similar_names_are_ignored) {
    BOOST_TEST(runtime_in_settings("") == "");
    BOOST_TEST(runtime_in_settings("[engine]\n#runtime = \"kata\"\n") == "");
    BOOST_TEST(runtime_in_settings("[engine]\nruntime_supports_json = [\"kata\"]\n") == "");
    BOOST_TEST(runtime_in_settings("runtime = \"kata\"\n[containers]\nruntime = \"kata\"\n") == "");
    BOOST_TEST(runtime_in_settings("[engine]\n[engine.runtimes]\nruntime = \"kata\"\n") == "");
}

BOOST_AUTO_TEST_CASE(the_hook_directories_in_podmans_settings_are_found) {
    check_hooks("[engine]\nhooks_dir = [\"/a\", '/b'] # these\nruntime = \"crun\"\n", {"/a", "/b"});
    check_hooks("[engine]\nhooks_dir=[\n  \"/a\",  # \"/x\"\n  \"/b\",\n]\nruntime = \"crun\"",
                {"/a", "/b"});
    check_hooks("[engine]\nhooks_dir = [\"/a\"]\nhooks_dir = [\"/b]\"]\n", {"/b]"});
    check_hooks("[engine]\n# hooks_dir = [\"/a\"]\n[network]\nhooks_dir = [\"/b\"]\n", {});
    check_hooks("[engine]\nhooks_dir = [\"/a", {"/a"});
    check_hooks("[engine]\nhooks_dir =", {});
    BOOST_TEST(runtime_in_settings("[engine]\nhooks_dir = [\n\"/a\"\n]\nruntime = \"kata\"\n")
               == "kata");
}

BOOST_AUTO_TEST_CASE(a_runtime_has_podmans_usual_paths) {
    BOOST_TEST(User().paths_of("test-runtime")
               == "/usr/bin/test-runtime:/usr/sbin/test-runtime:/usr/local/bin/test-runtime:"
                  "/usr/local/sbin/test-runtime:/sbin/test-runtime:/bin/test-runtime:"
                  "/run/current-system/sw/bin/test-runtime");
}

BOOST_AUTO_TEST_CASE(the_paths_of_a_runtime_come_from_the_last_file_that_names_it) {
    User user;
    user.write("xdg/containers/containers.conf", "crun = [\"/a\", \"/b\"]\nkata = ['/k']\n");
    BOOST_TEST(user.paths_of("crun") == "/a:/b");
    user.write("xdg/containers/containers.conf.d/20.conf", "crun = [\n  \"/c\",  # new\n]\n");
    user.write("xdg/containers/containers.conf.d/10.conf", "crun = [\"/d\"]\n");
    BOOST_TEST(user.paths_of("crun") == "/c");
    BOOST_TEST(user.paths_of("kata") == "/k");
    user.variables["CONTAINERS_CONF_OVERRIDE"] = user.write("override", "crun = [\"/e\"]\n");
    BOOST_TEST(user.paths_of("crun") == "/e");
    BOOST_TEST(user.paths_of("kata") == "/k");
    user.variables["CONTAINERS_CONF"] = user.write("only", "crun = [\"/f\"]\nyouki = []\n");
    BOOST_TEST(user.paths_of("crun") == "/e");
    BOOST_TEST(user.paths_of("youki") == "");
    BOOST_TEST(user.paths_of("kata") != "/k");
    user.variables.erase("CONTAINERS_CONF_OVERRIDE");
    BOOST_TEST(user.paths_of("crun") == "/f");
}

BOOST_AUTO_TEST_CASE(the_settings_of_a_user_are_in_config_of_the_home_directory) {
    User user;
    user.variables.erase("XDG_CONFIG_HOME");
    user.variables["HOME"] = user.directory.path();
    user.write(".config/containers/containers.conf", "crun = [\"/h\"]\n");
    BOOST_TEST(user.paths_of("crun") == "/h");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

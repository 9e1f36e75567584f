#include "bridge/runtime/podman_settings.hpp"

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

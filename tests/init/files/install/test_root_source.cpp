#include "init/files/install/root_source.hpp"

#include "fixture.hpp"

namespace notifybridge::install {

BOOST_AUTO_TEST_SUITE(root_source)

BOOST_AUTO_TEST_CASE(an_absolute_link_starts_at_the_root_directory) {
    Root root;
    root.write("/a/file", "text");
    root.link("/b/link", "/a/file");
    const RootSource source(root.path());
    BOOST_TEST(source.resolve("/b/link") == "/a/file");
    BOOST_TEST(source.read("/b/link").value() == "text");
    BOOST_TEST((source.kind("/b/link") == load::FileKind::regular));
}

BOOST_AUTO_TEST_CASE(parents_of_the_root_directory_are_the_root_directory) {
    Root root;
    root.write("/a/file", "text");
    root.link("/b/link", "../../../../a/file");
    const RootSource source(root.path());
    BOOST_TEST(source.resolve("/b/link") == "/a/file");
    BOOST_TEST(source.resolve("/../..") == "/");
}

BOOST_AUTO_TEST_CASE(a_unit_file_outside_of_the_root_is_not_found) {
    Root root;
    root.link("/passwd", "/etc/passwd");
    BOOST_TEST((RootSource(root.path()).kind("/passwd") == load::FileKind::missing));
}

BOOST_AUTO_TEST_CASE(a_link_to_a_missing_dev_null_still_masks_a_unit) {
    Root root;
    root.link("/x", "/dev/null");
    BOOST_TEST((RootSource(root.path()).kind("/x") == load::FileKind::null));
}

BOOST_AUTO_TEST_CASE(the_search_through_a_cycle_of_links_ends) {
    Root root;
    root.link("/a", "b");
    root.link("/b", "a");
    const RootSource source(root.path());
    BOOST_TEST((source.kind("/a") == load::FileKind::missing));
    BOOST_TEST(!source.read("/a"));
}

BOOST_AUTO_TEST_CASE(real_path_does_not_follow_the_last_link) {
    Root root;
    root.link("/d", "/e");
    root.link("/e/link", "/nowhere");
    const RootSource source(root.path());
    BOOST_TEST(source.real_path("/d/link") == root.path() + "/e/link");
    BOOST_TEST(source.read_link("/d/link").value() == "/nowhere");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install

#include "init/install/root_source.hpp"

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

BOOST_AUTO_TEST_CASE(a_file_of_the_system_is_not_seen) {
    Root root;
    root.link("/passwd", "/etc/passwd");
    BOOST_TEST((RootSource(root.path()).kind("/passwd") == load::FileKind::missing));
}

BOOST_AUTO_TEST_CASE(a_link_to_dev_null_is_one_without_such_a_device) {
    Root root;
    root.link("/x", "/dev/null");
    BOOST_TEST((RootSource(root.path()).kind("/x") == load::FileKind::null));
}

BOOST_AUTO_TEST_CASE(links_that_go_round_end) {
    Root root;
    root.link("/a", "b");
    root.link("/b", "a");
    const RootSource source(root.path());
    BOOST_TEST((source.kind("/a") == load::FileKind::missing));
    BOOST_TEST(!source.read("/a"));
}

BOOST_AUTO_TEST_CASE(the_last_link_of_a_path_is_not_followed_for_where_it_is) {
    Root root;
    root.link("/d", "/e");
    root.link("/e/link", "/nowhere");
    const RootSource source(root.path());
    BOOST_TEST(source.real_path("/d/link") == root.path() + "/e/link");
    BOOST_TEST(source.read_link("/d/link").value() == "/nowhere");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install

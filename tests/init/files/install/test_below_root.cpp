#include "init/files/install/below_root.hpp"

#include "fixture.hpp"

namespace notifybridge::install {

BOOST_AUTO_TEST_SUITE(below_root)

BOOST_AUTO_TEST_CASE(an_absolute_link_below_the_root_starts_at_the_root) {
    Root root;
    root.write("/a/file", "text");
    root.link("/b/link", "/a/file");
    const std::string link = root.path() + "/b/link";
    const BelowRoot source(root.path());
    BOOST_TEST(source.read_link(link).value() == root.path() + "/a/file");
    BOOST_TEST(source.resolve(link) == root.path() + "/a/file");
    BOOST_TEST(source.read(link).value() == "text");
    BOOST_TEST((source.kind(link) == load::FileKind::regular));
}

BOOST_AUTO_TEST_CASE(look_returns_the_same_as_status_and_read) {
    Root root;
    root.write("/a/file", "text");
    root.link("/b/link", "/a/file");
    root.link("/b/mask", "/dev/null");
    root.link("/b/lost", "/none");
    root.link("/c", "/a");
    const BelowRoot source(root.path());
    for (const std::string name : {"/a/file", "/b/link", "/c/file", "/a/none", "/b/file"}) {
        const load::FileLook look = source.look(root.path() + name);
        const bool is_there = name != "/a/none" && name != "/b/file";
        BOOST_TEST((look.status.kind == load::FileKind::regular) == is_there, name);
        BOOST_TEST(look.text.value() == (is_there ? "text" : ""), name);
    }
    BOOST_TEST((source.look(root.path() + "/b/mask").status.kind == load::FileKind::null));
    BOOST_TEST((source.look(root.path() + "/b/lost").status.kind == load::FileKind::missing));
    BOOST_TEST((source.look(root.path() + "/a").status.kind == load::FileKind::directory));
}

BOOST_AUTO_TEST_CASE(a_changed_link_to_a_directory_is_followed_after_forget) {
    Root root;
    root.write("/old/file", "old");
    root.write("/new/file", "new");
    root.link("/link", "/old");
    BelowRoot source(root.path());
    BOOST_TEST(source.look(root.path() + "/link/file").text.value() == "old");
    std::filesystem::remove(root.path() + "/link");
    root.link("/link", "/new");
    source.forget();
    BOOST_TEST(source.look(root.path() + "/link/file").text.value() == "new");
}

BOOST_AUTO_TEST_CASE(the_directory_that_an_absolute_link_names_is_listed) {
    Root root;
    root.write("/a/file", "text");
    root.link("/b", "/a");
    BOOST_TEST(BelowRoot(root.path()).list(root.path() + "/b").size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_absolute_link_outside_the_root_starts_at_the_system_root) {
    Root root, other;
    root.write("/etc/passwd", "text");
    other.link("/link", "/etc/passwd");
    const std::string link = other.path() + "/link";
    const BelowRoot source(root.path());
    BOOST_TEST(source.read_link(link).value() == "/etc/passwd");
    BOOST_TEST(source.resolve(link) == "/etc/passwd");
    BOOST_TEST(source.read(link).value() != "text");
}

BOOST_AUTO_TEST_CASE(a_root_does_not_contain_a_sibling_with_a_longer_name) {
    Root root;
    root.link("-other/link", "/etc/passwd");
    const std::string other = root.path() + "-other";
    const std::string target = BelowRoot(root.path()).resolve(other + "/link");
    std::filesystem::remove_all(other);
    BOOST_TEST(target == "/etc/passwd");
}

BOOST_AUTO_TEST_CASE(an_absolute_link_starts_at_the_system_root_without_a_root) {
    Root root;
    root.link("/link", "/etc/passwd");
    BOOST_TEST(BelowRoot("").resolve(root.path() + "/link") == "/etc/passwd");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install

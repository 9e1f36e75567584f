#include "init/files/install/cached_source.hpp"

#include "counted_source.hpp"
#include "fixture.hpp"

namespace notifybridge::install {
BOOST_AUTO_TEST_SUITE(cached_source)

BOOST_AUTO_TEST_CASE(each_directory_and_each_link_is_read_once) {
    Root root;
    root.write("/d/file", "text");
    root.link("/d/link", "file");
    root.write("/d/sub.wants/x", "text");
    const RootSource files(root.path());
    const CountedSource counted(files);
    const CachedSource cached(counted);
    for (int round = 0; round < 3; ++round) {
        BOOST_TEST(cached.list("/d").size() == 3U);
        BOOST_TEST(cached.list("/d/sub.wants").size() == 1U);
        BOOST_TEST(cached.list("/d/none").empty());
        BOOST_TEST(cached.read_link("/d/link").value() == "file");
        BOOST_TEST(!cached.read_link("/d/file"));
        BOOST_TEST(!cached.read_link("/d/none"));
        BOOST_TEST((cached.kind("/d/link") == load::FileKind::regular));
        BOOST_TEST((cached.kind("/d/none") == load::FileKind::missing));
        BOOST_TEST(cached.read("/d/link").value() == "text");
        BOOST_TEST(cached.list("/none").empty());
        BOOST_TEST(!cached.read_link("/none/link"));
        BOOST_TEST((cached.kind("/none/file") == load::FileKind::missing));
    }
    BOOST_TEST(counted.listed.size() == 3U);
    BOOST_TEST(counted.links == 1U);
}

BOOST_AUTO_TEST_CASE(files_of_a_directory_that_was_not_listed_are_found) {
    Root root;
    root.write("/d/file", "text");
    root.link("/d/link", "file");
    const RootSource files(root.path());
    const CachedSource cached(files);
    BOOST_TEST(cached.read_link("/d/link").value() == "file");
    BOOST_TEST((cached.kind("/d/file") == load::FileKind::regular));
    BOOST_TEST((cached.kind("/d/none") == load::FileKind::missing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install

#include "init/hands/generate/find_generators.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/util/contains.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::generate {
namespace {

/// Two directories of generators, "a" before "b".
struct Directories : test::TemporaryDirectory {
    Directories() {
        std::filesystem::create_directory(path("a"));
        std::filesystem::create_directory(path("b"));
    }

    void add(const std::string& name, const std::string& text = "#!/bin/sh\n") const {
        write(name, text);
        std::filesystem::permissions(path(name), std::filesystem::perms(0755));
    }

    /// Returns the paths of the found generators, relative to the temporary directory.
    std::vector<std::string> found() const {
        std::vector<std::string> paths = find_generators({path("a"), path("b"), path("none")});
        for (std::string& each : paths)
            each.erase(0, path().size() + 1);
        return paths;
    }
};

using Paths = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(find_generators_)

BOOST_AUTO_TEST_CASE(generators_are_sorted_by_file_name) {
    const Directories directories;
    directories.add("b/10-first");
    directories.add("a/20-second");
    directories.add("b/30-third");
    BOOST_TEST(directories.found() == (Paths{"b/10-first", "a/20-second", "b/30-third"}));
}

BOOST_AUTO_TEST_CASE(generators_in_earlier_directories_override_later_generators) {
    const Directories directories;
    directories.add("a/one");
    directories.add("b/one");
    BOOST_TEST(directories.found() == Paths{"a/one"});
}

BOOST_AUTO_TEST_CASE(an_empty_file_or_a_null_device_masks_a_generator) {
    const Directories directories;
    for (const char* const name : {"b/empty", "b/null", "b/kept"})
        directories.add(name);
    directories.write("a/empty", "");
    std::filesystem::create_symlink("/dev/null", directories.path("a/null"));
    BOOST_TEST(directories.found() == Paths{"b/kept"});
}

BOOST_AUTO_TEST_CASE(files_that_are_not_programs_are_skipped_as_generators) {
    const Directories directories;
    directories.write("a/text", "no program");
    directories.add("b/text");
    std::filesystem::create_directory(directories.path("a/directory"));
    std::filesystem::create_symlink("nowhere", directories.path("a/dangling"));
    for (const char* const name : {"a/.hidden", "a/old~", "a/it.dpkg-new", "a/it.rpmsave"})
        directories.add(name);
    BOOST_TEST(directories.found() == Paths{"b/text"});
}

BOOST_AUTO_TEST_CASE(a_mount_generator_that_an_administrator_adds_is_run) {
    const Directories directories;
    directories.add("a/systemd-fstab-generator");
    BOOST_TEST(directories.found() == Paths{"a/systemd-fstab-generator"});
}

BOOST_AUTO_TEST_CASE(systemds_generators_for_mounts_are_skipped) {
    for (const std::string& path : find_generators({"/usr/lib/systemd/system-generators"}))
        BOOST_TEST(path.find("fstab") == path.npos);
}

BOOST_AUTO_TEST_CASE(a_generator_path_replaces_or_precedes_the_usual_directories) {
    BOOST_TEST(generator_directories().front() == "/run/systemd/system-generators");
    BOOST_TEST(generator_directories("/x:/y") == (Paths{"/x", "/y"}));
    const Paths both = generator_directories("/x:");
    BOOST_TEST(both.front() == "/x");
    BOOST_TEST(util::contains(both, "/usr/lib/systemd/system-generators"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::generate

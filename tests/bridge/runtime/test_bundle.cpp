#include "bridge/runtime/bundle.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

using boost::unit_test::precondition;
using util::concat;

struct Bundle {
    test::TemporaryDirectory directory;
    Call call;

    Bundle() {
        directory.write("config.json", "old");
        call.verb = "create";
        call.bundle = directory.path();
    }

    static std::string nothing(std::string_view) { return {}; }
    static std::string renew(std::string_view config) { return concat(config, " and new"); }

    std::string refusal(const Change& change = renew) const {
        try {
            change_bundle(call, change);
        } catch (const Refusal& refusal) {
            return refusal.what();
        }
        return "it was not refused";
    }

    struct stat status() const {
        struct stat status {};
        BOOST_TEST_REQUIRE(::stat(directory.path("config.json").c_str(), &status) == 0);
        return status;
    }

    /// Replaces the file with another one, as an editor does.
    void replace(std::string_view content) const {
        directory.write("other", content);
        BOOST_TEST_REQUIRE(
            ::rename(directory.path("other").c_str(), directory.path("config.json").c_str()) == 0);
    }
};

bool says(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

/// Returns whether `condition` holds in a child process that has a small tmpfs at `path`. Returns
/// nullopt if the child cannot mount the tmpfs.
template <typename Condition>
std::optional<bool> holds_on_full_disk(const std::string& path, Condition condition) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNS) < 0
            || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0
            || ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=8k") < 0)
            ::_exit(77);
        ::_exit(condition() ? 0 : 1);
    }
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return std::nullopt;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bundle, Bundle)

BOOST_AUTO_TEST_CASE(a_changed_config_replaces_the_old_config) {
    change_bundle(call, renew);
    BOOST_TEST(directory.read("config.json") == "old and new");
    BOOST_TEST(directory.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_content_of_an_old_config_that_is_open_stays_unchanged) {
    const auto old = system::open_regular(directory.fd(), "config.json", O_RDONLY);
    change_bundle(call, renew);
    BOOST_TEST(*system::read_text(*old, 100) == "old");
}

BOOST_AUTO_TEST_CASE(a_config_without_changes_stays_the_same_file) {
    const auto before = status().st_ino;
    change_bundle(call, nothing);
    BOOST_TEST(directory.read("config.json") == "old");
    BOOST_TEST(status().st_ino == before);
}

BOOST_AUTO_TEST_CASE(the_mode_of_a_changed_config_is_kept_with_any_umask) {
    for (const mode_t mode : {0600, 0644, 0666, 0400}) {
        BOOST_TEST_REQUIRE(::chmod(directory.path("config.json").c_str(), mode) == 0);
        const mode_t before = ::umask(0077);
        change_bundle(call, renew);
        ::umask(before);
        BOOST_TEST((status().st_mode & 07777) == mode);
    }
}

BOOST_AUTO_TEST_CASE(the_owner_of_a_changed_config_is_kept, *precondition(test::is_root)) {
    BOOST_TEST_REQUIRE(::chown(directory.path("config.json").c_str(), test::nobody, 1234) == 0);
    change_bundle(call, renew);
    BOOST_TEST(status().st_uid == test::nobody);
    BOOST_TEST(status().st_gid == 1234u);
}

BOOST_AUTO_TEST_CASE(the_bundle_defaults_to_the_current_directory) {
    call.bundle = Call().bundle;
    BOOST_TEST_REQUIRE(::chdir(directory.path().c_str()) == 0);
    change_bundle(call, renew);
    BOOST_TEST_REQUIRE(::chdir("/") == 0);
    BOOST_TEST(directory.read("config.json") == "old and new");
}

BOOST_AUTO_TEST_CASE(the_config_may_have_another_name_or_place) {
    directory.write("other.json", "other");
    call.config_name = "other.json";
    change_bundle(call, renew);
    BOOST_TEST(directory.read("other.json") == "other and new");
    call.bundle = "/nowhere";
    call.config_name = directory.path("other.json");
    change_bundle(call, renew);
    BOOST_TEST(directory.read("other.json") == "other and new and new");
    BOOST_TEST(directory.read("config.json") == "old");
}

BOOST_AUTO_TEST_CASE(a_missing_config_is_ignored) {
    std::filesystem::remove(directory.path("config.json"));
    change_bundle(call, renew);
    BOOST_TEST(directory.names().empty());
    call.bundle = directory.path("none");
    change_bundle(call, renew);
}

BOOST_AUTO_TEST_CASE(an_unreadable_config_is_refused_with_its_path) {
    std::filesystem::remove(directory.path("config.json"));
    std::filesystem::create_symlink("config.json", directory.path("config.json"));
    BOOST_TEST(refusal()
               == concat("cannot read \"", directory.path("config.json"),
                         "\": Too many levels of symbolic links"));
}

BOOST_AUTO_TEST_CASE(a_config_that_is_not_a_file_is_refused) {
    std::filesystem::remove(directory.path("config.json"));
    BOOST_TEST_REQUIRE(::mkfifo(directory.path("config.json").c_str(), 0644) == 0);
    BOOST_TEST(says(refusal(), "not a regular file"));
    std::filesystem::remove(directory.path("config.json"));
    std::filesystem::create_directory(directory.path("config.json"));
    BOOST_TEST(says(refusal(), "not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_config_above_the_largest_size_is_refused) {
    directory.write("config.json", "");
    std::filesystem::resize_file(directory.path("config.json"), most_read);
    std::size_t size = 0;
    change_bundle(call, [&](std::string_view config) {
        size = config.size();
        return std::string();
    });
    BOOST_TEST(size == most_read);
    std::filesystem::resize_file(directory.path("config.json"), most_read + 1);
    BOOST_TEST(says(refusal(), "has more than 64 MiB"));
}

BOOST_AUTO_TEST_CASE(a_refused_change_leaves_the_config_unchanged) {
    const auto before = status().st_ino;
    BOOST_TEST(refusal([](std::string_view) -> std::string { throw Refusal("no"); }) == "no");
    BOOST_TEST(directory.names().size() == 1u);
    BOOST_TEST(status().st_ino == before);
}

BOOST_AUTO_TEST_CASE(a_config_replaced_during_the_change_is_also_changed) {
    int calls = 0;
    change_bundle(call, [&](std::string_view config) {
        if (++calls == 1)
            replace("theirs");
        return renew(config);
    });
    BOOST_TEST(calls == 2);
    BOOST_TEST(directory.read("config.json") == "theirs and new");
    BOOST_TEST(directory.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_endlessly_replaced_config_is_refused) {
    int calls = 0;
    BOOST_TEST(says(refusal([&](std::string_view config) {
                        replace(concat("theirs ", ++calls));
                        return renew(config);
                    }),
                    "Device or resource busy"));
    BOOST_TEST(calls == 10);
    BOOST_TEST(directory.read("config.json") == "theirs 10");
    BOOST_TEST(directory.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_link_to_a_config_is_read_and_replaced) {
    directory.write("real.json", "real");
    std::filesystem::remove(directory.path("config.json"));
    std::filesystem::create_symlink("real.json", directory.path("config.json"));
    change_bundle(call, renew);
    BOOST_TEST(directory.read("config.json") == "real and new");
    BOOST_TEST(directory.read("real.json") == "real");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_config, *precondition(test::is_root)) {
    const auto held = holds_on_full_disk(directory.path(), [&] {
        directory.write("config.json", "old");
        const std::string said = refusal([](std::string_view) { return std::string(65536, 'x'); });
        return said.find("No space left on device") != said.npos
               && directory.read("config.json") == "old" && directory.names().size() == 1;
    });
    BOOST_TEST_WARN(held.has_value(), "nothing can be mounted here");
    BOOST_TEST(held.value_or(true));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

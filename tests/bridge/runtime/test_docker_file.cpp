#include "bridge/runtime/docker_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"
#include "support/variable.hpp"

namespace notifybridge::runtime::test_docker_file {
namespace {

using util::concat;

/// Makes the test act as a user other than root while this object lives. So the test does not use
/// the machine's own file.
class AsUser {
public:
    explicit AsUser(const std::string& home) {
        if (was_root_) {
            BOOST_TEST_REQUIRE(::chown(home.c_str(), test::nobody, test::nobody) == 0);
            BOOST_TEST_REQUIRE(::seteuid(test::nobody) == 0);
        }
    }
    AsUser(const AsUser&) = delete;
    AsUser& operator=(const AsUser&) = delete;
    ~AsUser() {
        if (was_root_)
            BOOST_TEST(::seteuid(0) == 0);
    }

private:
    bool was_root_ = ::geteuid() == 0;
};

/// The home of a user of a rootless docker.
struct DockerUser {
    test::TemporaryDirectory home;
    test::Variable home_variable{"HOME", home.path()};
    test::Variable settings_variable{"XDG_CONFIG_HOME", std::nullopt};
    AsUser user{home.path()};
    std::string usual = home.path(".config/docker/daemon.json");

    void put(std::string_view content) const {
        std::filesystem::create_directories(home.path(".config/docker"));
        home.write(".config/docker/daemon.json", content);
    }

    std::string content() const { return home.read(".config/docker/daemon.json"); }

    static std::string refusal(const std::string& text) {
        try {
            DockerFile().write(text);
        } catch (const Refusal& refusal) {
            return refusal.what();
        }
        return "it was not refused";
    }
};

bool has(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(docker_file, DockerUser)

BOOST_AUTO_TEST_CASE(a_users_docker_file_is_in_the_users_home) {
    BOOST_TEST(DockerFile().path() == usual);
    for (const std::string& settings : {std::string(), home.path("xdg")}) {
        const test::Variable variable("XDG_CONFIG_HOME", settings);
        const std::string above = settings.empty() ? home.path(".config") : settings;
        BOOST_TEST(DockerFile().path() == concat(above, "/docker/daemon.json"));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_docker_file_has_no_text) {
    const DockerFile file;
    BOOST_TEST(!file.exists());
    BOOST_TEST(file.text().empty());
}

BOOST_AUTO_TEST_CASE(an_empty_docker_file_exists) {
    put("");
    BOOST_TEST(DockerFile().exists());
    put("{}");
    BOOST_TEST(DockerFile().exists());
    BOOST_TEST(DockerFile().text() == "{}");
}

BOOST_AUTO_TEST_CASE(writing_a_docker_file_creates_missing_directories) {
    DockerFile().write("new");
    BOOST_TEST(content() == "new");
}

BOOST_AUTO_TEST_CASE(a_written_docker_file_keeps_its_mode) {
    put("old");
    BOOST_TEST_REQUIRE(::chmod(usual.c_str(), 0640) == 0);
    DockerFile().write("new");
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(usual.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0640u);
    BOOST_TEST(content() == "new");
}

BOOST_AUTO_TEST_CASE(the_target_of_a_linked_docker_file_is_written) {
    put("old");
    std::filesystem::rename(usual, home.path("target"));
    std::filesystem::create_symlink(home.path("target"), usual);
    const DockerFile file;
    BOOST_TEST(file.path() == std::filesystem::canonical(home.path("target")).string());
    file.write("new");
    BOOST_TEST(home.read("target") == "new");
    BOOST_TEST(std::filesystem::is_symlink(usual));
}

BOOST_AUTO_TEST_CASE(an_empty_text_removes_the_docker_file) {
    put("old");
    DockerFile().write("");
    BOOST_TEST(!std::filesystem::exists(usual));
    DockerFile().write("");
    BOOST_TEST(!std::filesystem::exists(usual));
}

// A file that cannot be read may have settings, which a new file would remove.
BOOST_AUTO_TEST_CASE(an_unreadable_docker_file_is_refused) {
    put("old");
    BOOST_TEST_REQUIRE(::chmod(usual.c_str(), 0200) == 0);
    BOOST_TEST(has(refusal("new"), concat("cannot read \"", usual, "\": Permission denied")));
    std::filesystem::remove(usual);
    std::filesystem::create_directory(usual);
    BOOST_TEST(has(refusal("new"), concat("cannot read \"", usual, '"')));
}

BOOST_AUTO_TEST_CASE(a_docker_file_that_cannot_be_written_is_refused) {
    put("old");
    BOOST_TEST_REQUIRE(::chmod(home.path(".config/docker").c_str(), 0500) == 0);
    for (const char* const text : {"new", ""})
        BOOST_TEST(has(refusal(text), concat("cannot write \"", usual, "\": Permission denied")));
    BOOST_TEST(content() == "old");
    BOOST_TEST_REQUIRE(::chmod(home.path(".config/docker").c_str(), 0700) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_docker_file

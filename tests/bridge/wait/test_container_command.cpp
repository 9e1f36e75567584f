#include "bridge/wait/container_command.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "support/log_records.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;

Settings settings_of(const char* line) {
    Settings settings;
    settings.command = test::words_of(line);
    return settings;
}

Settings with_members(Settings settings) {
    settings.members = {"db", "web"};
    return settings;
}

/// Replaces a standard stream with a file. The destructor restores the stream.
class Redirected {
public:
    Redirected(int stream, const char* path)
        : stream_(stream), before_(::fcntl(stream, F_DUPFD_CLOEXEC, 3)) {
        const system::UniqueFd file(::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
        BOOST_TEST_REQUIRE(::dup2(file.get(), stream) == stream);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;
    ~Redirected() { ::dup2(before_.get(), stream_); }

private:
    int stream_;
    system::UniqueFd before_;
};

/// Returns the result of `shares_output` if these files are our streams.
bool shares_output_to(const char* output, const char* error, const Settings& settings) {
    const Redirected first(STDOUT_FILENO, output);
    const Redirected second(STDERR_FILENO, error);
    return shares_output(settings);
}

bool shares_output_of(const char* line) {
    return shares_output_to("/dev/null", "/dev/null", settings_of(line));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(container_command)

BOOST_AUTO_TEST_CASE(each_manager_has_its_own_limit_for_a_pull) {
    struct Row {
        const char* line;
        const char* manager;
        std::uint64_t least_bytes;
    };
    const Row rows[] = {
        {"/usr/bin/podman run --name db redis:7", "podman", 4096},
        {"podman run redis:7 container-notify-wrapper redis-server", "podman", 4096},
        {"docker run redis:7", "docker", 100},
    };
    for (const Row& row : rows) {
        const auto pull = pull_of(settings_of(row.line));
        BOOST_TEST_REQUIRE(pull.has_value(), row.line);
        BOOST_TEST(pull->options.manager == row.manager);
        BOOST_TEST(pull->options.image == "redis:7");
        BOOST_TEST(pull->options.least_bytes == row.least_bytes);
        BOOST_TEST(pull->options.extends);
        BOOST_TEST(!pull->options.has_wrap);
        BOOST_TEST(pull->image.image == "redis:7");
    }
    Settings run = settings_of("podman run redis");
    run.wrap_options = "";
    BOOST_TEST(pull_of(run)->options.has_wrap);
}

BOOST_AUTO_TEST_CASE(the_option_no_extend_applies_to_the_pull_of_an_image) {
    Settings settings = settings_of("podman run redis");
    settings.extends = false;
    BOOST_TEST(!pull_of(settings)->options.extends);
}

BOOST_AUTO_TEST_CASE(the_pull_of_an_unknown_image_is_not_observed) {
    for (const char* const line : {"", "redis-server", "podman start db",
                                   "podman run --rootfs /srv/tree sh", "podman-compose up"})
        BOOST_TEST(!pull_of(settings_of(line)).has_value(), line);
    // The command of several containers does not name their images.
    BOOST_TEST(!pull_of(with_members(settings_of("podman run redis"))).has_value());
}

BOOST_AUTO_TEST_CASE(only_a_podman_that_is_attached_shares_its_output) {
    const std::pair<const char*, bool> lines[] = {
        {"podman run redis", true},
        {"/usr/bin/podman container run --rm redis", true},
        {"podman run --detach redis", false},
        {"podman run -a stdout redis", false},
        {"podman create redis", false},
        {"docker run redis", false},
        {"nerdctl run redis", false},
        {"redis-server", false},
        {"", false},
    };
    for (const auto& [line, shares] : lines)
        BOOST_TEST(shares_output_of(line) == shares, line);
    BOOST_TEST(
        !shares_output_to("/dev/null", "/dev/null", with_members(settings_of("podman run redis"))));
}

BOOST_AUTO_TEST_CASE(output_to_a_terminal_is_not_shared) {
    const system::UniqueFd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    BOOST_TEST_REQUIRE((terminal && ::unlockpt(terminal.get()) == 0));
    const std::string name = ::ptsname(terminal.get());
    const Settings settings = settings_of("podman run redis");
    BOOST_TEST(!shares_output_to(name.c_str(), "/dev/null", settings));
    BOOST_TEST(!shares_output_to("/dev/null", name.c_str(), settings));
}

BOOST_AUTO_TEST_CASE(a_container_starts_once_unless_podman_restarts_it) {
    for (const char* const line :
         {"podman run --rm redis", "docker run redis", "nerdctl run redis",
          "docker run --restart=always redis", "podman run --restart=no redis"})
        BOOST_TEST(starts_once(settings_of(line)), line);
    for (const char* const line : {"podman run --restart=always redis", "podman start -a redis",
                                   "podman create redis", "podman exec a b", "app"})
        BOOST_TEST(!starts_once(settings_of(line)), line);
    BOOST_TEST(!starts_once(with_members(settings_of("podman run redis"))));
}

BOOST_AUTO_TEST_CASE(a_named_container_can_be_killed) {
    const std::pair<const char*, bool> lines[] = {
        {"podman run --name db redis", true}, {"docker run --cidfile /tmp/id redis", true},
        {"podman run redis", false},          {"podman start db", false},
        {"redis-server --name db", false},    {"", false},
    };
    for (const auto& [line, can] : lines)
        BOOST_TEST(can_kill_container(settings_of(line)) == can, line);
    // A command with several containers ends these containers itself.
    BOOST_TEST(!can_kill_container(with_members(settings_of("podman run --name db redis"))));
}

BOOST_AUTO_TEST_CASE(a_missing_executable_causes_a_warning_before_docker_starts) {
    const test::TemporaryDirectory directory;
    const auto warnings = [](const std::string& line) {
        const test::LogRecords log(util::Severity::warning);
        warn_of_words(settings_of(line.c_str()));
        return log.texts();
    };
    const std::string missing = directory.path("missing");
    const std::string wrapper = ":/usr/bin/container-notify-wrapper redis";
    BOOST_TEST(warnings("docker run --volume " + missing + ":/data redis").empty());
    BOOST_TEST(warnings("podman run --volume " + missing + wrapper).empty());
    const auto found = warnings("docker run --volume " + missing + wrapper);
    BOOST_TEST_REQUIRE(found.size() == 1u);
    BOOST_TEST(found[0].find(missing) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait

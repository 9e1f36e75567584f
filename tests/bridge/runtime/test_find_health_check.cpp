#include "bridge/runtime/find_health_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/runtime/podman_storage.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_find_health_check {
namespace {

using test::words_of;
using util::concat;
using Words = std::vector<std::string>;

const std::string id(64, 'a');

constexpr const char* check = R"({"Healthcheck": {"Test": ["CMD", "/check"], "Retries": 2}})";

/// A podman container whose image has this configuration.
class PodmanContainer {
public:
    explicit PodmanContainer(std::string_view image) {
        const std::string place = "overlay-images/b";
        std::filesystem::create_directories(directory_.path(place));
        std::filesystem::create_directories(directory_.path("overlay-containers"));
        directory_.write(place + "/manifest", R"({"config": {"digest": "c"}})");
        directory_.write(concat(place, '/', data_file_name("c")), image);
        directory_.write("overlay-containers/containers.json",
                         concat(R"([{"id": ")", id, R"(", "image": "b"}])"));
    }

    Words find(std::string_view options, std::string_view line) const {
        return find_all(options, line).words;
    }

    HealthCheck find_all(std::string_view options, std::string_view line) const {
        return find_health_check(config_,
                                 directory_.path(concat("overlay-containers/", id, "/userdata")),
                                 words_of(options),
                                 {[&] { return words_of(line); },
                                  [&](const Words& question) {
                                      asked_ = question;
                                      return answer;
                                  }});
    }

    /// Removes the image, as if it were in another storage.
    void lose_image() const { std::filesystem::remove_all(directory_.path("overlay-images/b")); }

    const Words& asked() const { return asked_; }

    ManagerAnswer answer;  ///< The answer that podman prints.

private:
    mutable Words asked_;
    test::TemporaryDirectory directory_;
    boost::json::object config_ =
        boost::json::parse(R"({"annotations": {"io.container.manager": "libpod"}})").as_object();
};

struct Row {
    const char* options;
    const char* line;
    const char* words;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.options << " with " << row.line;
    }
};

constexpr const char* image_words = R"('--health-cmd=["CMD","/check"]' --health-retries=2)";

const Row rows[] = {
    {"", "", image_words},
    {"", "podman run redis", image_words},
    {"", "/usr/bin/podman run --health-interval=1s redis",
     R"('--health-cmd=["CMD","/check"]' --health-retries=2 --health-interval=1s)"},
    {"", "podman run --health-cmd=x --health-retries=5 redis", "--health-cmd=x --health-retries=5"},
    {"", "podman run --no-healthcheck redis", "--no-healthcheck"},
    {"", "podman run --no-healthcheck --health-cmd=x redis", "--no-healthcheck"},
    {"", "podman run --health-cmd=x --no-healthcheck redis", "--no-healthcheck"},
    {"--health=use", "podman run --no-healthcheck redis", image_words},
    {"--health=use", "podman run --health-cmd=none redis", image_words},
    {"--health-cmd=y", "podman run redis", ""},
    {"--health=ignore", "podman run redis", ""},
    {"--ready-when=start", "podman run redis", ""},
    {"--ready-when=healthy", "podman run redis", image_words},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(find_health_check)

BOOST_DATA_TEST_CASE(podmans_health_check_is_in_its_command_line_or_the_image, rows, row) {
    const PodmanContainer container(concat(R"({"config": )", check, '}'));
    BOOST_TEST(container.find(row.options, row.line) == words_of(row.words),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_health_check_in_container_config_is_found) {
    const PodmanContainer container(
        concat(R"({"container_config": )", check, R"(, "config": {}})"));
    BOOST_TEST(container.find("", "") == words_of(image_words), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_image_without_a_check_gives_no_options) {
    for (const char* const image : {"{}", R"({"config": {}})", R"({"config": null})"})
        BOOST_TEST(PodmanContainer(image).find("", "podman run --health-retries=1 x").empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_image_is_refused) {
    BOOST_CHECK_THROW(PodmanContainer("{").find("", ""), Refusal);
    BOOST_CHECK_THROW(PodmanContainer("[]").find("", ""), Refusal);
}

BOOST_AUTO_TEST_CASE(the_health_check_of_docker_is_in_its_record) {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path(id));
    const auto config =
        boost::json::parse(concat(R"({"mounts": [{"destination": "/etc/hosts", "source": ")",
                                  directory.path(id), R"(/hosts"}]})"));
    const auto find = [&] { return runtime::find_health_check(config.as_object(), "", {}, {}); };
    BOOST_CHECK_THROW(find(), Refusal);
    directory.write(concat(id, "/config.v2.json"), concat(R"({"Config": )", check, '}'));
    BOOST_TEST(find().words == words_of(image_words), boost::test_tools::per_element());
    directory.write(concat(id, "/config.v2.json"), "{}");
    BOOST_TEST(find().words.empty());
}

BOOST_AUTO_TEST_CASE(podman_is_queried_about_an_image_in_another_storage) {
    PodmanContainer container("{}");
    container.lose_image();
    container.answer = {concat('[', check, ']'), process::ExitStatus::exited(0)};
    const Words question = words_of("/bin/podman --root /x image inspect b");
    BOOST_TEST(container.find("", "/bin/podman --root /x run --health-retries=3 redis")
                   == words_of(concat(image_words, " --health-retries=3")),
               boost::test_tools::per_element());
    BOOST_TEST(container.asked() == question, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_unusable_answer_of_podman_is_refused_with_a_reason) {
    PodmanContainer container("{}");
    container.lose_image();
    const auto says = [&](std::string_view line, std::string_view text) {
        BOOST_CHECK_EXCEPTION(container.find("", line), Refusal, [&](const Refusal& refusal) {
            return std::string_view(refusal.what()).find(text) != std::string_view::npos;
        });
    };
    says("conmon", "image b is not in the storage that the container uses");
    says("podman run redis", "podman image inspect b did not answer completely within 5 s");
    container.answer.status = process::ExitStatus::exited(125);
    says("podman run redis", "podman image inspect b exited with status 125");
    container.answer.status = process::ExitStatus::exited(0);
    for (const char* const output : {"", "rubbish", "[]", "[1]", "{}"}) {
        container.answer.output = output;
        says("podman run redis", "podman image inspect b did not print a list of objects");
    }
    container.answer.output = R"([{"Healthcheck": 1}])";
    says("podman run redis", "record of it is damaged");
}

struct Created {
    const char* options;
    const char* line;     ///< The line of podman that starts the container.
    const char* created;  ///< The words of the line that created the container, in JSON.
    const char* question;
    const char* words;

    friend std::ostream& operator<<(std::ostream& out, const Created& row) {
        return out << row.line << " after " << row.created;
    }
};

const Created created[] = {
    {"", "podman start app", R"(["podman", "create", "--name=app", "redis"])", "podman",
     image_words},
    {"", "podman start app", R"(["podman", "create", "--no-healthcheck", "redis"])", "podman",
     "--no-healthcheck"},
    {"", "/x/podman --syslog restart -a", R"(["podman", "create", "--health-cmd", "x", "redis"])",
     "/x/podman --syslog", "--health-cmd=x"},
    {"", "podman start app", R"(["podman", "create", "--health-retries=7", "redis"])", "podman",
     R"('--health-cmd=["CMD","/check"]' --health-retries=2 --health-retries=7)"},
    // podman restarts a container itself when conmon calls this command.
    {"", "podman --root /r --network-backend cni --transient-store=false container cleanup app",
     R"(["podman", "run", "--restart=always", "--health-cmd=x", "redis"])",
     "podman --root /r --network-backend cni --transient-store=false", "--health-cmd=x"},
    {"--health=use", "podman start app", R"(["podman", "create", "--no-healthcheck", "redis"])",
     "podman", image_words},
};

BOOST_DATA_TEST_CASE(podman_is_queried_for_the_line_that_created_the_container, created, row) {
    PodmanContainer container(concat(R"({"config": )", check, '}'));
    container.answer = {concat(R"({"containerCreateCommand": )", row.created, '}'),
                        process::ExitStatus::exited(0)};
    const HealthCheck found = container.find_all(row.options, row.line);
    BOOST_TEST(found.words == words_of(row.words), boost::test_tools::per_element());
    BOOST_TEST(found.unknown == "");
    BOOST_TEST(container.asked() == words_of(concat(row.question, " generate spec --compact ", id)),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(podman_is_not_queried_for_a_known_or_unneeded_command_line) {
    const PodmanContainer container(concat(R"({"config": )", check, '}'));
    container.find("", "podman run redis");
    container.find("", "podman container create redis");
    for (const char* const options : {"--health-cmd=x", "--health=ignore", "--ready-when=start"})
        container.find(options, "podman start app");
    BOOST_TEST(container.asked().empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_command_line_falls_back_to_the_image_check) {
    PodmanContainer container(concat(R"({"config": )", check, '}'));
    const auto says = [&](std::string_view line, std::string_view reason) {
        const HealthCheck found = container.find_all("", line);
        BOOST_TEST(found.words == words_of(image_words), boost::test_tools::per_element());
        BOOST_TEST(found.unknown.find(reason) != found.unknown.npos, found.unknown);
    };
    says("conmon", "was not found");
    says("podman start app", "did not answer completely within 5 s");
    container.answer.status = process::ExitStatus::exited(125);
    says("podman start app", "exited with status 125");
    container.answer.status = process::ExitStatus::exited(0);
    for (const char* const output : {"", "rubbish", "[]", "null"}) {
        container.answer.output = output;
        says("podman start app", "did not print an object");
    }
    // Containers that were created with podman's API or `podman kube play` have no line.
    for (const char* const line : {"1", "[]", "[1]", R"(["podman"])", R"(["podman", "start", "x"])",
                                   R"(["docker", "create", "--health-cmd=x", "x"])"}) {
        container.answer.output = concat(R"({"containerCreateCommand": )", line, '}');
        says("podman start app", "no podman command line created");
    }
    container.answer.output = "{}";
    says("podman system service", "no podman command line created");
    BOOST_TEST(container.find_all("--health=use", "podman system service").unknown == "");
}

BOOST_AUTO_TEST_CASE(the_text_about_an_unknown_command_line_names_the_check) {
    const auto describes = [](HealthCheck check, std::string_view text) {
        check.unknown = "reason";
        const std::string sentence = describe_unknown(check);
        BOOST_TEST(sentence.find(text) != sentence.npos, sentence);
    };
    describes({}, "are unknown (reason): running no health check");
    describes({words_of("--no-healthcheck"), {}}, "running no health check");
    describes({{R"(--health-cmd=["CMD","/check","a b"])"}, {}}, R"(check "/check 'a b'";)");
    describes({{R"(--health-cmd=["CMD-SHELL","a || exit 1"])"}, {}}, R"(check "a || exit 1";)");
    describes({{R"(--health-cmd=["/check"])"}, {}}, R"(check "/check";)");
}

BOOST_AUTO_TEST_CASE(other_managers_are_not_queried_for_a_health_check) {
    const auto fails = [](const auto&...) -> Words {
        BOOST_ERROR("podman was asked");
        return {};
    };
    BOOST_TEST(runtime::find_health_check({}, "", {}, {fails, {}}).words.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_find_health_check

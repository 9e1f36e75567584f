#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <ostream>
#include <string>

#include "base/util/concat.hpp"
#include "bridge/runtime/podman_storage.hpp"
#include "bridge/runtime/published_ports.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_find_published_ports {
namespace {

using test::words_of;
using util::concat;

const std::string id(64, 'a');

struct Row {
    const char* options;  ///< The options of `wrap`.
    const char* source;   ///< podman's command line, or docker's hostconfig.json.
    const char* ports;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.options << " with " << row.source;
    }
};

/// The image exposes port 80 for TCP, and 53 for UDP.
constexpr const char* exposed = R"({"ExposedPorts": {"80/tcp": {}, "53/udp": {}}})";

const Row rows_of_podman[] = {
    {"", "podman run -p 8080:81 web", "81"},
    {"", "podman run web", ""},
    {"", "podman run -P web", "80"},
    {"", "podman run --publish-all=false web", ""},
    {"--ready-when=listen", "podman run web", "80"},
    {"--ready-when=listen", "podman run -p 81 web", "81"},
    {"--alive-when=listen", "podman run web", "80"},
    {"--ready-when=listen", "podman start web", "80"},
    {"", "podman start web", ""},
    {"--ready-when=notify", "podman run -p 81 web", ""},
    {"--published=82", "podman run -p 81 web", ""},
    {"", "", ""},
};

const Row rows_of_docker[] = {
    {"", R"({"PortBindings": {"81/tcp": [{"HostPort": "8080"}], "53/udp": []}})", "81"},
    {"", R"({"PortBindings": {}, "PublishAllPorts": false})", ""},
    {"", R"({"PortBindings": {}, "PublishAllPorts": true})", "80"},
    {"--ready-when=listen", R"({"PortBindings": null})", "80"},
    {"", R"({"PortBindings": {"81/tcp": []}, "NetworkMode": "host"})", ""},
    {"", R"({"PortBindings": {"x/tcp": [], "0/tcp": [], "99999/tcp": []}})", ""},
    {"", R"({"PortBindings": [81]})", ""},
    {"", "not JSON", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(find_published_ports)

BOOST_DATA_TEST_CASE(podmans_ports_are_in_its_command_line_or_the_image, rows_of_podman, row) {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path("overlay-images/b"));
    std::filesystem::create_directories(directory.path("overlay-containers"));
    directory.write("overlay-images/b/manifest", R"({"config": {"digest": "c"}})");
    directory.write(concat("overlay-images/b/", data_file_name("c")),
                    concat(R"({"config": )", exposed, '}'));
    directory.write("overlay-containers/containers.json",
                    concat(R"([{"id": ")", id, R"(", "image": "b"}])"));
    const auto config =
        boost::json::parse(R"({"annotations": {"io.container.manager": "libpod"}})").as_object();
    const std::string ports = runtime::find_published_ports(
        config, directory.path(concat("overlay-containers/", id, "/userdata")),
        words_of(row.options), {[&] { return words_of(row.source); }, nullptr});
    BOOST_TEST(ports == row.ports);
}

BOOST_DATA_TEST_CASE(dockers_ports_are_in_its_records, rows_of_docker, row) {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path(id));
    directory.write(concat(id, "/config.v2.json"), concat(R"({"Config": )", exposed, '}'));
    directory.write(concat(id, "/hostconfig.json"), row.source);
    const auto config =
        boost::json::parse(concat(R"({"mounts": [{"destination": "/etc/hostname", "source": ")",
                                  directory.path(concat(id, "/hostname")), R"("}]})"))
            .as_object();
    const std::string ports =
        runtime::find_published_ports(config, "", words_of(row.options), {nullptr, nullptr});
    BOOST_TEST(ports == row.ports);
}

BOOST_AUTO_TEST_CASE(other_managers_have_no_records) {
    BOOST_TEST(runtime::find_published_ports({}, "", {}, {nullptr, nullptr}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_find_published_ports

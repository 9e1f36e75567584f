#include "bridge/runtime/stop_signal.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

const std::string id(64, 'a');

boost::json::object config_of(std::string_view text) {
    return boost::json::parse(text).as_object();
}

/// Returns a config.json as docker 20.10 writes it, shortened.
boost::json::object config_of_docker(std::string_view directory) {
    return config_of(concat(R"({"mounts": [{"destination": "/proc", "source": "proc"},
        {"destination": "/etc/resolv.conf", "type": "bind", "source": ")",
                            directory, R"(/resolv.conf"}]})"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stop_signal)

BOOST_AUTO_TEST_CASE(the_stop_signal_is_read_from_podmans_annotation) {
    const auto annotated = [](std::string_view value) {
        return annotated_stop_signal(config_of(
            concat(R"({"annotations": {"org.opencontainers.image.stopSignal": )", value, "}}")));
    };
    BOOST_TEST(annotated("\"2\"").value() == 2);
    BOOST_TEST(annotated("\"SIGRTMIN+3\"").value() == 37);
    for (const char* const value : {"\"\"", "\"0\"", "\"x\"", "2", "null", "[]"})
        BOOST_TEST(!annotated(value).has_value(), value);
    for (const char* const text : {"{}", R"({"annotations": []})", R"({"annotations": {}})"})
        BOOST_TEST(!annotated_stop_signal(config_of(text)).has_value(), text);
}

BOOST_AUTO_TEST_CASE(the_docker_record_is_found_by_a_mount_of_the_container) {
    const std::string directory = concat("/var/lib/docker/containers/", id);
    BOOST_TEST(docker_record_path(config_of_docker(directory))
               == concat(directory, "/config.v2.json"));
    for (const char* const other : {"/run/containers", "relative", ""})
        BOOST_TEST(docker_record_path(config_of_docker(other)) == "", other);
    for (const char* const text : {"{}", R"({"mounts": 1})", R"({"mounts": [1, {}]})"})
        BOOST_TEST(docker_record_path(config_of(text)) == "", text);
}

BOOST_AUTO_TEST_CASE(the_record_of_docker_has_the_stop_signal) {
    BOOST_TEST(recorded_stop_signal(R"({"Config": {"StopSignal": "SIGINT"}})").value() == 2);
    BOOST_TEST(recorded_stop_signal(R"({"Config": {"StopSignal": "usr1"}})").value() == 10);
    for (const char* const text : {"", "{", "{}", R"({"Config": null})", R"({"Config": {}})",
                                   R"({"Config": {"StopSignal": 3}})"})
        BOOST_TEST(!recorded_stop_signal(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(an_unreadable_record_of_docker_has_no_stop_signal) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path(id);
    BOOST_TEST(!find_stop_signal(config_of_docker(path)).has_value());
    std::filesystem::create_directory(path);
    BOOST_TEST(!find_stop_signal(config_of_docker(path)).has_value());
    directory.write(concat(id, "/config.v2.json"), R"({"Config": {"StopSignal": "SIGQUIT"}})");
    BOOST_TEST(find_stop_signal(config_of_docker(path)).value() == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime

#include "bridge/runtime/podman_storage.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime::test_podman_storage {
namespace {

using util::concat;

const std::string id(64, 'a');
const std::string image(64, 'b');

boost::json::object config_of(std::string_view text) {
    return boost::json::parse({text.data(), text.size()}).as_object();
}

std::string list_with(std::string_view container) {
    return concat(R"([{"id": "other", "image": "other"}, {"id": ")", container, R"(", "image": ")",
                  image, R"(", "names": ["app"]}])");
}

/// The directories of podman's --root and --runroot.
struct Storage {
    Storage() {
        for (const char* const place :
             {"root/overlay-containers", "runroot/overlay-containers", "root/overlay-images"})
            std::filesystem::create_directories(directory.path(place));
    }

    std::string bundle() const {
        return directory.path(concat("root/overlay-containers/", id, "/userdata"));
    }

    boost::json::object config() const {
        return config_of(
            concat(R"({"mounts": [{"destination": "/etc/hosts", "source": ")",
                   directory.path(concat("runroot/overlay-containers/", id, "/userdata/hosts")),
                   R"("}]})"));
    }

    void write_image(std::string_view manifest, std::string_view text) {
        const std::string place = concat("root/overlay-images/", image);
        std::filesystem::create_directories(directory.path(place));
        directory.write(place + "/manifest", manifest);
        directory.write(concat(place, '/', data_file_name("sha256:c")), text);
    }

    test::TemporaryDirectory directory;
};

constexpr const char* manifest = R"({"schemaVersion": 2, "config": {"digest": "sha256:c"}})";

bool says(const Refusal& refusal, std::string_view text) {
    return std::string_view(refusal.what()).find(text) != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(podman_storage)

BOOST_AUTO_TEST_CASE(an_annotation_identifies_the_containers_of_podman) {
    BOOST_TEST(is_podmans(config_of(R"({"annotations": {"io.container.manager": "libpod"}})")));
    for (const char* const text : {"{}", R"({"annotations": 1})", R"({"annotations": {}})",
                                   R"({"annotations": {"io.container.manager": "cri-o"}})"})
        BOOST_TEST(!is_podmans(config_of(text)), text);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_bundle_names_storage_and_container) {
    const StoredContainer expected = {"/var/lib/containers/storage/overlay", id};
    const std::string directory = concat("/var/lib/containers/storage/overlay-containers/", id);
    for (const char* const rest : {"/userdata", "/userdata/", "/userdata/shm"})
        BOOST_TEST((stored_container(directory + rest) == expected), rest);
    for (const std::string& path :
         {directory, concat(directory, "/other"), concat(directory, "b/userdata"),
          concat("overlay-containers/", id, "/userdata"), std::string("/x/overlay-containers/"),
          std::string()})
        BOOST_TEST(!stored_container(path).has_value(), path);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_data_file_of_podman_is_in_base64) {
    BOOST_TEST(data_file_name("sha256:3478054e0a832ce335b3bafbd32eb40ddbbd25b8b9adbbc17736360f4e95"
                              "ab8d")
               == "=c2hhMjU2OjM0NzgwNTRlMGE4MzJjZTMzNWIzYmFmYmQzMmViNDBkZGJiZDI1YjhiOWFkYmJjMTc3Mz"
                  "YzNjBmNGU5NWFiOGQ=");
    BOOST_TEST(data_file_name("a") == "=YQ==");
    BOOST_TEST(data_file_name("abc") == "=YWJj");
}

BOOST_AUTO_TEST_CASE(the_list_of_containers_names_the_image) {
    BOOST_TEST(image_in_list(list_with(id), id).value() == image);
    BOOST_TEST(image_in_list(R"([{"id": "a"}])", "a").value() == "");
    for (const char* const text : {"", "{}", "[", "[]", "[1]", R"([{"id": 1}])"})
        BOOST_TEST(!image_in_list(text, id).has_value(), text);
}

BOOST_AUTO_TEST_CASE(the_configuration_of_the_image_is_found) {
    for (const char* const list : {"root/overlay-containers/containers.json",
                                   "runroot/overlay-containers/volatile-containers.json",
                                   "runroot/overlay-containers/containers.json"}) {
        Storage storage;
        storage.directory.write(list, list_with(id));
        storage.write_image(manifest, "{\"config\": 1}");
        BOOST_TEST(find_stored_image(storage.config(), storage.bundle()).config.value()
                   == "{\"config\": 1}");
    }
}

BOOST_AUTO_TEST_CASE(a_hook_finds_its_bundle_through_the_mounts) {
    Storage storage;
    storage.directory.write("root/overlay-containers/containers.json", list_with(id));
    storage.write_image(manifest, "{}");
    const auto config =
        config_of(concat(R"({"mounts": [{"source": ")", storage.bundle(), R"(/shm"}]})"));
    BOOST_TEST(find_stored_image(config, "").config.value() == "{}");
}

BOOST_AUTO_TEST_CASE(a_container_without_an_image_has_an_empty_config) {
    Storage storage;
    storage.directory.write("root/overlay-containers/containers.json",
                            concat(R"([{"id": ")", id, R"(", "image": ""}])"));
    BOOST_TEST(find_stored_image(storage.config(), storage.bundle()).config.value() == "");
}

BOOST_AUTO_TEST_CASE(an_image_of_an_old_format_has_no_configuration) {
    Storage storage;
    storage.directory.write("root/overlay-containers/containers.json", list_with(id));
    storage.write_image(R"({"schemaVersion": 1})", "");
    BOOST_TEST(find_stored_image(storage.config(), storage.bundle()).config.value() == "");
}

BOOST_AUTO_TEST_CASE(an_image_in_another_storage_has_an_id_but_no_config) {
    Storage storage;
    storage.directory.write("root/overlay-containers/containers.json", list_with(id));
    const StoredImage found = find_stored_image(storage.config(), storage.bundle());
    BOOST_TEST(found.id == image);
    BOOST_TEST(!found.config.has_value());
}

BOOST_AUTO_TEST_CASE(missing_data_of_podman_is_refused_with_a_reason) {
    Storage storage;
    const auto check = [&](std::string_view bundle, std::string_view text) {
        BOOST_CHECK_EXCEPTION(
            find_stored_image(bundle.empty() ? config_of("{}") : storage.config(), bundle), Refusal,
            [&](const Refusal& refusal) { return says(refusal, text); });
    };
    check("", "the location of the container in podman's storage");
    check(storage.bundle(), "storage contains this container");
    storage.directory.write("root/overlay-containers/containers.json", "[");
    check(storage.bundle(), "storage contains this container");
    storage.directory.write("root/overlay-containers/containers.json", list_with(id));
    storage.write_image(R"({"config": {"digest": "sha256:lost"}})", "{}");
    check(storage.bundle(), "cannot read \"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_podman_storage

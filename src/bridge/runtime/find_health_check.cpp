#include "bridge/runtime/find_health_check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <system_error>
#include <utility>

#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/docker_json.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/health_options.hpp"
#include "bridge/runtime/json_text.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/podman_storage.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/stop_signal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;
using Words = std::vector<std::string>;

/// Returns the member `name` of a JSON object. Returns null if there is no such member.
json::value member_in(std::string_view text, std::string_view name) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error, {}, json_of_any_bytes);
    const json::object* const object = error ? nullptr : value.if_object();
    if (!object)
        throw Refusal("its description is not JSON");
    const json::value* const member = object->if_contains(name);
    return member ? *member : json::value();
}

Words of_docker(const std::string& path) {
    const auto record = system::read_text(path, most_record);
    if (!record)
        throw Refusal(concat("cannot read ", util::quote(path), ": ",
                             system::describe(record.error().value())));
    return health_words(member_in(*record, "Config"));
}

/// Returns the check in the configuration of an image. One of two members may contain it.
Words of_image_config(std::string_view image) {
    if (image.empty())
        return {};
    Words words = health_words(member_in(image, "container_config"));
    return words.empty() ? health_words(member_in(image, "config")) : words;
}

/// Asks podman for the image's health check.
Words of_podmans_answer(const Podman& podman, Words question, const std::string& image) {
    question.insert(question.end(), {"image", "inspect", image});
    const std::string asked = util::join_shell_words(question);
    ManagerAnswer answer;
    try {
        answer = podman.ask(std::move(question));
    } catch (const std::system_error& error) {
        throw Refusal(concat("cannot run ", asked, ": ", error.what()));
    }
    if (!answer.status)
        throw Refusal(
            concat(asked, " did not answer completely within ", longest_answer.count(), " s"));
    if (!answer.status->success())
        throw Refusal(concat(asked, ' ', process::describe(*answer.status)));
    const json::value images = read_docker_json(answer.output);
    const json::array* const list = images.if_array();
    if (!list || list->empty() || !list->front().is_object())
        throw Refusal(concat(asked, " did not print a list of objects"));
    return health_words(list->front());
}

/// The relevant words of podman's command line.
struct Line {
    HealthOptions options;
    Words manager;  ///< podman and its global options.
};

Line read_line(const Words& words) {
    const auto places = find_manager_command(words);
    if (!places || places->manager != Manager::podman)
        return {};
    return {read_health_options(words, *places),
            Words(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(places->global_end))};
}

}  // namespace

Words find_health_check(const json::object& config, std::string_view bundle,
                        std::span<const std::string> wrap_options, const Podman& podman) {
    if (!uses_health_check(wrap_options) || has_health_command(wrap_options))
        return {};
    if (const std::string record = docker_record_path(config); !record.empty())
        return of_docker(record);
    if (!is_podmans(config))
        return {};
    Line line = read_line(podman.command_line());
    // With --health=use, podman's check may be switched off only because `wrap` runs that check.
    if (line.options.is_off && !says_health(wrap_options, "use"))
        return {std::string(no_health_check)};
    if (line.options.has_command)
        return std::move(line.options.words);
    const StoredImage image = find_stored_image(config, bundle);
    if (!image.config && line.manager.empty())
        throw Refusal(concat("image ", image.id, " is not in the storage that the container uses"));
    Words words = image.config ? of_image_config(*image.config)
                               : of_podmans_answer(podman, std::move(line.manager), image.id);
    if (!words.empty() && words.front() != no_health_check)
        words.insert(words.end(), line.options.words.begin(), line.options.words.end());
    return words;
}

}  // namespace notifybridge::runtime

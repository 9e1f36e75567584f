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
        throw Refusal("the container manager's record of the health check is not JSON");
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

/// Runs podman with the words of `question`. Returns its output.
std::string ask(const Podman& podman, Words question) {
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
    return std::move(answer.output);
}

/// Asks podman for the image's health check.
Words of_podmans_answer(const Podman& podman, Words question, const std::string& image) {
    question.insert(question.end(), {"image", "inspect", image});
    const std::string asked = util::join_shell_words(question);
    const json::value images = read_docker_json(ask(podman, std::move(question)));
    const json::array* const list = images.if_array();
    if (!list || list->empty() || !list->front().is_object())
        throw Refusal(concat(asked, " did not print a list of objects"));
    return health_words(list->front());
}

/// Asks podman for the command line that created the container. While podman starts the container,
/// it holds the container's lock. So `podman inspect` and `podman ps` would wait for us. The
/// command `podman generate spec` only reads the stored configuration. This was tested with podman
/// 4.3 and 5.4, and with both of their databases.
Words creating_line(const Podman& podman, Words question, const std::string& id) {
    question.insert(question.end(), {"generate", "spec", "--compact", id});
    const std::string asked = util::join_shell_words(question);
    const json::value spec = read_docker_json(ask(podman, std::move(question)));
    if (!spec.is_object())
        throw Refusal(concat(asked, " did not print an object"));
    const json::value* const member = spec.get_object().if_contains("containerCreateCommand");
    const json::array* const list = member ? member->if_array() : nullptr;
    Words line;
    if (list)
        for (const json::value& word : *list)
            if (const json::string* const text = word.if_string())
                line.emplace_back(*text);
    return line;
}

/// The relevant words of podman's command lines.
struct Line {
    HealthOptions options;
    Words manager;        ///< podman and its global options; empty if podman is not found.
    std::string unknown;  ///< As in HealthCheck.
};

bool is_podman(const ManagerCommand& places) {
    return places.manager->name == "podman";
}

std::optional<HealthOptions> options_in(const Words& line) {
    const auto places = find_manager_command(line);
    return places && is_podman(*places) ? std::optional(read_health_options(line, *places))
                                        : std::nullopt;
}

/// Reads the command line of the podman that calls us. A command other than `podman run`, such as
/// `podman start`, has no health options. In that case, reads the line that created the container.
Line read_line(const Podman& podman, const std::vector<StoredContainer>& containers) {
    const Words words = podman.command_line();
    const auto places = split_manager_command(words);
    Line line;
    if (places && is_podman(*places))
        line.manager.assign(words.begin(),
                            words.begin() + static_cast<std::ptrdiff_t>(places->global_end));
    auto options = options_in(words);
    if (line.manager.empty()) {
        line.unknown = "the podman that starts this container was not found";
    } else if (!options && !containers.empty()) {
        try {
            options = options_in(creating_line(podman, line.manager, containers.front().id));
            if (!options)
                line.unknown = "no podman command line created this container";
        } catch (const Refusal& refusal) {
            line.unknown = refusal.what();
        }
    }
    if (options)
        line.options = *std::move(options);
    return line;
}

/// Returns the command in `option`, which health_words() has made from an image's check.
std::string command_in(std::string_view option) {
    const json::value test = read_docker_json(option.substr(option.find('=') + 1));
    if (!test.is_array())
        return std::string(option);
    Words words;
    for (const json::value& word : test.get_array())
        words.emplace_back(word.as_string());
    if (words.front() == "CMD-SHELL")
        return words.back();
    if (words.front() == "CMD")
        words.erase(words.begin());
    return util::join_shell_words(words);
}

}  // namespace

HealthCheck find_health_check(const json::object& config, std::string_view bundle,
                              std::span<const std::string> wrap_options, const Podman& podman) {
    if (!uses_health_check(wrap_options) || has_health_command(wrap_options))
        return {};
    if (const std::string record = docker_record_path(config); !record.empty())
        return {of_docker(record), {}};
    if (!is_podmans(config))
        return {};
    Line line = read_line(podman, stored_containers(config, bundle));
    // If --health=use is given, podman's check may be switched off only because `wrap` runs that
    // check.
    if (line.options.is_off && !has_health_option(wrap_options, "use"))
        return {{std::string(no_health_check)}, {}};
    if (line.options.has_command)
        return {std::move(line.options.words), {}};
    const StoredImage image = find_stored_image(config, bundle);
    if (!image.config && line.manager.empty())
        throw Refusal(concat("image ", image.id, " is not in the storage that the container uses"));
    HealthCheck check;
    check.words = image.config ? of_image_config(*image.config)
                               : of_podmans_answer(podman, std::move(line.manager), image.id);
    // If --health=use is given, the user has chosen the image's check, so no warning is needed.
    if (!has_health_option(wrap_options, "use"))
        check.unknown = std::move(line.unknown);
    if (has_health_command(check.words))
        check.words.insert(check.words.end(), line.options.words.begin(), line.options.words.end());
    return check;
}

std::string describe_unknown(const HealthCheck& check) {
    const std::string reason =
        concat("podman's health options for this container are unknown (", check.unknown, "): ");
    if (!has_health_command(check.words))
        return concat(reason,
                      "running no health check, because the image has none; if the container has "
                      "one, set --health-cmd= in NOTIFYBRIDGE_OPTIONS");
    return concat(reason, "running the image's health check ",
                  util::quote(command_in(check.words.front())),
                  "; to choose a check, set --health-cmd=, --no-healthcheck, --health=ignore or "
                  "--health=use (this one) in NOTIFYBRIDGE_OPTIONS");
}

}  // namespace notifybridge::runtime

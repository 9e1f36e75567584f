#include "bridge/runtime/container_config.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <span>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/container_places.hpp"
#include "bridge/runtime/container_command.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/json_text.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;
using util::quote;

constexpr const char* directory_variable = "SHARED_DIR";
constexpr const char* watchdog_variable = "WATCHDOG_USEC";

[[noreturn]] void refuse_shape(std::string_view member, std::string_view shape) {
    throw Refusal(
        concat("config.json: ", member, " must be ", shape, " (OCI runtime specification)"));
}

/// Returns the member with this name and type. Returns nullptr if there is no such member.
const json::object* find_object(const json::object& object, std::string_view name) {
    const json::value* const member = object.if_contains(name);
    return member ? member->if_object() : nullptr;
}

const json::array* find_array(const json::object& object, std::string_view name) {
    const json::value* const member = object.if_contains(name);
    return member ? member->if_array() : nullptr;
}

std::string_view find_string(const json::object& object, std::string_view name) {
    const json::value* const member = object.if_contains(name);
    const json::string* const text = member ? member->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

std::optional<std::uint32_t> find_id(const json::object* object, std::string_view name) {
    const json::value* const member = object ? object->if_contains(name) : nullptr;
    if (!member)
        return std::nullopt;
    boost::system::error_code error;
    const auto id = member->to_number<std::uint32_t>(error);
    return error ? std::nullopt : std::optional(id);
}

bool names(const json::value& entry, std::string_view variable) {
    const json::string* const text = entry.if_string();
    return text && text->starts_with(variable) && text->size() > variable.size()
           && (*text)[variable.size()] == '=';
}

/// Returns the value of a variable of the container. If the variable is set several times, the last
/// value counts, as for container managers.
std::optional<std::string_view> find_variable(const json::array& environment,
                                              std::string_view variable) {
    for (auto entry = environment.rbegin(); entry != environment.rend(); ++entry)
        if (names(*entry, variable))
            return std::string_view(entry->get_string()).substr(variable.size() + 1);
    return std::nullopt;
}

std::vector<std::string> split_options(std::string_view text) {
    std::vector<std::string> options;
    util::WordReader words(text, util::escaped_words);
    util::Extracted outcome;
    for (std::string word; (outcome = words.next(word)) == util::Extracted::word;)
        options.push_back(word);
    if (outcome == util::Extracted::invalid)
        throw Refusal(concat(
            options_variable, '=', quote(text),
            " has a quote that does not end, or an unknown escape sequence; quote it as in a "
            "unit file"));
    return options;
}

/// Returns whether the options of `wrap` name a shared directory. `read_wish` later refuses options
/// that are not valid.
bool names_directory(std::string_view options) {
    util::WordReader reader(options, util::escaped_words);
    std::string word;
    util::Extracted extracted = reader.next(word);
    for (; extracted == util::Extracted::word; extracted = reader.next(word))
        if (word.starts_with("--shared-dir") || word.starts_with("-d"))
            return true;
    return extracted == util::Extracted::invalid && options.find("--shared-dir") != options.npos;
}

/// Removes double slashes, and slashes at the end.
std::string tidy_path(std::string_view path) {
    std::string tidy;
    for (const char byte : path)
        if (byte != '/' || tidy.empty() || tidy.back() != '/')
            tidy += byte;
    if (tidy.size() > 1 && tidy.back() == '/')
        tidy.pop_back();
    return tidy;
}

[[noreturn]] void refuse_place(std::string_view directory) {
    throw Refusal(concat("SHARED_DIR=", quote(directory), " conflicts with ",
                         channel::executable_place,
                         ", where notifybridge mounts its executable; choose another path"));
}

std::string checked_directory(std::string_view directory) {
    if (!directory.starts_with('/'))
        throw Refusal(concat("SHARED_DIR=", quote(directory),
                             " does not begin with /; give the whole path of the directory"));
    if (concat(directory, '/').find("/../") != std::string::npos)
        throw Refusal(
            concat("SHARED_DIR=", quote(directory), " has \"..\" in it; give the path without it"));
    std::string path = tidy_path(directory);
    if (concat(path, '/').starts_with(concat(channel::executable_place, '/')))
        refuse_place(directory);
    return path;
}

bool is_bind(const json::object& mount) {
    if (find_string(mount, "type") == "bind")
        return true;
    const json::array* const options = find_array(mount, "options");
    return options && std::ranges::any_of(*options, [](const json::value& option) {
               return option == "bind" || option == "rbind";
           });
}

const json::array* mounts_of(const json::object& config) {
    const json::value* const mounts = config.if_contains("mounts");
    if (!mounts)
        return nullptr;
    const json::array* const list = mounts->if_array();
    if (!list
        || !std::ranges::all_of(*list, [](const json::value& mount) { return mount.is_object(); }))
        refuse_shape("mounts", "a list of objects");
    return list;
}

/// Returns whether something is mounted at `path`. If `above` is set, a host directory that is
/// mounted on a parent of `path` also counts.
bool is_mounted(const json::object& config, std::string_view path, bool above) {
    const json::array* const mounts = mounts_of(config);
    return mounts && std::ranges::any_of(*mounts, [&](const json::value& mount) {
               const json::object& entry = mount.get_object();
               const std::string place = tidy_path(find_string(entry, "destination"));
               const bool is_above = !place.empty() && path.starts_with(place)
                                     && path.substr(place.size()).starts_with('/');
               return place == path || (above && is_above && is_bind(entry));
           });
}

bool has_user_namespace(const json::object& linux_part) {
    const json::array* const namespaces = find_array(linux_part, "namespaces");
    return namespaces && std::ranges::any_of(*namespaces, [](const json::value& entry) {
               const json::object* const object = entry.if_object();
               return object && find_string(*object, "type") == "user";
           });
}

/// Maps an `id` of the container to the id outside. Returns nullopt if the id is not mapped. Also
/// returns nullopt if the container joins an existing user namespace, because config.json does not
/// have the mappings of that namespace.
std::optional<std::uint32_t> map_id(const json::object& config, std::string_view mappings_name,
                                    std::uint32_t id) {
    const json::object* const linux_part = find_object(config, "linux");
    const json::array* const mappings =
        linux_part ? find_array(*linux_part, mappings_name) : nullptr;
    if (!mappings || mappings->empty())
        return linux_part && has_user_namespace(*linux_part) ? std::nullopt : std::optional(id);
    for (const json::value& entry : *mappings) {
        const json::object* const mapping = entry.if_object();
        const auto first = find_id(mapping, "containerID");
        const auto host = find_id(mapping, "hostID");
        const auto size = find_id(mapping, "size");
        if (first && host && size && id >= *first && id - *first < *size)
            return *host + (id - *first);
    }
    return std::nullopt;
}

/// Returns the user of the container's process, with the ids outside the container.
std::optional<system::Account> user_of(const json::object& config, const json::object& process) {
    const json::object* const user = find_object(process, "user");
    const auto uid = find_id(user, "uid");
    const auto gid = find_id(user, "gid");
    if (!uid || !gid)
        return std::nullopt;
    const auto outer_uid = map_id(config, "uidMappings", *uid);
    const auto outer_gid = map_id(config, "gidMappings", *gid);
    if (!outer_uid || !outer_gid)
        return std::nullopt;
    return system::Account{*outer_uid, *outer_gid};
}

void check_arguments(const json::object& process) {
    const json::array* const arguments = find_array(process, "args");
    if (!arguments || arguments->empty()
        || !std::ranges::all_of(*arguments,
                                [](const json::value& argument) { return argument.is_string(); }))
        refuse_shape("process.args", "a list of one or more strings");
}

std::string mount_text(std::string_view type, std::string_view source, std::string_view place,
                       std::initializer_list<json::value_ref> options) {
    return ','
           + json::serialize(json::object({{"destination", place},
                                           {"type", type},
                                           {"source", source},
                                           {"options", json::array(options)}}));
}

/// Returns the JSON text of the mounts to add. Each mount begins with a comma.
std::string added_mounts(const json::object& config, const Wish& wish, std::string_view executable,
                         std::string_view directory) {
    std::string mounts;
    if (!is_mounted(config, channel::executable_place, /*above=*/false))
        mounts += mount_text("bind", executable, channel::executable_place,
                             {"bind", "ro", "nosuid", "nodev"});
    if (wish.shared_directory.empty()
        && !is_mounted(config, channel::socket_place, /*above=*/false))
        mounts += mount_text("tmpfs", "tmpfs", channel::socket_place,
                             {"mode=1777", "size=64k", "nosuid", "nodev", "noexec"});
    if (!directory.empty())
        mounts += mount_text("bind", directory, wish.shared_directory,
                             {"bind", "rw", "nosuid", "nodev", "noexec"});
    return mounts;
}

/// Adds the mounts after the existing mounts, because the existing mounts could otherwise hide
/// them.
Edit put_mounts(std::string_view text, std::string_view mounts) {
    const std::string_view list = member_of(text, "mounts");
    if (parts_of(list).empty())
        mounts.remove_prefix(1);
    if (!list.empty())
        return {list.substr(list.size() - 1), concat(mounts, ']')};
    // The member "process" follows, so the comma is valid.
    return {text.substr(text.find('{'), 1), concat(R"({"mounts":[)", mounts, "],")};
}

/// Removes our variables, and adds the variables that `wrap` needs.
Edit change_variables(std::string_view list, const json::array& environment, const Wish& wish) {
    const auto parts = parts_of(list);
    std::string text;
    for (std::size_t at = 0; at < parts.size(); ++at)
        if (!names(environment[at], options_variable) && !names(environment[at], token_variable))
            text += concat(text.empty() ? "" : ",", parts[at]);
    if (!wish.watchdog.empty() && !find_variable(environment, watchdog_variable))
        text += concat(text.empty() ? "" : ",", '"', watchdog_variable, '=', wish.watchdog, '"');
    return {list, concat('[', text, ']')};
}

}  // namespace

bool Wish::has_health_check() const {
    return !health_check.empty() || has_health_command(options);
}

json::object parse_config(std::string_view text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error, {}, json_of_any_bytes);
    if (error)
        throw Refusal(concat("config.json is not JSON: ", error.message()));
    json::object* const object = value.if_object();
    if (!object)
        throw Refusal("config.json is not a JSON object");
    return std::move(*object);
}

bool may_request_wrap(std::string_view text) {
    return text.find(options_variable) != text.npos || text.find(token_variable) != text.npos;
}

Request find_request(const json::object& config, bool passes_socket) {
    const json::object* const process = find_object(config, "process");
    const json::array* const environment = process ? find_array(*process, "env") : nullptr;
    if (!environment)
        return Request::nothing;
    const auto has = [&](std::string_view variable) {
        return !find_variable(*environment, variable).value_or("").empty();
    };
    const auto options = find_variable(*environment, options_variable);
    if (!options && !find_variable(*environment, token_variable))
        return Request::nothing;
    const bool has_receiver = passes_socket || has(directory_variable) || has(token_variable)
                              || has("NOTIFY_SOCKET") || names_directory(options.value_or(""));
    return has_receiver ? Request::wrap : Request::no_receiver;
}

bool is_left_to_runtime(const json::object& config) {
    const json::object* const annotations = find_object(config, "annotations");
    return annotations && find_string(*annotations, runtime_annotation) == "1";
}

std::optional<Wish> read_wish(const json::object& config) {
    const json::object* const process = find_object(config, "process");
    const json::array* const environment = process ? find_array(*process, "env") : nullptr;
    if (!environment)
        return std::nullopt;
    const auto options = find_variable(*environment, options_variable);
    const auto token = find_variable(*environment, token_variable);
    if (!options && !token)
        return std::nullopt;
    check_arguments(*process);
    Wish wish;
    wish.options = split_options(options.value_or(""));
    wish.token = token.value_or("");
    if (const auto directory = find_variable(*environment, directory_variable).value_or("");
        !directory.empty()) {
        wish.shared_directory = checked_directory(directory);
        // If there is a token, SHARED_DIR is a path of the host. A mount on a parent may be a
        // volume of the image, so only a mount at the path itself counts.
        wish.is_mounted = is_mounted(config, wish.shared_directory, /*above=*/wish.token.empty());
        if (wish.wants_directory()
            && concat(channel::executable_place).starts_with(concat(wish.shared_directory, '/')))
            refuse_place(directory);
    } else if (!wish.token.empty()) {
        throw Refusal(
            concat(token_variable,
                   " is set and SHARED_DIR is not; give the container both, with -e SHARED_DIR -e ",
                   token_variable));
    }
    wish.user = user_of(config, *process);
    wish.process_label = find_string(*process, "selinuxLabel");
    if (const json::object* const linux_part = find_object(config, "linux"))
        wish.mount_label = find_string(*linux_part, "mountLabel");
    mounts_of(config);
    return wish;
}

bool runs_health_check(const json::object& config) {
    return command_runs_health_check(config.at("process").as_object().at("args").as_array());
}

std::string put_wrap_in_front(std::string_view text, const json::object& config, const Wish& wish,
                              std::string_view executable, std::string_view directory) {
    const json::object& process = config.at("process").as_object();
    const std::string_view process_text = member_of(text, "process");
    std::vector<Edit> edits = {
        change_variables(member_of(process_text, "env"), process.at("env").as_array(), wish)};
    if (auto edit =
            command_edit(member_of(process_text, "args"), process.at("args").as_array(), wish))
        edits.push_back(*std::move(edit));
    if (const auto mounts = added_mounts(config, wish, executable, directory); !mounts.empty())
        edits.push_back(put_mounts(text, mounts));
    return edited(text, std::move(edits));
}

}  // namespace notifybridge::runtime

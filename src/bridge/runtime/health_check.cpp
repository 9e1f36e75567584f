#include "bridge/runtime/health_check.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;

/// The members of Healthcheck that are numbers of nanoseconds, and the options for them.
constexpr std::pair<std::string_view, std::string_view> spans[] = {
    {"Interval", "--health-interval="},
    {"Timeout", "--health-timeout="},
    {"StartPeriod", "--health-start-period="},
    {"StartInterval", "--health-start-interval="},
};

[[noreturn]] void refuse_member(std::string_view member, std::string_view shape) {
    throw Refusal(concat("the manager's record of it is damaged: ", member, " is not ", shape));
}

/// Returns the member `name`. Returns nullptr if it is missing or null.
const json::value* find_member(const json::object& object, std::string_view name) {
    const json::value* const member = object.if_contains(name);
    return member && !member->is_null() ? member : nullptr;
}

/// Returns the member `name`, a list of strings. Returns nullptr if the list is missing or empty.
const json::array* find_words(const json::object& object, std::string_view name) {
    const json::value* const member = find_member(object, name);
    if (!member)
        return nullptr;
    const json::array* const words = member->if_array();
    if (!words
        || !std::ranges::all_of(*words, [](const json::value& word) { return word.is_string(); }))
        refuse_member(name, "a list of strings");
    return words->empty() ? nullptr : words;
}

/// Returns whether `test` has a program or a command line. CMD or CMD-SHELL alone does not count.
bool has_command(const json::array& test) {
    const json::string& first = test.front().get_string();
    const std::size_t at = first == "CMD" || first == "CMD-SHELL" ? 1 : 0;
    return test.size() > at && !util::strip(test[at].get_string()).empty();
}

/// Returns the member `name`, a positive number. Returns nullopt if the member is 0 or missing: for
/// docker and podman, this means the default.
std::optional<std::int64_t> find_number(const json::object& object, std::string_view name) {
    const json::value* const member = find_member(object, name);
    if (!member)
        return std::nullopt;
    boost::system::error_code error;
    const auto number = member->to_number<std::int64_t>(error);
    if (error || number < 0)
        refuse_member(name, "a number");
    return number == 0 ? std::nullopt : std::optional(number);
}

/// Returns the values of an option of `wrap`. A value may be in the same word or in the next one.
std::vector<std::string_view> values_of(std::span<const std::string> words,
                                        std::string_view option) {
    std::vector<std::string_view> values;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string_view word = words[at];
        if (word == option && at + 1 < words.size())
            values.emplace_back(words[at + 1]);
        else if (word.starts_with(option) && word.substr(option.size()).starts_with('='))
            values.push_back(word.substr(option.size() + 1));
    }
    return values;
}

}  // namespace

std::vector<std::string> health_words(const json::value& config) {
    const json::object* const object = config.if_object();
    const json::value* const member = object ? find_member(*object, "Healthcheck") : nullptr;
    if (!member)
        return {};
    const json::object* const check = member->if_object();
    if (!check)
        refuse_member("Healthcheck", "an object");
    const json::array* const test = find_words(*check, "Test");
    if (!test)
        return {};
    if (test->front() == "NONE")
        return {std::string(no_health_check)};
    if (!has_command(*test))
        refuse_member("Test", "a command");
    std::vector<std::string> words = {concat("--health-cmd=", json::serialize(*test))};
    if (const json::array* const shell = find_words(*object, "Shell"))
        words.push_back(concat("--health-shell=", json::serialize(*shell)));
    for (const auto& [name, option] : spans)
        if (const auto span = find_number(*check, name))
            words.push_back(concat(option, *span, "ns"));
    if (const auto retries = find_number(*check, "Retries"))
        words.push_back(concat("--health-retries=", *retries));
    return words;
}

bool has_health_command(std::span<const std::string> wrap_options) {
    return !values_of(wrap_options, "--health-cmd").empty();
}

std::vector<std::string> health_options_of(std::span<const std::string> wrap_options) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < wrap_options.size(); ++at) {
        const std::string_view word = wrap_options[at];
        const bool has_value = word.starts_with("--health=") || word.starts_with("--health-");
        if (word == no_health_check || has_value || word == "--health")
            found.emplace_back(word);
        // If an option has no "=", its value is the next word.
        const bool is_in_two = word == "--health" || (has_value && word.find('=') == word.npos);
        if (is_in_two && at + 1 < wrap_options.size())
            found.push_back(wrap_options[++at]);
    }
    return found;
}

bool uses_health_check(std::span<const std::string> wrap_options) {
    if (std::ranges::find(wrap_options, no_health_check) != wrap_options.end()
        || has_health_option(wrap_options, "ignore"))
        return false;
    bool has_probe = false;
    for (const std::string_view option : {"--ready-when", "--alive-when"})
        for (const std::string_view probe : values_of(wrap_options, option)) {
            if (probe == "healthy")
                return true;
            has_probe = true;
        }
    return !has_probe;
}

bool has_health_option(std::span<const std::string> wrap_options, std::string_view use) {
    const auto values = values_of(wrap_options, "--health");
    return !values.empty() && values.back() == use;
}

}  // namespace notifybridge::runtime

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/util/escape.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/refusal.hpp"
#include "fuzz.hpp"

/// Fuzzes the function that puts `wrap` into a container's config.json. This file is not trusted,
/// because the image determines a part of it, such as the environment.
namespace notifybridge {
namespace {

using fuzz::require;
using runtime::Wish;
namespace json = boost::json;

bool is_ours(std::string_view variable) {
    return variable.starts_with("NOTIFYBRIDGE_OPTIONS=")
           || variable.starts_with("NOTIFYBRIDGE_TOKEN=");
}

/// Returns the config without our changes: our variables, the first `arguments` words of the
/// command, and the last `mounts` mounts.
json::object without_ours(json::object config, std::size_t arguments, std::size_t mounts) {
    json::object& process = config.at("process").as_object();
    json::array& words = process.at("args").as_array();
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(arguments));
    json::array kept;
    for (const json::value& entry : process.at("env").as_array())
        if (!entry.is_string() || !is_ours(std::string_view(entry.get_string())))
            kept.push_back(entry);
    process["env"] = kept;
    if (json::value* const list = config.if_contains("mounts")) {
        json::array& entries = list->as_array();
        entries.resize(entries.size() - mounts);
        // A config without mounts equals one with an empty list.
        if (entries.empty())
            config.stable_erase("mounts");
    }
    return config;
}

std::size_t length(const json::object& config, std::string_view member) {
    const json::value* const list = config.if_contains(member);
    return list ? list->as_array().size() : 0;
}

/// Returns the scalars in the text in order: numbers, words and strings as they are written. Leaves
/// out strings that may be one of our variables, because their names may contain escapes.
std::vector<std::string_view> scalars(std::string_view text) {
    constexpr std::string_view between = " \t\r\n,:[]{}";
    std::vector<std::string_view> all;
    for (std::size_t at = text.find_first_not_of(between); at < text.size();
         at = text.find_first_not_of(between, at)) {
        std::size_t end = at + 1;
        if (text[at] == '"') {
            while (text[end] != '"')
                end += text[end] == '\\' ? 2 : 1;
            ++end;
        } else {
            end = std::min(text.find_first_of(between, at), text.size());
        }
        const std::string_view scalar = text.substr(at, end - at);
        if (scalar.find("NOTIFYBRIDGE_") == scalar.npos && scalar.find('\\') == scalar.npos)
            all.push_back(scalar);
        at = end;
    }
    return all;
}

/// Returns whether `after` contains everything in `before`, in the same order.
bool keeps_the_text(std::string_view before, std::string_view after) {
    const auto there = scalars(after);
    auto next = there.begin();
    for (const std::string_view scalar : scalars(before)) {
        next = std::find(next, there.end(), scalar);
        if (next == there.end())
            return false;
        ++next;
    }
    return true;
}

void check_sentence(const runtime::Refusal& refusal) {
    std::string sentence = refusal.what();
    require(!sentence.empty(), "a refusal has a reason");
    std::erase(sentence,
               '\\');  // An escaped character begins with a backslash.
    require(util::escape(sentence) == sentence, "a refusal is one line without control characters");
}

void check(std::string_view text, const json::object& before, const Wish& wish,
           const std::string& directory) {
    const std::string changed =
        runtime::put_wrap_in_front(text, before, wish, "/usr/bin/notifybridge", directory);
    const json::object after = runtime::parse_config(changed);
    require(!runtime::read_wish(after), "a changed config.json is not changed again");
    require(runtime::is_left_to_runtime(after) == runtime::is_left_to_runtime(before),
            "annotations stay the same");

    const json::array& arguments = after.at("process").at("args").as_array();
    const std::size_t in_front =
        arguments.size() - before.at("process").at("args").as_array().size();
    if (in_front > 0) {
        require(arguments[0] == "/run/.notifybridge" && arguments[1] == "wrap"
                    && arguments[in_front - 1] == "--",
                "wrap is in front of the command");
        require(in_front == wish.options.size() + 3, "wrap has all its options");
        for (std::size_t at = 0; at < wish.options.size(); ++at)
            require(arguments[at + 2] == json::string_view(wish.options[at]),
                    "each option of wrap is unchanged");
    }
    const std::size_t mounted = length(after, "mounts") - length(before, "mounts");
    require(mounted <= 2, "at most the executable and one directory are mounted");
    // Compare texts, because Boost.JSON reads 0e99999 as a number that does not equal itself.
    require(json::serialize(without_ours(after, in_front, mounted))
                == json::serialize(without_ours(before, 0, 0)),
            "the rest of the config has the same meaning");
    require(keeps_the_text(text, changed), "the rest of the text is unchanged");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view text = fuzz::as_text(data, size);
    try {
        const json::object config = runtime::parse_config(text);
        runtime::is_left_to_runtime(config);
        if (const auto wish = runtime::read_wish(config))
            check(text, config, *wish, wish->wants_directory() ? "/run/host" : "");
    } catch (const runtime::Refusal& refusal) {
        check_sentence(refusal);
    }
    return 0;
}

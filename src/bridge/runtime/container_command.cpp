#include "bridge/runtime/container_command.hpp"

#include <signal.h>

#include <boost/json/serialize.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/signal_names.hpp"
#include "bridge/channel/container_places.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;
using Words = std::vector<std::string>;

bool begins_with_us(const json::array& arguments) {
    const std::string_view name = util::base_name(arguments.front().get_string());
    return is_own_name(name) || name == util::base_name(channel::executable_place);
}

/// Returns how many words at the start of the image's own command call `wrap`: 0, 1 or 2.
std::size_t count_words_of_wrap(const json::array& arguments) {
    Words words;
    for (const json::value& word : arguments)
        words.emplace_back(word.get_string());
    if (own_subcommand(words) != "wrap")
        return 0;
    return util::base_name(words.front()) == wrapper_name ? 1 : 2;
}

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

std::string to_json(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words)
        text += concat(text.empty() ? "" : ",", json::serialize(json::string_view(word)));
    return text;
}

Edit put_wrap(std::string_view list, const Wish& wish) {
    Words words = {channel::executable_place, "wrap"};
    // The user's own options follow. If the user sets one of these options, too, the user's value
    // has priority, because it comes later.
    if (wish.stop_signal && *wish.stop_signal != SIGTERM)
        words.push_back(concat("--stop-signal=", util::signal_to_string(*wish.stop_signal)));
    append(words, wish.health_check);
    append(words, wish.options);
    words.emplace_back("--");
    return {list.substr(0, 1), concat('[', to_json(words), ',')};
}

/// Adds the health check to the call of `wrap` in the image's own command. `words_of_wrap` is the
/// number of words of that call. The image's executable may be older and refuse the options of the
/// check, so our executable replaces it.
Edit put_health_check(std::string_view list, std::size_t words_of_wrap, const Wish& wish) {
    Words words = {channel::executable_place, "wrap"};
    append(words, wish.health_check);
    append(words, health_options_of(wish.options));
    const std::string_view last = parts_of(list)[words_of_wrap - 1];
    const auto end = static_cast<std::size_t>(last.data() + last.size() - list.data());
    return {list.substr(0, end), concat('[', to_json(words))};
}

}  // namespace

std::optional<Edit> command_edit(std::string_view list, const json::array& arguments,
                                 const Wish& wish) {
    if (!begins_with_us(arguments))
        return put_wrap(list, wish);
    const std::size_t words_of_wrap = count_words_of_wrap(arguments);
    if (words_of_wrap == 0 || !wish.has_health_check())
        return std::nullopt;
    return put_health_check(list, words_of_wrap, wish);
}

bool command_runs_health_check(const json::array& arguments) {
    return !begins_with_us(arguments) || count_words_of_wrap(arguments) != 0;
}

}  // namespace notifybridge::runtime

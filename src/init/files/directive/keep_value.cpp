#include "init/files/directive/keep_value.hpp"

#include <utility>

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/directive/property_text.hpp"

namespace notifybridge::directive::keep {
namespace {

using util::concat;

/// The length in bytes at which lists stop growing. The limit exists because each line copies the
/// whole list. Real lists are shorter.
constexpr std::size_t most_of_a_list = 16384;

struct Filter {
    bool is_allowing = false;
    Words words;

    /// Applies a word of a line. `is_inverted` is true if the line begins with "~".
    void change(std::string_view word, bool is_inverted) {
        if (is_inverted != is_allowing)
            words.emplace(word);
        else
            words.erase(std::string(word));
    }
};

/// Returns the current filter. If there is none, returns a new filter. `is_inverted` is true if the
/// line begins with "~".
Filter filter_of(const unit::Line& line, bool is_inverted) {
    const auto text = current(line);
    if (!text || text->empty())
        return {!is_inverted, {}};
    const bool is_allowing = !text->starts_with('~');
    return {is_allowing, words_of(std::string_view(*text).substr(is_allowing ? 0 : 1))};
}

}  // namespace

void store(unit::Line& line, std::string_view property, std::string_view value) {
    line.settings().exec.edit().kept.edit().set(property, value);
}

void store(unit::Line& line, std::string_view value) {
    store(line, property_name(line.key()), value);
}

void unset(unit::Line& line, std::string_view property) {
    if (unit::ExecSettings* const exec = line.settings().exec.own())
        if (unit::KeptValues* const kept = exec->kept.own())
            kept->unset(property);
}

void unset(unit::Line& line) {
    unset(line, property_name(line.key()));
}

std::optional<std::string> current(const unit::Line& line, std::string_view property) {
    const auto value = line.settings().exec->kept->find(property);
    return value ? std::optional(std::string(*value)) : std::nullopt;
}

std::optional<std::string> current(const unit::Line& line) {
    return current(line, property_name(line.key()));
}

void append(unit::Line& line, std::string_view property, std::string_view word) {
    const std::string list = current(line, property).value_or("");
    if (list.size() < most_of_a_list)
        store(line, property, concat(list, list.empty() ? "" : " ", word));
}

void prepend(unit::Line& line, std::string_view value) {
    const std::string list = current(line).value_or("");
    if (list.size() < most_of_a_list)
        store(line, concat(value, list.empty() ? "" : "\n", list));
}

Words words_of(std::string_view text) {
    Words all;
    while (!text.empty())
        all.emplace(util::take_until(text, ' '));
    return all;
}

std::string text_of(const Words& words) {
    return joined({words.begin(), words.end()});
}

std::string in_order(std::string_view order, const Words& words) {
    std::vector<std::string> found;
    while (!order.empty())
        if (const std::string_view word = util::take_until(order, ' '); words.contains(word))
            found.emplace_back(word);
    return joined(found);
}

bool is_service(const unit::Line& line) {
    return line.context().name.type() == unit::UnitType::service;
}

void change_filter(unit::Line& line, std::string_view (*canonical)(std::string_view word),
                   std::string_view why) {
    if (line.value().empty()) {
        unset(line);
        return;
    }
    const bool is_inverted = line.value().starts_with('~');
    Filter filter = filter_of(line, is_inverted);
    bool has_mark = is_inverted;
    parse::for_each_word(line, util::quoted_words, [&](std::string_view word) {
        word.remove_prefix(std::exchange(has_mark, false) ? 1 : 0);
        if (const std::string_view name = canonical(word); !name.empty())
            filter.change(name, is_inverted);
        else if (!word.empty())
            line.ignore_word(word, why);
    });
    store(line, concat(filter.is_allowing ? "" : "~", text_of(filter.words)));
}

}  // namespace notifybridge::directive::keep

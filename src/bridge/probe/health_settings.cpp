#include "bridge/probe/health_settings.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <optional>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"

namespace notifybridge::probe {
namespace {

using std::chrono::microseconds;
using util::concat;

/// docker's API accepts no shorter time span.
constexpr std::chrono::milliseconds shortest_span(1);
/// A timer of this length never expires. Sums of such time spans do not overflow.
constexpr std::chrono::years longest_span(100);

using Words = std::vector<std::string>;

/// Returns the strings of a JSON array. Returns nullopt for other texts, such as a shell's "[ -e
/// /ready ]".
std::optional<Words> strings_in(std::string_view text) {
    boost::system::error_code error;
    const auto value =
        boost::json::parse({text.data(), text.size()}, error, {}, {.allow_invalid_utf8 = true});
    const auto* const array = error ? nullptr : value.if_array();
    if (!array)
        return std::nullopt;
    Words words;
    for (const boost::json::value& each : *array) {
        const auto* const string = each.if_string();
        if (!string)
            return std::nullopt;
        words.emplace_back(string->data(), string->size());
    }
    return words;
}

/// Returns `word` in capitals if it is a keyword in an image's configuration. Otherwise returns an
/// empty text.
std::string_view keyword(std::string_view word) {
    const auto is_same = [](char left, char right) {
        return left == (right >= 'a' && right <= 'z' ? right - 'a' + 'A' : right);
    };
    for (const std::string_view known : {"CMD", "CMD-SHELL", "NONE"})
        if (std::ranges::equal(known, word, is_same))
            return known;
    return {};
}

/// Splits a command line into its keyword (CMD, CMD-SHELL or NONE) and the rest, as in an image's
/// configuration.
Words split_line(std::string_view line) {
    const std::string_view text = util::strip(line);
    const std::string_view first = text.substr(0, text.find_first_of(util::white_space));
    const std::string_view found = keyword(first);
    if (found.empty())
        return {"CMD-SHELL", std::string(text)};
    const std::string_view rest = util::strip(text.substr(first.size()));
    if (found != "CMD")
        return {std::string(found), std::string(rest)};
    Words words{"CMD"};
    util::WordReader reader(rest, util::plain_words);
    for (std::string word; reader.next(word) == util::Extracted::word;)
        words.push_back(word);
    return words;
}

/// Returns `words` with a keyword (CMD, CMD-SHELL or NONE) in front.
Words with_keyword(Words words) {
    const std::string_view found = words.empty() ? std::string_view() : keyword(words.front());
    if (!found.empty())
        words.front() = found;
    else
        words.insert(words.begin(), words.size() == 1 ? "CMD-SHELL" : "CMD");
    return words;
}

std::string joined(std::span<const std::string> words) {
    std::string line;
    for (const std::string& word : words)
        line += concat(line.empty() ? "" : " ", word);
    return line;
}

/// Returns whether a word has a NUL byte, which no argument of a program can have.
bool has_zero(std::span<const std::string> words) {
    return std::ranges::any_of(words,
                               [](const auto& word) { return word.find('\0') != word.npos; });
}

[[noreturn]] void refuse_span(std::string_view text) {
    throw HealthError(concat(util::quote(text),
                             " is not a time span; give one like 30s, 1m30s or "
                             "500ms"));
}

/// Removes a number of nanoseconds, which only Go's format has, from the end of `text`. Returns
/// this number in microseconds, rounded up. Returns nullopt if `text` does not end with
/// nanoseconds.
std::optional<microseconds> take_nanoseconds(std::string_view& text) {
    if (!text.ends_with("ns"))
        return std::nullopt;
    const std::string_view before = text.substr(0, text.size() - 2);
    const std::size_t end = before.find_last_not_of("0123456789");
    const std::string_view digits = before.substr(end == before.npos ? 0 : end + 1);
    const auto number = util::parse_number<std::int64_t>(digits);
    if (!number)
        refuse_span(text);
    text.remove_suffix(digits.size() + 2);
    return std::chrono::ceil<microseconds>(std::chrono::nanoseconds(*number));
}

}  // namespace

Words parse_health_shell(std::string_view text) {
    auto words = strings_in(text);
    if (!words || words->empty() || words->front().empty() || has_zero(*words))
        throw HealthError(concat(util::quote(text),
                                 " is not a shell; give a JSON array such as "
                                 "[\"/bin/bash\", \"-c\"]"));
    return *std::move(words);
}

Words parse_health_command(std::string_view text, std::span<const std::string> shell) {
    const auto array = strings_in(text);
    Words words = array ? with_keyword(*array) : split_line(text);
    const std::string kind = words.front();
    words.erase(words.begin());
    if (kind == "NONE")
        return {};
    if (kind == "CMD-SHELL") {
        const std::string line = joined(words);
        words.clear();
        if (!util::strip(line).empty()) {
            words.assign(shell.begin(), shell.end());
            words.push_back(line);
        }
    }
    if (words.empty() || words.front().empty())
        throw HealthError(concat(
            util::quote(text),
            " has no command; give one such as 'curl --fail http://localhost/', or the word none"));
    if (has_zero(words))
        throw HealthError(concat(util::quote(text), " contains a NUL byte; remove it"));
    return words;
}

microseconds parse_health_span(std::string_view text) {
    std::string_view rest = util::strip(text);
    const auto fine = take_nanoseconds(rest);
    const auto coarse =
        fine && rest.empty() ? std::optional(microseconds(0)) : util::parse_time_span(rest);
    if (!coarse)
        refuse_span(text);
    const microseconds span =
        std::min<microseconds>(*coarse, longest_span) + fine.value_or(microseconds(0));
    return span.count() == 0 ? span : std::clamp<microseconds>(span, shortest_span, longest_span);
}

microseconds parse_health_interval(std::string_view text) {
    return text == "disable" ? microseconds(0) : parse_health_span(text);
}

unsigned parse_health_retries(std::string_view text) {
    const auto number = util::parse_number<unsigned>(text);
    if (!number || *number == 0)
        throw HealthError(concat(util::quote(text), " is not a number of checks; give 1 or more"));
    return *number;
}

}  // namespace notifybridge::probe

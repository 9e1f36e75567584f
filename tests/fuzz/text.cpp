#include <string>
#include <vector>

#include "base/util/escape.hpp"
#include "base/util/key_value.hpp"
#include "base/util/time_span.hpp"
#include "base/util/utf8.hpp"
#include "fuzz.hpp"

/// Fuzzes the parsers of base/util with text from other programs.
namespace notifybridge {
namespace {

using fuzz::require;

void check_time_span(std::string_view text) {
    const auto span = util::parse_time_span(text);
    if (!span)
        return;
    require(*span >= util::TimeSpan::zero(), "no time span is negative");
    require(util::parse_time_span(util::to_string(*span)) == span,
            "a time span is the same after printing and parsing");
}

void check_usec(std::string_view text) {
    if (const auto span = util::parse_usec(text))
        require(*span >= util::TimeSpan::zero() && *span <= util::infinity,
                "no count of microseconds is negative");
}

/// Returns whether `text` is UTF-8 without control characters. Such a text cannot start a new line
/// or control a terminal.
bool is_one_harmless_line(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = util::utf8_sequence(text);
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
        const bool c1 = length == 2 && byte(0) == 0xC2 && byte(1) < 0xA0;
        if (length == 0 || c1 || byte(0) < 0x20 || byte(0) == 0x7F)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

void check_escape(std::string_view text) {
    const std::string escaped = util::escape(text);
    require(is_one_harmless_line(escaped), "an escaped text is one harmless line");
    require(util::unescape(escaped) == text, "an escaped text can be unescaped");
    require(is_one_harmless_line(util::quote(text)), "a quoted text is one harmless line");
    static_cast<void>(util::unescape(text));
}

void check_key_value(std::string_view text) {
    util::KeyValueWriter out;
    std::vector<std::string> values;
    util::for_each_key_value(text, [&](std::string_view, const std::string& value) {
        out.add("KEY", value);
        values.push_back(value);
    });
    std::vector<std::string> again;
    util::for_each_key_value(out.text(), [&](std::string_view key, const std::string& value) {
        require(key == "KEY", "no value adds a line");
        again.push_back(value);
    });
    require(again == values, "values are the same after writing and parsing");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view text = fuzz::as_text(data, size);
    check_time_span(text);
    check_usec(text);
    check_escape(text);
    check_key_value(text);
    return 0;
}

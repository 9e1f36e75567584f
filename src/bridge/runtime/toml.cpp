#include "bridge/runtime/toml.hpp"

#include <algorithm>

#include "base/util/take_until.hpp"
#include "base/util/words.hpp"

namespace notifybridge::runtime {
namespace {

/// Takes a TOML value from the front of `text`: a string, or an array of strings.
std::vector<std::string> take_strings(std::string_view& text) {
    std::vector<std::string> strings;
    const bool is_array = text.starts_with('[');
    while (!text.empty()) {
        const char byte = text.front();
        if (byte == '"' || byte == '\'') {
            text.remove_prefix(1);
            strings.emplace_back(util::take_until(text, byte));
        } else if (byte == '#' && is_array) {
            util::take_until(text, '\n');
        } else if (byte == ']' || (byte == '\n' && !is_array)) {
            break;
        } else {
            text.remove_prefix(1);
        }
        if (!is_array && !strings.empty())
            break;
    }
    return strings;
}

}  // namespace

void read_toml(std::string_view text, util::FunctionRef<void(TomlSetting&)> take) {
    TomlSetting setting;
    while (!text.empty()) {
        const std::string_view line = util::strip(text.substr(0, text.find('\n')));
        const std::size_t equals = line.find('=');
        if (line.starts_with('['))
            setting.section = line.substr(1, line.find(']') - 1);
        if (line.starts_with('[') || line.starts_with('#') || equals == line.npos) {
            util::take_until(text, '\n');
            continue;
        }
        setting.key = util::strip(line.substr(0, equals));
        util::take_until(text, '=');
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        setting.strings = take_strings(text);
        util::take_until(text, '\n');
        take(setting);
    }
}

}  // namespace notifybridge::runtime

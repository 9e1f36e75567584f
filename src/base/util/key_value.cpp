#include "base/util/key_value.hpp"

#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::util {

void KeyValueWriter::add(std::string_view key, std::string_view value) {
    text_ += concat(key, '=', escape(value), '\n');
}

void for_each_key_value(std::string_view text,
                        util::FunctionRef<void(std::string_view, const std::string&)> fact) {
    while (!text.empty()) {
        const std::string_view line = take_until(text, '\n');
        const std::size_t equals = line.find('=');
        if (equals == line.npos)
            continue;
        if (const auto value = unescape(line.substr(equals + 1)))
            fact(line.substr(0, equals), *value);
    }
}

}  // namespace notifybridge::util

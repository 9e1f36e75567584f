#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::util {

/// A builder of a text that consists of KEY=VALUE lines. Values are escaped, so that no value can
/// start a new line.
class KeyValueWriter {
public:
    void add(std::string_view key, std::string_view value);
    template <std::integral Number>
    void add(std::string_view key, Number value) {
        text_ += concat(key, '=', value, '\n');
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// Calls `fact(key, value)` for each KEY=VALUE line of `text`, with the unescaped value. Ignores
/// other lines, so that a later release may add new ones.
void for_each_key_value(std::string_view text,
                        util::FunctionRef<void(std::string_view, const std::string&)> fact);

}  // namespace notifybridge::util

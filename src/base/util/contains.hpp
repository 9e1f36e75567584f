#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace notifybridge::util {

template <typename Range, typename Value>
constexpr bool contains(const Range& range, const Value& value) {
    return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

/// Adds `value` at the end of `list` if `list` does not contain it yet.
template <typename Value>
void add_once(std::vector<Value>& list, Value value) {
    if (!contains(list, value))
        list.push_back(std::move(value));
}

}  // namespace notifybridge::util

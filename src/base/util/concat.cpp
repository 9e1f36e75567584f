#include "base/util/concat.hpp"

#include <charconv>

namespace notifybridge::util::detail {

void Part::append_to(std::string& out) const {
    if (size_ < unsigned_number) {
        out.append(text_, size_);
        return;
    }
    char digits[24];
    const auto end =
        size_ == signed_number
            ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(number_))
            : std::to_chars(digits, digits + sizeof digits, number_);
    out.append(digits, end.ptr);
}

std::string join(std::initializer_list<Part> parts) {
    std::string out;
    for (const Part& part : parts)
        part.append_to(out);
    return out;
}

}  // namespace notifybridge::util::detail

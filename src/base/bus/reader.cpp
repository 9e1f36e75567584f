#include "base/bus/reader.hpp"

#include <bit>

namespace notifybridge::bus {

static_assert(std::endian::native == std::endian::little);

std::uint8_t Reader::byte() {
    const std::string_view found = take(1);
    return found.empty() ? 0 : static_cast<std::uint8_t>(found[0]);
}

std::uint64_t Reader::number(std::size_t size) {
    align(size);
    std::uint64_t number = 0;
    const std::string_view found = take(size);
    if (!good_)
        return 0;
    for (std::size_t at = 0; at < size; ++at) {
        const std::size_t place = is_swapped_ ? size - 1 - at : at;
        number |= std::uint64_t(static_cast<std::uint8_t>(found[at])) << (8 * place);
    }
    return number;
}

std::string_view Reader::take(std::uint64_t size) {
    good_ = good_ && size <= bytes_.size() - at_;
    if (!good_)
        return {};
    const std::string_view found = bytes_.substr(at_, size);
    at_ += size;
    return found;
}

std::string Reader::ended(std::uint64_t size) {
    const std::string_view found = take(size + 1);
    good_ = good_ && found.back() == '\0';
    return good_ ? std::string(found.substr(0, size)) : std::string();
}

}  // namespace notifybridge::bus

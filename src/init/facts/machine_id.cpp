#include "init/facts/machine_id.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/system/random_id.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::facts {
namespace {

constexpr std::size_t digits = 32;
constexpr mode_t file_mode = 0444;

/// Returns a random UUID of version 4 (RFC 9562).
std::string make_id() {
    std::string id = system::to_string(system::make_random_id());
    id[12] = '4';
    id[16] = "89ab"[static_cast<unsigned char>(id[16]) % 4];
    return id;
}

}  // namespace

std::optional<std::string> parse_id128(const std::optional<std::string>& text) {
    if (!text)
        return std::nullopt;
    std::string id = text->substr(0, text->find('\n'));
    std::erase(id, '-');
    for (char& c : id)
        c = static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    const bool is_hexadecimal = id.find_first_not_of("0123456789abcdef") == id.npos;
    const bool is_zero = id.find_first_not_of('0') == id.npos;
    return id.size() == digits && is_hexadecimal && !is_zero ? std::optional(id) : std::nullopt;
}

void MachineId::set_up() const {
    if (parse_id128(system::text_of(path)))
        return;
    auto id = parse_id128(system::text_of(path_of_dbus));
    if (!id)
        id = parse_id128(container_uuid);
    const std::string line = util::concat(id ? *id : make_id(), '\n');
    const system::UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, file_mode));
    if (file)
        static_cast<void>(::write(file.get(), line.data(), line.size()));
}

}  // namespace notifybridge::facts

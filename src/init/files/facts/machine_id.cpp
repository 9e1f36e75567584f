#include "init/files/facts/machine_id.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/system/random_id.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::facts {
namespace {

constexpr std::size_t digits = 32;
constexpr mode_t file_mode = 0444;
constexpr mode_t mark_mode = 0644;
constexpr mode_t directory_mode = 0755;

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

bool MachineId::is_first_boot() const {
    if (::access(path.c_str(), F_OK) < 0)
        return errno == ENOENT;
    const std::string text = system::text_of(path);
    return text.substr(0, text.find('\n')) == "uninitialized";
}

void MachineId::mark_first_boot() const {
    // A restarted container may have the mark of its first boot, because /run may not be a tmpfs.
    if (!is_first_boot()) {
        ::unlink(path_of_first_boot.c_str());
        return;
    }
    const std::string directory = path_of_first_boot.substr(0, path_of_first_boot.rfind('/'));
    system::make_directories(directory, directory_mode);
    const system::UniqueFd mark(
        ::open(path_of_first_boot.c_str(),
               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mark_mode));
}

void MachineId::set_up() const {
    mark_first_boot();
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

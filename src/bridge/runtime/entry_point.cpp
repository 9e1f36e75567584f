#include "bridge/runtime/entry_point.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/system/file.hpp"
#include "base/system/selinux.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

constexpr const char* copy_name = ".notifybridge";
constexpr std::size_t most_executable = 64 * 1024 * 1024;

/// The permissions that are needed to execute a file. Some kernels do not have all of these
/// permissions.
constexpr auto needed =
    std::to_array<const char*>({"entrypoint", "execute", "map", "open", "read"});

/// Reads a file that contains one decimal number.
std::optional<std::uint32_t> number_in(const std::string& path) {
    const std::string text = system::text_of(path);
    return util::parse_number<std::uint32_t>(std::string_view(text).substr(0, text.find('\n')));
}

std::uint32_t needed_bits(const std::string& file_class) {
    std::uint32_t bits = 0;
    for (const char* const permission : needed)
        if (const auto number = number_in(concat(file_class, "/perms/", permission)))
            bits |= std::uint32_t{1} << ((*number - 1) & 31);
    return bits;
}

/// Writes the query to selinuxfs and reads the answer from the same descriptor.
system::Result<std::string> ask_kernel(const std::string& query) {
    const system::UniqueFd access(
        ::open(concat(system::selinux_directory, "/access").c_str(), O_RDWR | O_CLOEXEC));
    if (!access || ::write(access.get(), query.data(), query.size()) < 0)
        return system::last_error();
    return system::read_text(access, 256);
}

}  // namespace

std::optional<std::uint32_t> parse_access(std::string_view answer) {
    return util::parse_number<std::uint32_t>(answer.substr(0, answer.find(' ')), 16);
}

bool is_execution_forbidden(std::string_view process, std::string_view file,
                            const std::string& selinuxfs, AskKernel ask) {
    if (process.empty() || file.empty() || !system::selinux_enforces(selinuxfs))
        return false;
    const std::string file_class = concat(selinuxfs, "/class/file");
    const auto number = number_in(concat(file_class, "/index"));
    if (!number)
        return false;
    const auto answer = ask(concat(process, ' ', file, ' ', *number));
    const auto allowed = answer ? parse_access(*answer) : std::nullopt;
    return allowed && (~*allowed & needed_bits(file_class)) != 0;
}

std::string labelled_copy(const std::string& own, const std::string& bundle,
                          const std::string& label) {
    const auto prepare = [&](system::Fd file) -> system::Result<int> {
        if (::fchmod(file.get(), 0755) < 0)
            return system::last_error();
        const auto error = label.empty()
                               ? boost::system::error_code()
                               : system::set_selinux_label(system::proc_path(file), label);
        if (error && error.value() != ENOTSUP)
            return error;
        return 0;
    };
    const auto make = [&]() -> system::Result<std::string> {
        const auto directory = system::open_directory(bundle);
        if (!directory)
            return directory.error();
        const auto content = system::read_text(own, most_executable);
        if (!content)
            return content.error();
        const auto copy =
            system::replace_file(*directory, copy_name, system::bytes_of(*content), prepare);
        return copy ? system::read_link(system::proc_path(*directory)) : copy.error();
    };
    const auto whole_bundle = make();
    if (!whole_bundle)
        throw Refusal(concat("SELinux does not let the container run ", quote(own),
                             ", and copying this file to ", quote(bundle),
                             " failed: ", system::describe(whole_bundle.error().value())));
    return concat(*whole_bundle, '/', copy_name);
}

std::string bundle_of_hook(const system::Result<std::string>& directory) {
    return directory && directory->ends_with("/userdata") ? *directory : std::string();
}

std::string executable_for(const Wish& wish, const std::string& own, const std::string& bundle) {
    const bool is_kept_out =
        !bundle.empty() && !wish.process_label.empty() && !wish.mount_label.empty()
        && is_execution_forbidden(wish.process_label, system::selinux_label(own),
                                  system::selinux_directory, ask_kernel);
    return is_kept_out ? labelled_copy(own, bundle, wish.mount_label) : own;
}

}  // namespace notifybridge::runtime

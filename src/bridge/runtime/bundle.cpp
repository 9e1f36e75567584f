#include "bridge/runtime/bundle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

constexpr int most_tries = 10;

std::string path_of_config(const Call& call) {
    return call.config_name.starts_with('/') ? call.config_name
                                             : concat(call.bundle, '/', call.config_name);
}

class ConfigFile {
public:
    explicit ConfigFile(std::string path) : path_(std::move(path)), name_(util::base_name(path_)) {
        const std::string above = path_.substr(0, path_.size() - name_.size());
        auto directory = system::open_directory(above);
        if (!directory)
            refuse("open the directory of", directory.error().value());
        directory_ = std::move(*directory);
    }

    /// Returns true if the file was changed, or need not be changed. Returns false if another
    /// process replaced the file in the meantime.
    bool change_by(const Change& change) {
        const auto before = system::identity(directory_, name_.c_str());
        const std::string text = read();
        const std::string changed = change(text);
        if (changed.empty())
            return true;
        const std::string temporary = system::temporary_name(name_);
        const auto file = system::create_file(directory_, temporary.c_str(), 0600);
        if (!file)
            refuse("replace", file.error().value());
        const auto written = system::write_at(*file, system::bytes_of(changed), 0);
        int error = written ? 0 : written.error().value();
        if (!error && (!keeps_owner(*file) || !exchange(temporary)))
            error = errno;
        const auto replaced = system::identity(directory_, temporary.c_str());
        const bool is_ours =
            error || !replaced || (before && *before == *replaced) || !exchange(temporary);
        ::unlinkat(directory_.get(), temporary.c_str(), 0);
        if (error)
            refuse("replace", error);
        return is_ours;
    }

    [[noreturn]] void refuse(std::string_view what, int error) const {
        throw Refusal(concat("cannot ", what, ' ', quote(path_), ": ", system::describe(error)));
    }

private:
    std::string read() {
        const system::UniqueFd file(
            ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (!file || ::fstat(file.get(), &status_) < 0)
            refuse("read", errno);
        if (!S_ISREG(status_.st_mode))
            throw Refusal(concat("cannot read ", quote(path_), ": it is not a regular file"));
        auto text = system::read_text(file, most_read + 1);
        if (!text)
            refuse("read", text.error().value());
        if (text->size() > most_read)
            throw Refusal(concat("cannot read ", quote(path_), ": it has more than 64 MiB"));
        return std::move(*text);
    }

    bool keeps_owner(system::Fd file) const {
        return (::fchown(file.get(), status_.st_uid, status_.st_gid) == 0 || errno == EPERM)
               && ::fchmod(file.get(), status_.st_mode & 07777) == 0;
    }

    /// Exchanges the two files, so that `change_by` can still examine the replaced file. A rename
    /// over an existing file would also be slower, because ext4 first writes the new file to the
    /// disk (auto_da_alloc). That write takes longer than all other steps.
    bool exchange(const std::string& temporary) const {
        const int directory = directory_.get();
        return ::renameat2(directory, temporary.c_str(), directory, name_.c_str(), RENAME_EXCHANGE)
                   == 0
               // Some file systems do not support an exchange.
               || ((errno == EINVAL || errno == ENOSYS)
                   && ::renameat(directory, temporary.c_str(), directory, name_.c_str()) == 0);
    }

    std::string path_;
    std::string name_;
    system::UniqueFd directory_;
    struct stat status_ {};
};

}  // namespace

void change_bundle(const Call& call, const Change& change) {
    const std::string path = path_of_config(call);
    // Do not report a missing file, because the real runtime has a better message.
    if (::access(path.c_str(), F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return;
    ConfigFile file(path);
    for (int tries = 0; tries < most_tries; ++tries)
        if (file.change_by(change))
            return;
    file.refuse("replace", EBUSY);
}

}  // namespace notifybridge::runtime

#include "base/system/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>

#include "base/util/contains.hpp"

namespace notifybridge::system {
namespace {

struct flock write_lock(off_t byte) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return lock;
}

constexpr off_t life_byte = 0;
constexpr off_t claim_byte = 1;

LockState query(Fd file, off_t byte) {
    struct flock lock = write_lock(byte);
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) < 0)
        return LockState::unknown;
    return lock.l_type == F_UNLCK ? LockState::free : LockState::held;
}

// Magic numbers of statfs(2). virtiofs has the number of FUSE.
constexpr auto remote_file_systems = std::to_array<unsigned long>({
    0x01021997,  // 9p
    0x65735546,  // FUSE
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x00C36400,  // Ceph
    0x5346414F,  // AFS
    0x786F4256,  // vboxsf
});

}  // namespace

LockState take_life_lock(Fd file) noexcept {
    struct flock lock = write_lock(life_byte);
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0)
        return LockState::free;
    return errno == EAGAIN || errno == EACCES ? LockState::held : LockState::unknown;
}

LockState query_life_lock(Fd file) noexcept {
    return query(file, life_byte);
}

void take_claim_lock(Fd file) noexcept {
    struct flock lock = write_lock(claim_byte);
    while (::fcntl(file.get(), F_OFD_SETLKW, &lock) < 0 && errno == EINTR) {
    }
}

LockState query_claim_lock(Fd file) noexcept {
    return query(file, claim_byte);
}

bool take_directory_lock(Fd directory) noexcept {
    return ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

bool is_local_file_system(Fd file) noexcept {
    struct statfs status;
    if (::fstatfs(file.get(), &status) < 0)
        return true;
    const auto type = static_cast<unsigned long>(status.f_type) & 0xFFFFFFFF;
    return !util::contains(remote_file_systems, type);
}

}  // namespace notifybridge::system

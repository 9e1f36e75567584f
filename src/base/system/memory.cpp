#include "base/system/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace notifybridge::system {
namespace {

/// Releases the read-only parts of the executable, which the kernel can load from the file again.
int release_code(dl_phdr_info* object, std::size_t, void*) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int at = 0; at < object->dlpi_phnum; ++at) {
        const ElfW(Phdr)& part = object->dlpi_phdr[at];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0)
            continue;
        const std::uintptr_t begin = (object->dlpi_addr + part.p_vaddr) & ~(page - 1);
        const std::uintptr_t end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 1;  // Stops after the first object, which is the executable.
}

/// The most stack that the start of this program uses. madvise(2) ignores parts that were never
/// used.
constexpr std::uintptr_t deepest_stack = 64 * 1024;

void release_stack() {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    // Keep one page, which is enough for the calls below.
    const std::uintptr_t end = (frame & ~(page - 1)) - page;
    ::madvise(reinterpret_cast<void*>(end - deepest_stack), deepest_stack, MADV_DONTNEED);
}

}  // namespace

void release_data() noexcept {
    ::malloc_trim(0);
    release_stack();
}

void release_memory() noexcept {
    ::malloc_trim(0);
    ::dl_iterate_phdr(release_code, nullptr);
}

}  // namespace notifybridge::system

#include <cxxabi.h>

/// Replaces libstdc++'s demangler, which Boost.Log and std::terminate would link. It takes 47 KB
/// for the names of C++ types, and our messages contain no such names. If a name is requested
/// anyway, it stays mangled.
namespace __cxxabiv1 {

extern "C" char* __cxa_demangle(const char*, char*, std::size_t*, int* status) {
    constexpr int not_a_valid_name = -2;
    if (status)
        *status = not_a_valid_name;
    return nullptr;
}

}  // namespace __cxxabiv1

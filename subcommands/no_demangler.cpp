#include <cxxabi.h>

/// Replaces libstdc++'s demangler, which Boost.Log and std::terminate would link. The demangler
/// takes 47 KB. It is for names of C++ types, which our messages do not contain. If a name is
/// requested anyway, it stays mangled.
namespace __cxxabiv1 {

extern "C" char* __cxa_demangle(const char*, char*, std::size_t*, int* status) {
    constexpr int not_a_valid_name = -2;
    if (status)
        *status = not_a_valid_name;
    return nullptr;
}

}  // namespace __cxxabiv1

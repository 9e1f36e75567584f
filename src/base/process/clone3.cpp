#include "base/process/clone3.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace notifybridge::process {
namespace {

struct Call {
    int (*body)(void*);
    void* argument;
};

/// Runs `call` in the child, on the child's new stack, and exits with the result.
[[noreturn]] void make_call(const Call* call) {
    ::_exit(call->body(call->argument));
}

}  // namespace

#if defined(__x86_64__)

long clone_onto_stack(const clone_args& arguments, int (*body)(void*), void* argument) {
    const Call call{body, argument};
    long result = SYS_clone3;
    asm volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "movq %[call], %%rdi\n\t"
        "callq *%[make_call]\n\t"
        "ud2\n"
        "1:"
        : "+a"(result)
        : "D"(&arguments), "S"(sizeof arguments), [call] "r"(&call), [make_call] "r"(&make_call)
        : "rcx", "r11", "cc", "memory");
    return result;
}

#elif defined(__aarch64__)

long clone_onto_stack(const clone_args& arguments, int (*body)(void*), void* argument) {
    const Call call{body, argument};
    register long number asm("x8") = SYS_clone3;
    register long result asm("x0") = reinterpret_cast<long>(&arguments);
    register long size asm("x1") = sizeof arguments;
    asm volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x0, %[call]\n\t"
        "blr %[make_call]\n\t"
        "brk #1\n"
        "1:"
        : "+r"(result)
        : "r"(number), "r"(size), [call] "r"(&call), [make_call] "r"(&make_call)
        : "cc", "memory");
    return result;
}

#else

long clone_onto_stack(const clone_args&, int (*)(void*), void*) {
    return -ENOSYS;
}

#endif

}  // namespace notifybridge::process

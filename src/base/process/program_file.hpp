#pragma once

#include <string>
#include <string_view>

/// Examines a program's file to find out whether the program can run here.
namespace notifybridge::process {

/// Returns the ELF number of the machine that a program was built for (62 is x86-64, 183 is
/// AArch64). Returns 0 if `bytes` is not the beginning of an ELF file.
unsigned elf_machine(std::string_view bytes);

/// Returns a name of `machine` for users: "x86_64 (amd64)". Images use the name in parentheses.
std::string machine_name(unsigned machine);

/// Returns a sentence for users if the program at `path` was built for another machine. Otherwise,
/// returns an empty text.
std::string machine_mismatch(const std::string& path);

/// Explains why execve(2) refused the program with `error`, and what to do. Returns an empty text
/// if the program's file does not show the reason. A name without a slash is looked up in PATH.
std::string why_not_run(const std::string& program, int error);

}  // namespace notifybridge::process

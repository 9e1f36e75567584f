#pragma once

#include <string>
#include <string_view>

/// Finds out from a program's file whether it can run here.
namespace notifybridge::process {

/// Returns the machine of an ELF file, as numbered by the specification (62 is x86-64, 183 is
/// AArch64), or 0 if `bytes` do not begin an ELF file.
unsigned elf_machine(std::string_view bytes);

/// Returns the machine's name as in `uname -m` and images.
std::string machine_name(unsigned machine);

/// Returns a sentence if the program at `path` is for another machine, else an empty text.
std::string foreign_machine(const std::string& path);

/// Explains why execve(2) refused the program with `error`, and what to do. Empty if its file does
/// not tell. A name without a slash is looked up in PATH.
std::string why_not_run(const std::string& program, int error);

}  // namespace notifybridge::process

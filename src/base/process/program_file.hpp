#pragma once

#include <string>
#include <string_view>

/// What a program's file says of whether it can be run here.
namespace notifybridge::process {

/// The machine that an ELF file is for, as the specification numbers them (62 is x86-64, 183 is
/// AArch64); 0 where these bytes are not the beginning of one.
unsigned elf_machine(std::string_view bytes);

/// Its name as `uname -m` and images have it.
std::string machine_name(unsigned machine);

/// That the program at this path is for another machine than ours, in a sentence; empty where it is
/// not.
std::string foreign_machine(const std::string& path);

/// What is wrong with the program that execve(2) refused with `error`, and what to do, as its file
/// shows; empty where that shows nothing. One without a slash is looked for in PATH.
std::string why_not_run(const std::string& program, int error);

}  // namespace notifybridge::process

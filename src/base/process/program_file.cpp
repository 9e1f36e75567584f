#include "base/process/program_file.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/process/environment.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"

namespace notifybridge::process {
namespace {

using util::concat;
using util::quote;

constexpr std::string_view script_start = "#!";

bool is_file(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

/// Returns the path of the first file called `program` in PATH, or an empty text if there is none.
/// The file need not be executable. Returns a name with a slash unchanged.
std::string path_of(const std::string& program) {
    if (program.find('/') != program.npos)
        return program;
    const std::string paths = environment_variable("PATH").value_or("");
    for (std::string_view rest = paths; !rest.empty();)
        if (std::string path = concat(util::take_until(rest, ':'), '/', program); is_file(path))
            return path;
    return {};
}

/// Returns the interpreter in the first line of a script. Returns an empty text if that line names
/// none.
std::string_view interpreter_of(std::string_view beginning) {
    if (!beginning.starts_with(script_start))
        return {};
    beginning.remove_prefix(script_start.size());
    beginning = util::take_until(beginning, '\n');
    beginning.remove_prefix(std::min(beginning.find_first_not_of(' '), beginning.size()));
    return beginning.substr(0, beginning.find(' '));
}

/// Explains ENOENT for a program that exists: its interpreter or loader is missing.
std::string why_incomplete(const std::string& path, std::string_view beginning) {
    const std::string_view interpreter = interpreter_of(beginning);
    if (interpreter.empty())
        return elf_machine(beginning) == 0
                   ? ""
                   : "its loader is missing: the program was built for another "
                     "C library (glibc, musl); use a build for this image";
    if (util::take_until(beginning, '\n').ends_with('\r'))
        return concat("its lines have Windows line endings; run `sed -i 's/\\r$//' ",
                      util::escape(path), '`');
    return concat("its first line asks for ", quote(interpreter),
                  ", which does not exist; install it, or change that line");
}

std::string why_not_permitted(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) < 0)
        return "this user may not enter a directory in its path";
    if (S_ISDIR(status.st_mode))
        return "it is a directory; give the path of a program";
    if (!S_ISREG(status.st_mode))
        return "it is not a regular file; give the path of a program";
    constexpr mode_t for_anybody = S_IXUSR | S_IXGRP | S_IXOTH;
    if ((status.st_mode & for_anybody) != for_anybody)
        return concat("make it executable: `chmod a+x ", util::shell_word(path), '`');
    return "this user may not enter a directory in its path, or its file system is mounted noexec";
}

}  // namespace

unsigned elf_machine(std::string_view bytes) {
    constexpr std::size_t data_at = 5;
    constexpr std::size_t machine_at = 18;
    if (!bytes.starts_with("\x7F"
                           "ELF")
        || bytes.size() < machine_at + 2)
        return 0;
    const auto first = static_cast<unsigned char>(bytes[machine_at]);
    const auto second = static_cast<unsigned char>(bytes[machine_at + 1]);
    const bool is_big_endian = bytes[data_at] == 2;
    return is_big_endian ? first * 256U + second : second * 256U + first;
}

std::string machine_name(unsigned machine) {
    switch (machine) {
        case 3:
            return "i386";
        case 22:
            return "s390x";
        case 21:
            return "ppc64";
        case 40:
            return "arm";
        case 62:
            return "x86_64 (amd64)";
        case 183:
            return "aarch64 (arm64)";
        case 243:
            return "riscv64";
        default:
            return concat("ELF machine type ", machine);
    }
}

std::string machine_mismatch(const std::string& path) {
    constexpr std::size_t most = 64;
    const unsigned machine = elf_machine(system::text_of(path, most));
    const unsigned own = elf_machine(system::text_of("/proc/self/exe", most));
    if (machine == 0 || machine == own || own == 0)
        return {};
    return concat("it is for ", machine_name(machine), ", but this machine is ", machine_name(own));
}

std::string why_not_run(const std::string& program, int error) {
    constexpr std::size_t longest_line = 256;  // execve(2) reads only this many bytes.
    const std::string path = path_of(program);
    const std::string beginning = system::text_of(path, longest_line);
    const std::string interpreter(interpreter_of(beginning));
    if (const std::string mismatch = machine_mismatch(interpreter.empty() ? path : interpreter);
        !mismatch.empty())
        return concat(interpreter.empty() ? "" : "its interpreter: ", mismatch,
                      "; use an image or a program for this machine");
    if (error == EACCES)
        return why_not_permitted(path);
    if (error == ENOEXEC)
        return "it is not a program for this system, and not a script with a first line like "
               "#!/bin/sh; run `file` on it";
    if (error == ENOENT && is_file(path))
        return why_incomplete(path, beginning);
    return {};
}

}  // namespace notifybridge::process

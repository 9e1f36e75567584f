#include "init/hands/execute/streams.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/socket_address.hpp"
#include "base/system/umask.hpp"

namespace notifybridge::execute {
namespace {

using unit::InputKind;
using unit::OutputKind;

bool is_terminal(InputKind kind) {
    return kind == InputKind::tty || kind == InputKind::tty_force || kind == InputKind::tty_fail;
}

/// Returns whether opening `path` may block, for example until the other end of a FIFO is opened.
/// Memory devices such as /dev/null and /dev/zero do not block.
bool may_wait_for(const std::string& path) {
    constexpr unsigned memory_devices = 1;
    struct stat status;
    if (::stat(path.c_str(), &status) < 0)
        return false;
    return S_ISFIFO(status.st_mode)
           || (S_ISCHR(status.st_mode) && major(status.st_rdev) != memory_devices);
}

/// Connects to the socket at `path` (systemd.exec(5), StandardInput=file).
system::UniqueFd connect_to(const std::string& path, int flags) {
    system::UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // Connect through a descriptor, because the path may be too long for a socket address.
    const system::UniqueFd handle(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!connection || !handle)
        return {};
    const auto address = system::SocketAddress::unix_path(system::proc_path(handle));
    if (::connect(connection.get(), address.data(), address.size()) < 0)
        return {};
    ::fcntl(connection.get(), F_SETFL, 0);
    if ((flags & O_ACCMODE) == O_RDONLY)
        ::shutdown(connection.get(), SHUT_WR);
    else if ((flags & O_ACCMODE) == O_WRONLY)
        ::shutdown(connection.get(), SHUT_RD);
    return connection;
}

class Opener {
public:
    Opener(const unit::ExecSettings& exec, const StreamFacts& given, Failure& failure)
        : exec_(exec), given_(given), failure_(failure) {}

    Streams open();

private:
    Stream open_input();
    Stream open_output(OutputKind kind, const std::string& name);
    Stream standard_output();
    Stream standard_error();
    Stream open_path(const std::string& path, int flags);
    Stream open_null(int flags);
    Stream open_data();
    Stream named(const std::string& name) const;
    Stream terminal_output() const;
    bool error_is_output(OutputKind error, OutputKind output) const;
    OutputKind settle(OutputKind kind) const;
    void fail() {
        if (!failure_)
            failure_ = {step_, errno};
    }

    const unit::ExecSettings& exec_;
    const StreamFacts& given_;
    Failure& failure_;
    Step step_ = Step::standard_input;
    InputKind input_ = InputKind::null;
};

Stream borrowed(system::Fd fd) {
    Stream stream;
    stream.fd = fd;
    return stream;
}

Stream owning(system::UniqueFd fd) {
    Stream stream = borrowed(fd);
    stream.owned = std::move(fd);
    return stream;
}

Stream same_as(Stream::Kind kind) {
    Stream stream;
    stream.kind = kind;
    return stream;
}

Stream Opener::open_path(const std::string& path, int flags) {
    if ((flags & O_ACCMODE) != O_RDONLY)
        flags |= O_CREAT;
    if (may_wait_for(path)) {
        Stream stream = same_as(Stream::Kind::opened_late);
        stream.path = path;
        stream.flags = flags;
        return stream;
    }
    // Use O_NONBLOCK, because another process may have replaced the file with a FIFO.
    const auto open_with_umask = [&] {
        const system::Umask mask(exec_.umask);
        return ::open(path.c_str(), flags | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, 0666);
    };
    system::UniqueFd fd(open_with_umask());
    if (!fd && errno == ENXIO)
        fd = connect_to(path, flags);
    if (!fd)
        fail();
    else
        ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK);
    return owning(std::move(fd));
}

/// Opens /dev/null. Opening the null device never blocks, but the path may lead to another file.
Stream Opener::open_null(int flags) {
    system::UniqueFd fd(::open("/dev/null", flags | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    struct stat status;
    const bool is_null = fd && ::fstat(fd.get(), &status) == 0 && S_ISCHR(status.st_mode)
                         && status.st_rdev == makedev(1, 3);
    if (!is_null)
        return open_path("/dev/null", flags);
    ::fcntl(fd.get(), F_SETFL, flags);
    return owning(std::move(fd));
}

Stream Opener::open_data() {
    const std::string& data = exec_.standard_input_data;
    system::UniqueFd memory(::memfd_create("data", MFD_CLOEXEC));
    if (!memory || !system::write_at(memory, system::bytes_of(data), 0)) {
        fail();
        return {};
    }
    // Open the data for reading only, like the other inputs.
    return open_path(system::proc_path(memory), O_RDONLY);
}

Stream Opener::named(const std::string& name) const {
    return borrowed(find_named(given_.fds, name));
}

Stream Opener::open_input() {
    input_ = exec_.standard_input.kind;
    if ((is_terminal(input_) && !given_.applies_terminal)
        || (input_ == InputKind::socket && !given_.socket)
        || (input_ == InputKind::data && exec_.standard_input_data->empty()))
        input_ = InputKind::null;
    switch (input_) {
        case InputKind::null:
            return open_null(O_RDONLY);
        case InputKind::socket:
            return borrowed(given_.socket);
        case InputKind::fd:
            return named(exec_.standard_input.name);
        case InputKind::data:
            return open_data();
        case InputKind::file: {
            const std::string& path = exec_.standard_input.name;
            const auto is_same = [&](const unit::Output& output) {
                return output.kind == OutputKind::file && *output.name == path;
            };
            const bool both = is_same(exec_.standard_output) || is_same(exec_.standard_error);
            return open_path(path, both ? O_RDWR : O_RDONLY);
        }
        default:
            break;
    }
    Stream stream = same_as(Stream::Kind::terminal);
    stream.path = terminal_path(exec_);
    stream.flags = O_RDWR;
    stream.terminal = input_;
    return stream;
}

Stream Opener::terminal_output() const {
    Stream stream = same_as(Stream::Kind::opened_late);
    stream.path = terminal_path(exec_);
    stream.flags = O_WRONLY;
    stream.is_terminal = true;
    return stream;
}

/// Returns the kind of an output. Treats "socket" as "inherit" if no socket was passed.
OutputKind Opener::settle(OutputKind kind) const {
    return kind == OutputKind::socket && !given_.socket ? OutputKind::inherit : kind;
}

Stream Opener::open_output(OutputKind kind, const std::string& name) {
    switch (kind) {
        case OutputKind::tty:
            return is_terminal(input_) ? same_as(Stream::Kind::as_input) : terminal_output();
        case OutputKind::socket:
            return borrowed(given_.socket);
        case OutputKind::fd:
            return named(name);
        case OutputKind::file:
        case OutputKind::append:
        case OutputKind::truncate:
            if (input_ == InputKind::file && *exec_.standard_input.name == name)
                return same_as(Stream::Kind::as_input);
            return open_path(name, O_WRONLY
                                       | (kind == OutputKind::append     ? O_APPEND
                                          : kind == OutputKind::truncate ? O_TRUNC
                                                                         : 0));
        case OutputKind::null:
        case OutputKind::inherit:
            return open_null(O_WRONLY);
        default:
            break;  // The kinds for the journal and kmsg use `log`.
    }
    return given_.log ? borrowed(given_.log) : open_null(O_WRONLY);
}

Stream Opener::standard_output() {
    const OutputKind kind = settle(exec_.standard_output.kind);
    if (kind != OutputKind::inherit)
        return open_output(kind, exec_.standard_output.name);
    // The process does not get the terminal as input, but its output still goes to the terminal.
    if (input_ == InputKind::null && is_terminal(exec_.standard_input.kind))
        return terminal_output();
    if (input_ == InputKind::null || input_ == InputKind::data)
        return open_null(O_WRONLY);
    return same_as(Stream::Kind::as_input);
}

bool Opener::error_is_output(OutputKind error, OutputKind output) const {
    return error == OutputKind::inherit
           || (error == output && *exec_.standard_error.name == *exec_.standard_output.name);
}

Stream Opener::standard_error() {
    const OutputKind kind = settle(exec_.standard_error.kind);
    if (error_is_output(kind, settle(exec_.standard_output.kind)))
        return same_as(Stream::Kind::as_output);
    return open_output(kind, exec_.standard_error.name);
}

Streams Opener::open() {
    Streams streams;
    streams.all[0] = open_input();
    if (failure_)
        return streams;
    step_ = Step::standard_output;
    streams.all[1] = standard_output();
    if (failure_)
        return streams;
    step_ = Step::standard_error;
    streams.all[2] = standard_error();
    return streams;
}

}  // namespace

const std::string& terminal_path(const unit::ExecSettings& exec) {
    static const std::string console = "/dev/console";
    return exec.tty_path->empty() ? console : *exec.tty_path;
}

bool uses_socket(const unit::ExecSettings& exec) {
    return exec.standard_input.kind == InputKind::socket
           || exec.standard_output.kind == OutputKind::socket
           || exec.standard_error.kind == OutputKind::socket;
}

bool opens_files(const unit::ExecSettings& exec) {
    const auto opens_file = [](const unit::Output& output) {
        switch (output.kind) {
            case OutputKind::tty:
            case OutputKind::file:
            case OutputKind::append:
            case OutputKind::truncate:
                return true;
            default:
                return false;
        }
    };
    const InputKind input = exec.standard_input.kind;
    return input == InputKind::file || is_terminal(input) || opens_file(exec.standard_output)
           || opens_file(exec.standard_error);
}

std::vector<const std::string*> named_descriptors(const unit::ExecSettings& exec) {
    std::vector<const std::string*> names;
    if (exec.standard_input.kind == InputKind::fd)
        names.push_back(&*exec.standard_input.name);
    for (const unit::Output* const output : {&exec.standard_output, &exec.standard_error})
        if (output->kind == OutputKind::fd)
            names.push_back(&*output->name);
    return names;
}

system::Fd find_named(const std::vector<NamedFd>& fds, const std::string& name) {
    const auto found = std::ranges::find_if(
        fds, [&](const NamedFd& fd) { return fd.is_socket && fd.name == name; });
    if (found == fds.end())
        system::throw_error(ENOENT, "find a socket with the name", name);
    return found->fd;
}

Streams open_streams(const unit::ExecSettings& exec, const StreamFacts& given, Failure& failure) {
    return Opener(exec, given, failure).open();
}

}  // namespace notifybridge::execute

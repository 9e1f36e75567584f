#include "init/hands/output/output_log.hpp"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <set>

#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::output {
namespace {

/// The size in bytes of one read. It may contain thousands of lines.
constexpr int buffer_size = 16 * 1024;
/// The number of reads from a port for what was sent before. A port reads many messages at once,
/// and the kernel keeps some hundred messages.
constexpr int most_port_reads = 16;

system::UniqueFd make_epoll() {
    system::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll)
        system::throw_errno("epoll_create1");
    return epoll;
}

}  // namespace

OutputLog::OutputLog(event::Loop& loop, system::Fd output) : loop_(loop), writer_(loop, output) {
    readable_.emplace(loop, make_epoll());
}

boost::system::error_code OutputLog::watch(system::Fd fd) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = fd.get();
    if (::epoll_ctl(readable_->fd().get(), EPOLL_CTL_ADD, fd.get(), &wanted) < 0)
        return system::last_error();
    return {};
}

boost::system::error_code OutputLog::attach(system::UniqueFd reading, std::function<bool()> read) {
    if (const auto error = watch(reading))
        return error;
    const int fd = reading.get();
    ports_.insert_or_assign(fd, Port{std::move(reading), std::move(read)});
    return {};
}

boost::system::error_code OutputLog::attach(const std::string& unit, pid_t pid,
                                            system::UniqueFd reading, OutputFormat format) {
    if (const auto error = watch(reading))
        return error;
    const int fd = reading.get();
    const OutputLines lines(format.has_priorities, format.severity);
    sources_.insert_or_assign(fd, Source{unit, pid, std::move(reading), std::move(format), lines});
    return {};
}

void OutputLog::take(const Source& source, util::Severity severity, std::string_view text) {
    if (on_output)
        on_output(source.unit, source.pid,
                  {severity, source.format.identifier, text, source.format.facility});
    add(source.unit, source.pid, severity, text);
}

void OutputLog::add(const std::string& unit, pid_t pid, util::Severity severity,
                    std::string_view text) {
    const std::string process = pid == 0 ? std::string() : util::concat('[', pid, ']');
    writer_.add(util::concat(unit, process, ": ", text));
    recent_.add(unit, {system::now(), pid, severity, std::string(text)});
}

void OutputLog::say(const std::string& unit, util::Severity severity, std::string_view text) {
    writer_.add(util::concat(unit, ": ", text));
    writer_.flush();
    recent_.add(unit, {system::now(), 0, severity, std::string(text)});
    if (!on_say)
        return;
    // Most texts already name the unit: "Started app.service - The App."
    if (text.find(unit) == text.npos)
        on_say(severity, util::concat(unit, ": ", text));
    else
        on_say(severity, text);
}

void OutputLog::say(util::Severity severity, std::string_view text) {
    add(text);
    writer_.flush();
    if (on_say)
        on_say(severity, text);
}

void OutputLog::add(std::string_view line) {
    writer_.add(line);
}

/// Reads from a descriptor once. Returns false if no data is available now, or at the end.
bool OutputLog::read(int fd) {
    // The source may have ended since the caller received the event.
    if (const auto source = sources_.find(fd); source != sources_.end())
        return read(source->second);
    const auto port = ports_.find(fd);
    return port != ports_.end() && port->second.read();
}

/// Reads from a source once. Returns false if no data is available now, or at the end of the
/// source.
bool OutputLog::read(Source& source) {
    std::array<char, buffer_size> buffer;
    const ssize_t size = ::read(source.fd.get(), buffer.data(), buffer.size());
    const auto taker = [&](util::Severity severity, std::string_view text) {
        take(source, severity, text);
    };
    if (size > 0) {
        source.lines.add({buffer.data(), static_cast<std::size_t>(size)}, taker);
        return true;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    source.lines.end(taker);
    // Remove the descriptor explicitly. If a child still has a copy of the descriptor, close(2)
    // does not remove it from the epoll.
    ::epoll_ctl(readable_->fd().get(), EPOLL_CTL_DEL, source.fd.get(), nullptr);
    sources_.erase(source.fd.get());
    return false;
}

/// Reads from a descriptor as often as is necessary for all that was written before this call. More
/// may be written meanwhile without end.
void OutputLog::read_written(int fd, util::FunctionRef<bool(const std::string& unit)> concerns) {
    const auto source = sources_.find(fd);
    int reads = most_port_reads;
    if (source != sources_.end()) {
        if (!concerns(source->second.unit))
            return;
        int written = 0;
        ::ioctl(fd, FIONREAD, &written);
        // At the end of the output, nothing is left, but the source must be removed.
        reads = written / buffer_size + 1;
    }
    while (reads-- > 0 && read(fd)) {
    }
}

void OutputLog::catch_up(util::FunctionRef<bool(const std::string& unit)> concerns) {
    std::set<int> done;
    std::array<epoll_event, 64> events;
    for (bool goes_on = true; goes_on;) {
        const int count =
            ::epoll_wait(readable_->fd().get(), events.data(), static_cast<int>(events.size()), 0);
        goes_on = false;
        for (int at = 0; at < count; ++at) {
            const int fd = events[static_cast<std::size_t>(at)].data.fd;
            if (!done.insert(fd).second)
                continue;
            goes_on = true;
            read_written(fd, concerns);
        }
    }
    writer_.flush();
}

event::Awaitable<> OutputLog::read_round() {
    std::array<epoll_event, 64> events;
    const int count =
        ::epoll_wait(readable_->fd().get(), events.data(), static_cast<int>(events.size()), 0);
    for (int at = 0; at < count; ++at) {
        read(events[static_cast<std::size_t>(at)].data.fd);
        if (!writer_.is_full())
            continue;
        writer_.flush();
        co_await writer_.room();
    }
    writer_.flush();
    // Let other coroutines run, even if more data is available.
    co_await loop_.yield();
}

event::Awaitable<> OutputLog::run() {
    for (;;) {
        co_await readable_->readable();
        co_await read_round();
    }
}

}  // namespace notifybridge::output

#include "bridge/channel/host_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/peer_file.hpp"
#include "base/util/key_value.hpp"
#include "base/util/number.hpp"
#include "bridge/channel/bytes.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/drop_text.hpp"
#include "bridge/channel/life_lock.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::string_view magic("NBHOST\0\0", 8);
constexpr std::size_t fixed_size = 64;
constexpr std::size_t most_text = 16 * 1024;
constexpr mode_t readable_by_all = 0644;
/// The maximum number of attempts if the file is replaced while we look for its writer.
constexpr int most_looks = 10;

constexpr std::size_t at_version = 8;
constexpr std::size_t at_text_size = 12;
constexpr std::size_t at_text_checksum = 16;
constexpr std::size_t at_acknowledged = 24;
constexpr std::size_t at_processed = 32;
constexpr std::size_t at_beat = 40;
constexpr std::size_t at_latency = 48;

std::string facts_text(const HostFacts& facts) {
    util::KeyValueWriter out;
    out.add("PID", facts.pid);
    if (facts.run)
        out.add("RUN_ID", to_string(*facts.run));
    out.add("INVOCATION", facts.invocation);
    out.add("ATTACHED_USEC", facts.attached_usec);
    if (facts.watchdog)
        out.add("WATCHDOG_USEC", facts.watchdog->count());
    if (facts.listen_fds != 0)
        out.add("LISTEN_FDS", facts.listen_fds);
    if (!facts.fd_store.empty())
        out.add("FDSTORE", facts.fd_store);
    if (facts.lane_open)
        out.add("LANE", "open");
    else if (!facts.lane_fault.empty())
        out.add("LANE_FAULT", facts.lane_fault);
    if (!facts.missing.empty())
        out.add("MISSING", facts.missing);
    if (facts.has_command)
        out.add("COMMAND", "yes");
    if (facts.ending)
        out.add("ENDING", to_string(*facts.ending));
    if (facts.state_to != 0)
        out.add("STATE_TO", facts.state_to);
    if (!facts.signals.empty())
        out.add("SIGNALS", to_string(facts.signals));
    if (facts.has_left)
        out.add("LEFT", "yes");
    out.add("DELIVERY", facts.polls ? "polling" : "inotify");
    out.add("LIVENESS", facts.beats ? "beat" : "lock");
    write_drops(facts.drops, out);
    return out.text();
}

void read_fact(HostFacts& facts, std::string_view key, const std::string& value) {
    if (key == "PID")
        facts.pid = util::parse_number<std::int64_t>(value).value_or(0);
    else if (key == "RUN_ID")
        facts.run = system::parse_random_id(value);
    else if (key == "INVOCATION")
        facts.invocation = value;
    else if (key == "ATTACHED_USEC")
        facts.attached_usec = util::parse_number<std::uint64_t>(value).value_or(0);
    else if (key == "WATCHDOG_USEC") {
        if (const auto usec = util::parse_number<std::int64_t>(value); usec && *usec > 0)
            facts.watchdog = std::chrono::microseconds(*usec);
    } else if (key == "LISTEN_FDS")
        facts.listen_fds = util::parse_number<std::size_t>(value).value_or(0);
    else if (key == "FDSTORE")
        facts.fd_store = value;
    else if (key == "LANE")
        facts.lane_open = value == "open";
    else if (key == "LANE_FAULT")
        facts.lane_fault = value;
    else if (key == "MISSING")
        facts.missing = value;
    else if (key == "COMMAND")
        facts.has_command = value == "yes";
    else if (key == "ENDING")
        facts.ending = system::parse_random_id(value);
    else if (key == "STATE_TO")
        facts.state_to = util::parse_number<std::uint64_t>(value).value_or(0);
    else if (key == "SIGNALS")
        facts.signals = parse_signal_list(value);
    else if (key == "LEFT")
        facts.has_left = value == "yes";
    else if (key == "DELIVERY")
        facts.polls = value == "polling";
    else if (key == "LIVENESS")
        facts.beats = value == "beat";
    else
        read_drop_line(facts.drops, key, value);
}

/// Returns the format version, or 0 if `content` is not a "host" file.
std::uint32_t version_of(std::string_view content) {
    return content.size() < fixed_size || !content.starts_with(magic)
               ? 0
               : number_at<std::uint32_t>(system::bytes_of(content), at_version);
}

/// Returns whether `file` still has the name "host". If the name cannot be looked up, returns false
/// and sets `failure`.
bool is_there(system::Fd directory, system::Fd file, boost::system::error_code& failure) {
    const auto there = system::identity(directory, host_name);
    const auto ours = system::identity(file);
    if (there && ours)
        return *there == *ours;
    failure = there ? ours.error() : there.error();
    return false;
}

/// Opens the existing file "host" if we may overwrite it. We must own the file, and it must have no
/// second name. So overwriting is safe even if a container has created the file.
system::Result<system::UniqueFd> open_own(system::Fd directory) {
    auto file = system::open_regular(directory, host_name, O_RDWR | O_NONBLOCK);
    struct stat status;
    if (file && ::fstat(file->get(), &status) < 0)
        return system::last_error();
    if (file && (status.st_uid != ::geteuid() || status.st_nlink != 1))
        return system::error_of(EPERM);
    return file;
}

}  // namespace

std::string encode(const HostFile& file) {
    const std::string text = facts_text(file.facts);
    std::array<std::byte, fixed_size> fixed{};
    std::copy(magic.begin(), magic.end(), reinterpret_cast<char*>(fixed.data()));
    put(fixed, at_version, format_version);
    put(fixed, at_text_size, static_cast<std::uint32_t>(text.size()));
    put(fixed, at_text_checksum, checksum(system::bytes_of(text)));
    put(fixed, at_acknowledged, file.progress.acknowledged);
    put(fixed, at_processed, file.progress.processed);
    put(fixed, at_beat, file.progress.beat);
    put(fixed, at_latency, file.progress.latency_usec);
    return std::string(system::as_text(fixed)) + text;
}

std::optional<HostFile> decode_host_file(std::string_view content) {
    const system::Bytes bytes = system::bytes_of(content);
    if (version_of(content) != format_version)
        return std::nullopt;
    const std::string_view text = content.substr(fixed_size);
    if (number_at<std::uint32_t>(bytes, at_text_size) != text.size()
        || number_at<std::uint32_t>(bytes, at_text_checksum) != checksum(system::bytes_of(text)))
        return std::nullopt;
    HostFile file;
    file.progress = {number_at<std::uint64_t>(bytes, at_acknowledged),
                     number_at<std::uint64_t>(bytes, at_processed),
                     number_at<std::uint64_t>(bytes, at_beat),
                     number_at<std::uint64_t>(bytes, at_latency)};
    util::for_each_key_value(text, [&](std::string_view key, const std::string& value) {
        read_fact(file.facts, key, value);
    });
    return file;
}

system::Result<std::size_t> HostFileWriter::publish(const HostFile& file) {
    const std::string bytes = encode(file);
    const auto lock = [&](system::Fd fresh) { return take_life_lock(fresh, file.facts.beats); };
    auto fresh = system::replace_file(directory_, host_name, system::bytes_of(bytes), lock);
    if (!fresh && system::is_full(fresh.error()) && may_write_over())
        return write_over(system::bytes_of(bytes));
    if (!fresh)
        return fresh.error();
    file_ = std::move(*fresh);
    return bytes.size();
}

/// Returns whether there is a file that we can overwrite. If we have not written one, opens and
/// locks the file of a previous `wait`.
bool HostFileWriter::may_write_over() {
    if (file_)
        return true;
    auto file = open_own(directory_);
    if (!file)
        return false;
    system::take_life_lock(*file);
    file_ = std::move(*file);
    return true;
}

/// Overwrites the current file. A reader may see a mixture of the old and the new text for a
/// moment, which the checksum reveals. fchmod sends an inotify event to readers that wait for a new
/// file and not for new content.
system::Result<std::size_t> HostFileWriter::write_over(system::Bytes bytes) {
    const auto written = system::write_at(file_, bytes, 0);
    if (written && ::ftruncate(file_.get(), static_cast<off_t>(bytes.size())) < 0)
        return system::last_error();
    if (written)
        ::fchmod(file_.get(), readable_by_all);
    return written;
}

system::Result<std::size_t> HostFileWriter::update(const HostProgress& progress) {
    const std::uint64_t numbers[] = {progress.acknowledged, progress.processed, progress.beat,
                                     progress.latency_usec};
    if (!file_)
        return std::size_t{0};
    return system::write_at(file_, std::as_bytes(std::span(numbers)), at_acknowledged);
}

HostFileReader::HostFileReader(system::Fd directory)
    : directory_(directory), is_remote_(!system::is_local_file_system(directory)) {}

bool HostFileReader::refresh() {
    failure_.clear();
    // If another host writes the file, changes are visible only after opening the file again.
    if (file_ && !is_remote_) {
        if (is_there(directory_, file_, failure_) || is_uncertain())
            return true;
    }
    // Without /proc, `open_peer_file` is safe only if we trust the directory's writers. In that
    // case, this process is a `wrap`, because `wait` cannot read a journal without /proc.
    auto file = system::open_peer_file(directory_, host_name, O_RDONLY | O_NONBLOCK);
    failure_ = file ? boost::system::error_code() : file.error();
    if (file) {
        file_ = std::move(*file);
        removed_.reset();
    } else if (!is_uncertain() && file_) {
        removed_ = std::move(file_);
    }
    return static_cast<bool>(file_);
}

bool HostFileReader::removed_writer_lives() {
    if (removed_ && system::query_life_lock(removed_) == system::LockState::free)
        removed_.reset();
    return static_cast<bool>(removed_);
}

std::optional<HostFile> HostFileReader::read() {
    unknown_version_ = 0;
    if (!file_)
        return std::nullopt;
    const auto bytes = system::read_text(file_, fixed_size + most_text);
    if (!bytes) {
        failure_ = bytes.error();
        return std::nullopt;
    }
    const std::uint32_t version = version_of(*bytes);
    if (version != format_version)
        unknown_version_ = version;
    return decode_host_file(*bytes);
}

HostSight HostFileReader::look() {
    HostSight sight;
    for (int looks = 0; looks < most_looks; ++looks) {
        if (!refresh())
            return {std::nullopt, is_uncertain()};
        // Check the lock before reading. A dead writer writes nothing more, but may have written
        // just before its death.
        const bool is_locked = system::query_life_lock(file_) != system::LockState::free;
        sight = {read(), true};
        if (is_locked || is_uncertain())
            return sight;
        // The file still has its name, so no live writer has replaced it: a new file is locked
        // before it gets its name.
        if (is_there(directory_, file_, failure_)) {
            sight.writer_lives = false;
            return sight;
        }
    }
    // Give up, because another process replaces the file again and again.
    return sight;
}

}  // namespace notifybridge::channel

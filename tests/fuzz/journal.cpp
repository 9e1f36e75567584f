#include <fcntl.h>
#include <fuzzer/FuzzedDataProvider.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "bridge/channel/directory.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/record.hpp"
#include "fuzz.hpp"
#include "support/temporary_directory.hpp"

/// Fuzzes a reader of a journal. Between two reads, the writer changes the file in any way. If the
/// writer has made only changes that `wrap` makes, the reader must find all records complete and in
/// order.
namespace notifybridge {
namespace {

using channel::JournalReader;
using fuzz::require;

class Writer {
public:
    Writer(const test::TemporaryDirectory& directory, FuzzedDataProvider& data)
        : directory_(directory), data_(data) {
        header_.run.bytes.fill(std::byte{7});
        put_in_place(system::as_text(channel::encode(header_)));
        channel::JournalFault fault;
        reader_ = JournalReader::open(directory_.fd(), fault);
        require(reader_ != nullptr, "a journal can be opened");
    }

    void step() {
        switch (data_.ConsumeIntegralInRange(0, 6)) {
            case 0:
            case 1:
                append_record();
                break;
            case 2:
                append_bytes();
                break;
            case 3:
                overwrite();
                break;
            case 4:
                resize();
                break;
            case 5:
                rotate();
                break;
            case 6:
                put_other_in_place();
                break;
        }
        read();
    }

private:
    void write(std::string_view bytes, off_t offset) {
        require(::pwrite(file_.get(), bytes.data(), bytes.size(), offset)
                    == static_cast<ssize_t>(bytes.size()),
                "the file can be written");
    }

    off_t size() const { return ::lseek(file_.get(), 0, SEEK_END); }

    void put_in_place(std::string_view content) {
        ::unlinkat(directory_.fd().get(), channel::journal_name, 0);
        auto file = system::create_file(directory_.fd(), channel::journal_name);
        require(file.has_value(), "a file can be created");
        file_ = std::move(*file);
        write(content, 0);
    }

    /// Returns a size for a payload. Most sizes are small, because short writes are fast. Some are
    /// near the maximum.
    std::size_t payload_size() {
        const auto size = data_.ConsumeIntegralInRange<std::size_t>(0, 255);
        return size < 250 ? size : channel::longest_payload + size - 255;
    }

    std::string encoded(std::uint16_t type, std::size_t payload_size) {
        const std::string payload(payload_size, data_.ConsumeIntegral<char>());
        channel::Record record;
        record.type = static_cast<channel::RecordType>(type);
        record.sequence = ++sequence_;
        record.payload = payload;
        std::vector<std::byte> bytes;
        channel::encode(record, bytes);
        return std::string(system::as_text(bytes));
    }

    /// Appends a record as `wrap` does. The reader may read when only a part of the record is
    /// written.
    void append_record() {
        const std::string bytes =
            encoded(data_.ConsumeIntegralInRange<std::uint16_t>(1, 4), payload_size());
        const auto cut = data_.ConsumeIntegralInRange<std::size_t>(0, bytes.size());
        const off_t end = size();
        write(bytes.substr(0, cut), end);
        if (cut < bytes.size())
            read();
        write(bytes.substr(cut), end + static_cast<off_t>(cut));
        written_.push_back(sequence_);
    }

    void append_bytes() {
        honest_ = false;
        if (data_.ConsumeBool())
            write(encoded(data_.ConsumeIntegral<std::uint16_t>(), payload_size() + 1), size());
        else
            write(data_.ConsumeRandomLengthString(200), size());
    }

    void overwrite() {
        honest_ = false;
        const auto offset = data_.ConsumeIntegralInRange<off_t>(0, size());
        write(data_.ConsumeRandomLengthString(64), offset);
    }

    void resize() {
        honest_ = false;
        constexpr off_t sparse = off_t{1} << 40;
        const off_t length =
            data_.ConsumeBool() ? sparse : data_.ConsumeIntegralInRange<off_t>(0, size());
        // If the file system has a size limit, the file stays unchanged.
        static_cast<void>(::ftruncate(file_.get(), length));
    }

    /// Rotates as `wrap` does when the reader has read everything.
    void rotate() {
        put_in_place(system::as_text(channel::encode(header_)));
        follow();
        require(reader_->is_current(directory_.fd()), "a rotated journal is followed");
        written_.clear();
        read_ = 0;
        honest_ = true;
    }

    void put_other_in_place() {
        honest_ = false;
        std::string content = data_.ConsumeRandomLengthString(200);
        if (data_.ConsumeBool())
            content = std::string(system::as_text(channel::encode(header_))) + content;
        put_in_place(content);
        follow();
    }

    void follow() {
        auto fresh = reader_->reopened(directory_.fd());
        if (!fresh)
            return;
        require(fresh->header() == reader_->header(), "only journals of the same run are followed");
        reader_ = std::move(fresh);
    }

    void read() {
        channel::Record record;
        JournalReader::Outcome outcome;
        while ((outcome = reader_->next(record)) == JournalReader::Outcome::record) {
            require(record.payload.size() <= channel::longest_payload,
                    "no payload is longer than the maximum");
            if (honest_)
                require(read_ < written_.size() && record.sequence == written_[read_],
                        "each record is read once and in order");
            require(++read_ < 100'000, "reading ends");
        }
        const auto again = reader_->next(record);
        require(again != JournalReader::Outcome::record, "no record follows the end of reading");
        if (outcome == JournalReader::Outcome::broken)
            require(again == outcome, "a broken journal stays broken");
        if (honest_)
            require(outcome == JournalReader::Outcome::end_of_file && read_ == written_.size(),
                    "all written records are read");
        static_cast<void>(reader_->is_current(directory_.fd()));
        static_cast<void>(reader_->is_locked());
        static_cast<void>(reader_->read_beat());
    }

    const test::TemporaryDirectory& directory_;
    FuzzedDataProvider& data_;
    channel::JournalHeader header_;
    system::UniqueFd file_;
    std::unique_ptr<JournalReader> reader_;
    /// The sequence numbers of records that `wrap` could have written.
    std::vector<std::uint64_t> written_;
    std::uint64_t sequence_ = 0;
    std::size_t read_ = 0;
    /// Whether the file has only been changed in ways in which `wrap` changes it.
    bool honest_ = true;
};

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    static const test::TemporaryDirectory directory;
    FuzzedDataProvider provider(data, size);
    Writer writer(directory, provider);
    for (int steps = 0; steps < 30 && provider.remaining_bytes() > 0; ++steps)
        writer.step();
    return 0;
}

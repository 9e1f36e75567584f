#include <algorithm>
#include <utility>
#include <vector>

#include "base/util/concat.hpp"
#include "init/ctl/boot_times.hpp"

/// Draws the boot for `plot`. Lengths are in pixels, unless documented otherwise.
namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr int row_height = 20;
constexpr int margin = 20;
constexpr int top = 100;  ///< The height of the part above the bars, which has the title.
/// The width that is reserved for the names of the units that start last.
constexpr int name_width = 400;
constexpr double least_second_width = 200;
constexpr double least_box_width = 600;
constexpr std::uint64_t second = 1'000'000;

constexpr std::string_view style =
    "<style>\n"
    "  rect.background { fill: rgb(255,255,255); }\n"
    "  rect.box { fill: rgb(240,240,240); stroke: rgb(192,192,192); }\n"
    "  rect.activating { fill: rgb(255,0,0); fill-opacity: 0.7; }\n"
    "  rect.active { fill: rgb(200,150,150); fill-opacity: 0.7; }\n"
    "  rect.deactivating { fill: rgb(150,100,100); fill-opacity: 0.7; }\n"
    "  line { stroke: rgb(224,224,224); }\n"
    "  line.second { stroke: rgb(64,64,64); }\n"
    "  text { font-family: Verdana, Helvetica, sans-serif; font-size: 14px; }\n"
    "  text.scale { font-size: 10px; }\n"
    "</style>\n";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else
            out += c;
    return out;
}

std::string rectangle(std::string_view kind, double x, int y, double width, int height) {
    return concat("<rect class=\"", kind, "\" x=\"", std::to_string(x), "\" y=\"", y, "\" width=\"",
                  std::to_string(std::max(width, 0.0)), "\" height=\"", height, "\" />\n");
}

std::string label(std::string_view kind, double x, int y, std::string_view text) {
    return concat("<text class=\"", kind, "\" x=\"", std::to_string(x), "\" y=\"", y, "\">",
                  escaped(text), "</text>\n");
}

class Picture {
public:
    explicit Picture(const BootTimes& boot) : boot_(boot) {
        for (const auto& [name, times] : boot.units)
            if (times.activating <= boot.end)
                rows_.emplace_back(times.activating, name);
        std::ranges::sort(rows_);
        const auto length = static_cast<double>(boot.since_begin(boot.end).count());
        pixels_ = least_second_width / second;
        if (length > 0)
            pixels_ = std::max(pixels_, least_box_width / length);
    }

    std::string text(const std::string& summary) const {
        const int height = top + static_cast<int>(rows_.size()) * row_height + 5 * row_height;
        const int width = static_cast<int>(x_of(boot_.end)) + name_width;
        std::string out = concat(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg width=\"", width, "px\" height=\"",
            height, "px\" version=\"1.1\" xmlns=\"http://www.w3.org/2000/svg\">\n", style,
            "<rect class=\"background\" width=\"100%\" height=\"100%\" />\n");
        const std::size_t end = summary.find('\n');
        out += label("title", margin, 30, summary.substr(0, end));
        out += label("title", margin, 50, summary.substr(end + 1));
        out += concat("<g transform=\"translate(", margin, ',', top, ")\">\n");
        out += scale();
        int y = 0;
        for (const auto& [activating, name] : rows_) {
            out += bar(name, y);
            y += row_height;
        }
        return out + legend(y) + "</g>\n</svg>\n";
    }

private:
    double x_of(std::uint64_t time) const {
        return static_cast<double>(boot_.since_begin(time).count()) * pixels_;
    }

    /// Returns the frame around all bars, with a line for each tenth of a second.
    std::string scale() const {
        const int height = static_cast<int>(rows_.size()) * row_height;
        std::string out = rectangle("box", 0, 0, x_of(boot_.end), height);
        for (std::uint64_t at = 0; boot_.begin + at <= boot_.end; at += second / 10) {
            const std::string x = std::to_string(x_of(boot_.begin + at));
            const bool is_second = at % second == 0;
            out += concat("<line", is_second ? " class=\"second\"" : "", " x1=\"", x,
                          "\" y1=\"0\" x2=\"", x, "\" y2=\"", height, "\" />\n");
            if (is_second)
                out += label("scale", x_of(boot_.begin + at), -5, concat(at / second, 's'));
        }
        return out;
    }

    std::string bar(const std::string& name, int y) const {
        const UnitTimes& times = *boot_.find(name);
        // A time before the start of a phase belongs to an earlier activation. In this case, the
        // phase lasts until the end of the boot.
        const auto until = [&](std::uint64_t time, std::uint64_t from) {
            return time >= from && time <= boot_.end ? time : boot_.end;
        };
        const std::uint64_t ended = until(times.inactive, times.activating);
        const std::uint64_t active = std::min(until(times.active, times.activating), ended);
        const std::uint64_t deactivating = std::min(until(times.deactivating, active), ended);
        const std::pair<std::string_view, std::pair<std::uint64_t, std::uint64_t>> parts[] = {
            {"activating", {times.activating, active}},
            {"active", {active, deactivating}},
            {"deactivating", {deactivating, ended}},
        };
        std::string out;
        for (const auto& [kind, range] : parts)
            out += rectangle(kind, x_of(range.first), y, x_of(range.second) - x_of(range.first),
                             row_height - 1);
        const util::TimeSpan took = times.start_time();
        return out
               + label(
                   "unit", x_of(times.activating) + 5, y + 14,
                   took > util::TimeSpan::zero() ? concat(name, " (", span_text(took), ')') : name);
    }

    static std::string legend(int y) {
        std::string out;
        for (const std::string_view kind : {"activating", "active", "deactivating"}) {
            y += row_height;
            out += rectangle(kind, 0, y, 30, row_height - 1);
            out += label("legend", 45, y + 14, kind);
        }
        return out;
    }

    const BootTimes& boot_;
    double pixels_ = 0;  ///< The width of a microsecond in pixels.
    /// The rows, in the order of the starts.
    std::vector<std::pair<std::uint64_t, std::string>> rows_;
};

}  // namespace

std::string picture_of(const std::string& summary, const BootTimes& boot) {
    return Picture(boot).text(summary);
}

}  // namespace notifybridge::ctl

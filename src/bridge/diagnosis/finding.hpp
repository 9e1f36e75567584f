#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::diagnosis {

/// The result of one check. `verdict` is `problem` if the fault can stop the unit or its messages.
struct Finding {
    enum class Verdict { good, note, problem };

    Verdict verdict = Verdict::good;
    std::string subject;  ///< The subject in one word: "socket".
    std::string text;     ///< The result of the check, escaped.
    std::string advice;   ///< The remedy; empty if none is needed.

    bool operator==(const Finding&) const = default;
};

/// The findings, in the order in which the checks ran.
class Findings {
public:
    void good(std::string_view subject, std::string_view text);
    void note(std::string_view subject, std::string_view text, std::string_view advice);
    void problem(std::string_view subject, std::string_view text, std::string_view advice);
    void add(Finding::Verdict verdict, std::string_view subject, std::string_view text,
             std::string_view advice);

    void add_all(const Findings& others);

    const std::vector<Finding>& all() const { return all_; }
    bool has_problem() const;

private:
    std::vector<Finding> all_;
};

}  // namespace notifybridge::diagnosis

#include "bridge/diagnosis/finding.hpp"

#include <algorithm>

namespace notifybridge::diagnosis {

// This function must not be inlined: each of its many callers would need code to create the
// strings, 10 KB in all.
[[gnu::noinline]] void Findings::add(Finding::Verdict verdict, std::string_view subject,
                                     std::string_view text, std::string_view advice) {
    Finding& finding = all_.emplace_back();
    finding.verdict = verdict;
    finding.subject = subject;
    finding.text = text;
    finding.advice = advice;
}

[[gnu::noinline]] void Findings::good(std::string_view subject, std::string_view text) {
    add(Finding::Verdict::good, subject, text, {});
}

[[gnu::noinline]] void Findings::note(std::string_view subject, std::string_view text,
                                      std::string_view advice) {
    add(Finding::Verdict::note, subject, text, advice);
}

[[gnu::noinline]] void Findings::problem(std::string_view subject, std::string_view text,
                                         std::string_view advice) {
    add(Finding::Verdict::problem, subject, text, advice);
}

void Findings::add_all(const Findings& others) {
    all_.insert(all_.end(), others.all_.begin(), others.all_.end());
}

bool Findings::has_problem() const {
    return std::ranges::any_of(
        all_, [](const Finding& finding) { return finding.verdict == Finding::Verdict::problem; });
}

}  // namespace notifybridge::diagnosis

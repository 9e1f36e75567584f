#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "init/control/call.hpp"
#include "init/dbus/answer.hpp"
#include "init/dbus/object.hpp"

/// Turns D-Bus calls that change something into calls of `ctl`. So one place decides who may change
/// what.
namespace notifybridge::dbus {

namespace json = boost::json;

/// Says which values answer a change.
enum class Outcome {
    nothing,
    job,   ///< The path of the job.
    jobs,  ///< The job and the jobs that it pulled in: EnqueueUnitJob.
};

struct Change {
    json::object request;  ///< The call of `ctl`.
    Outcome outcome = Outcome::nothing;
};

/// Returns the change that a call requests, or nullopt if the call requests none. The caller has
/// checked that the object has the method with these arguments.
std::optional<Change> parse_change(const bus::Message& call, const Object& object);

/// Returns the change that starts a unit.
Change start_unit(std::string_view unit);

/// Receives the answers to a call of `ctl`, and answers the D-Bus caller once.
class ChangeCall final : public control::Call {
public:
    /// Calls `answer` with the answer and the id of the job, or 0 if there is no job. Does not call
    /// it after `caller` has expired.
    ChangeCall(Change change, bool is_privileged, std::weak_ptr<void> caller,
               std::function<void(Answer, std::uint64_t job)> answer);

    void answer(const json::object& object) override;
    bool is_over() const override { return caller_.expired(); }

private:
    struct Job {
        std::uint64_t id = 0;
        std::string unit;
        std::string type;
    };

    void answer_last(const json::object& object) override;
    Answer success() const;

    Outcome outcome_;
    std::weak_ptr<void> caller_;
    std::function<void(Answer, std::uint64_t)> answer_;
    Job anchor_;
    std::vector<Job> others_;
    std::optional<Answer> refusal_;
};

}  // namespace notifybridge::dbus

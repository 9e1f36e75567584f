#pragma once

#include <functional>
#include <type_traits>
#include <utility>

namespace notifybridge::util {

template <typename Signature>
class FunctionRef;

/// A parameter that takes any callable, which it does not own. Use it for a function that is called
/// only during the call, and std::function for one that is kept. The callable must outlive the
/// reference, so do not initialise a variable of this type with a lambda. It is like
/// std::function_ref of C++26, except that it can be empty.
template <typename Result, typename... Args>
class FunctionRef<Result(Args...)> {
public:
    FunctionRef() = default;

    template <typename Callable, typename = std::enable_if_t<
                                     !std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>>>
    FunctionRef(Callable&& callable)
        // POSIX requires that a void* can hold the address of a function, too (dlsym).
        : callable_(const_cast<void*>(reinterpret_cast<const volatile void*>(&callable))),
          call_([](void* object, Args... args) -> Result {
              auto& target = *reinterpret_cast<std::remove_reference_t<Callable>*>(object);
              return static_cast<Result>(std::invoke(target, std::forward<Args>(args)...));
          }) {}

    Result operator()(Args... args) const { return call_(callable_, std::forward<Args>(args)...); }

    explicit operator bool() const { return call_ != nullptr; }

private:
    void* callable_ = nullptr;
    Result (*call_)(void*, Args...) = nullptr;
};

}  // namespace notifybridge::util

#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace mplane {

template <typename Signature>
class UniqueFunction;

/// A callable that can be moved but not copied, so that its captures may be: what std::function
/// cannot hold, and what std::move_only_function will be. One thread at a time.
template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() noexcept = default;

  template <typename F>
  requires(!std::same_as<F, UniqueFunction> && std::is_invocable_r_v<R, F&, Args...>)
      UniqueFunction(F callable)  // NOLINT(google-explicit-constructor): a lambda is a function
      : target_(std::make_unique<Held<F>>(std::move(callable))) {}

  /// Only of a function that holds something.
  R operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }
  explicit operator bool() const noexcept { return target_ != nullptr; }

 private:
  struct Target {
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;
    virtual R call(Args... args) = 0;
  };

  template <typename F>
  struct Held final : Target {
    explicit Held(F given) : callable(std::move(given)) {}
    R call(Args... args) override { return callable(std::forward<Args>(args)...); }
    F callable;
  };

  std::unique_ptr<Target> target_;
};

}  // namespace mplane

#include "books_text.hpp"

#include "mplane/model/error.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::detail::parse_books;
using mplane::detail::to_text;

TEST_CASE("books of each reason come back as they were", "[books]") {
  Books books;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    books.wait(i + 1);
    if (is_of_run(traits(reason).ending)) books.start(i + 1);
    books.end(reason, i + 1);
  }
  books.wait(7);
  books.start(3);
  REQUIRE(books.balance());
  CHECK(parse_books(to_text(books)) == books);
}

TEST_CASE("books are written without what is zero", "[books]") {
  CHECK(to_text(Books()).empty());
  CHECK(parse_books("") == Books());
  Books books;
  books.wait(4);
  books.start(3);
  books.end(Reason::Completed, 2);
  CHECK(to_text(books) == "running=1 waiting=1 completed=2");
}

TEST_CASE("what is no account is refused", "[books]") {
  const std::string text = GENERATE(as<std::string>(), "completed", "completed=", "completed=x",
                                    "completed=-1", "finished=1", " completed=1", "=1",
                                    "completed=99999999999999999999", "completed=1,waiting=1");
  CAPTURE(text);
  CHECK_THROWS_AS(parse_books(text), Error);
}

#include "link_page.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using mplane::detail::find_links;
using Links = std::vector<std::string>;

TEST_CASE("links are found however they are written", "[client][links]") {
  struct Case {
    std::string html;
    Links links;
  };
  const std::vector<Case> cases{
      {"", {}},
      {"no tag", {}},
      {"<a href='/c1'>1</a>", {"/c1"}},
      {"<a href=\"/c1\">1</a><a href='/c2'>2</a>", {"/c1", "/c2"}},
      {"<A HREF=/c2>2</A>", {"/c2"}},
      {"<a class=x id='y' href=\"http://127.0.0.1/c3\" target=_top>3</a>", {"http://127.0.0.1/c3"}},
      {"<a\n\thref\n=\n'/c'>", {"/c"}},
      {"<a href = ' /c '>", {"/c"}},
      {"<a/href='/c'>", {"/c"}},
      {"<a href='/c?x=1&amp;y=2'>", {"/c?x=1&y=2"}},
      {"<a href=''>here</a>", {""}},
      {"<a href>here</a>", {}},
      {"<a data-href='/no' href='/yes'>", {"/yes"}},
      {"<a title='<a href=/no>' href='/yes'>", {"/yes"}},
      {"<a href='a>b'>", {"a>b"}},
      {"<abbr href='/no'><link href='/no'><base href='/no'>", {}},
      {"<!-- <a href='/no'> --><a href='/yes'>", {"/yes"}},
      {"<!-- <a href='/no'>", {}},
      {"<a <a href='/c'>", {"/c"}},
      {"<", {}},
      {"<a", {}},
      {"<a href", {}},
      {"<a href=", {""}},
      {"<a href='/c", {"/c"}},
      {"<a = = href=/c>", {"/c"}},
  };
  for (const auto& [html, links] : cases) {
    CAPTURE(html);
    CHECK(find_links(html, 100) == links);
  }
}

TEST_CASE("no more links are found than asked for", "[client][links]") {
  CHECK(find_links("<a href=1><a href=2><a href=3>", 2) == Links{"1", "2"});
}

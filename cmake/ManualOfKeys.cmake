# Writes PAGE, the manual page mplane.yaml(5), from SOURCE, doc/configuration.md: its headings and
# the rows of its tables that are about keys. So the two cannot differ. Run at build time.

cmake_minimum_required(VERSION 3.25)

file(READ "${SOURCE}" text)
# What CMake's lists would stumble over is replaced until the end.
string(REPLACE ";" "<semicolon>" text "${text}")
string(REPLACE "[" "<open>" text "${text}")
string(REPLACE "]" "<close>" text "${text}")
string(REPLACE "\\" "<backslash>" text "${text}")
string(REPLACE "\n" ";" lines "${text}")

# A text of Markdown as one of mdoc, on a line of its own.
function(as_mdoc text result)
  string(REGEX REPLACE "<open>([^<]*)<close>\\([^)]*\\)" "\\1" text "${text}")
  string(REPLACE "*none*" "none" text "${text}")
  string(REPLACE "`" "" text "${text}")
  string(REGEX REPLACE "^ +| +$" "" text "${text}")
  string(REGEX REPLACE "([.:]) ([A-Z])" "\\1\n\\2" text "${text}")  # a sentence, a line
  set(${result} "\\&${text}" PARENT_SCOPE)
endfunction()

set(page ".\\\" Made from doc/configuration.md
.Dd November 22, 2026
.Dt MPLANE.YAML 5
.Os mPlane
.Sh NAME
.Nm mplane.yaml
.Nd configuration of mPlane's programs
.Sh DESCRIPTION
One YAML file configures
.Xr mpcom 1
or
.Xr mpsup 1 ,
another one
.Xr mpcli 1 :
maps, lists and texts, without anchors, aliases and tags.
Unknown keys are refused.
A relative file name is seen from the folder of the file it stands in.
Durations are written 5s, 1h30m, 250ms; numbers of bytes 4096, 64kB, 16MiB.
")
set(open FALSE)
foreach(line IN LISTS lines)
  if(line MATCHES "^##+ (.*)$")
    set(heading "${CMAKE_MATCH_1}")
  elseif(line MATCHES "^\\| `([^`]+)` \\| (.*) \\|$")
    set(key "${CMAKE_MATCH_1}")
    set(cells "${CMAKE_MATCH_2}")
    string(REPLACE " | | " " | none | " cells "${cells}")  # an empty cell is one, too
    string(REPLACE " | " ";" cells "${cells}")
    list(LENGTH cells count)
    if(count LESS 3)
      continue()  # no table of keys
    endif()
    if(heading)
      as_mdoc("${heading}" heading)
      string(SUBSTRING "${heading}" 2 -1 heading)
      if(open)
        string(APPEND page ".El\n")
      endif()
      string(APPEND page ".Ss ${heading}\n.Bl -tag -width Ds\n")
      set(open TRUE)
      set(heading "")
    endif()
    list(GET cells 0 kind)
    list(GET cells 1 default)
    list(GET cells -1 meaning)
    as_mdoc("${kind}, otherwise ${default}" facts)
    as_mdoc("${meaning}" meaning)
    string(APPEND page ".It Cm ${key}\n${facts}.\n.br\n${meaning}\n")
  endif()
endforeach()
if(open)
  string(APPEND page ".El\n")
endif()
string(APPEND page ".Sh SEE ALSO
.Xr mpcli 1 ,
.Xr mpcom 1 ,
.Xr mpsup 1
")
string(REPLACE "<semicolon>" ";" page "${page}")
string(REPLACE "<open>" "[" page "${page}")
string(REPLACE "<close>" "]" page "${page}")
string(REPLACE "<backslash>" "\\e" page "${page}")
file(WRITE "${PAGE}" "${page}")

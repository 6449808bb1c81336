# Writes files into a C++ source, so that the program carries them:
#   cmake -DOUT=web_files.cc -DDIR=comet/web -DFILES=console.html,console/main.js
#     -DMADE_DIR=build/generated/client -DMADE_FILES=comet.js -P embed.cmake
# Nothing but CMake is needed. Each file becomes an array of bytes (a string literal has a length
# that compilers may limit) and gets a hash of its bytes, which serves as an entity tag.
string(REPLACE "," ";" files "${FILES}")
list(TRANSFORM files PREPEND ${DIR}/)
string(REPLACE "," ";" made_files "${MADE_FILES}")
list(TRANSFORM made_files PREPEND ${MADE_DIR}/)
set(arrays "")
set(rows "")
set(count 0)
foreach(path IN LISTS files made_files)
  string(REGEX REPLACE "^(${DIR}|${MADE_DIR})/" "" name ${path})
  file(READ ${path} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  file(SHA256 ${path} hash)
  string(SUBSTRING ${hash} 0 32 tag)
  string(APPEND arrays "constexpr unsigned char kFile${count}[] = {${bytes}};\n")
  string(APPEND rows "    row(\"${name}\", \"\\\"${tag}\\\"\", kFile${count}),\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUT} "// Written by cmake/embed.cmake.
#include \"comet/web_files.h\"

namespace comet {
namespace {

${arrays}
template <std::size_t size>
WebFile row(std::string_view name, std::string_view entity_tag, const unsigned char (&bytes)[size]) {
  return {name, entity_tag, {reinterpret_cast<const char*>(bytes), size}};
}

const WebFile kFiles[] = {
${rows}};

}  // namespace

std::span<const WebFile> web_files() { return kFiles; }

}  // namespace comet
")

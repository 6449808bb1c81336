# Makes what the server serves, and what the npm package holds, of the client's sources:
#   cmake -DDIR=comet/web/client -DOUT=folder -DVERSION=0.1.0 -P client_script.cmake
# comet.mjs is one module of both, without comments and indentation; comet.js, a classic script, is the
# same in a block, with its classes as globals. A comment stands on a line of its own or after two
# blanks.
file(READ ${DIR}/comet.mjs comet)
file(READ ${DIR}/icomet.mjs icomet)
string(REGEX REPLACE "\n *(//|import )[^\n]*" "" text "\n${comet}\n${icomet}")
string(REGEX REPLACE "  // [^\n]*" "" text "${text}")
string(REGEX REPLACE "\n[ \n]+" "\n" text "${text}")
set(title "// comet ${VERSION}: see comet/web/client")
file(WRITE ${OUT}/comet.mjs "${title}${text}")
string(REPLACE "\nexport class" "\nclass" text "${text}")
file(WRITE ${OUT}/comet.js "${title}
{${text}Object.assign(globalThis, {Comet, iComet});
}
")

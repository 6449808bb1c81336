# Makes what the server serves, and what the npm package holds, of the client's one source:
#   cmake -DSOURCE=comet/web/client/comet.mjs -DOUT=folder -DVERSION=0.1.0 -P client_script.cmake
# comet.mjs is the module without comments and indentation; comet.js, a classic script, is the same
# in a block, with its classes as globals. A comment stands on a line of its own or after two blanks.
file(READ ${SOURCE} text)
string(REGEX REPLACE "\n *//[^\n]*" "" text "\n${text}")
string(REGEX REPLACE "  // [^\n]*" "" text "${text}")
string(REGEX REPLACE "\n[ \n]+" "\n" text "${text}")
set(title "// comet ${VERSION}: made of comet/web/client/comet.mjs, where it can be read.")
file(WRITE ${OUT}/comet.mjs "${title}${text}")
string(REPLACE "\nexport class" "\nclass" text "${text}")
file(WRITE ${OUT}/comet.js "${title}
{${text}Object.assign(globalThis, {Comet, iComet});
}
")

-- /push of the same 100 bytes again and again: wrk does next to nothing, the server is saturated.
dofile(debug.getinfo(1, "S").source:match("^@(.-)[^/]*$") .. "report.lua")

wrk.path = "/push?cname=news&content=" .. string.rep("x", 100)

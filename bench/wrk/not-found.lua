-- A path that does not exist: the 404 must be no more expensive than an answer.
dofile(debug.getinfo(1, "S").source:match("^@(.-)[^/]*$") .. "report.lua")

wrk.path = "/no-such-thing"

-- /info of one channel.
dofile(debug.getinfo(1, "S").source:match("^@(.-)[^/]*$") .. "report.lua")

wrk.path = "/info?cname=news"

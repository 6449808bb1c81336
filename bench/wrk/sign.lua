-- /sign of 1 000 channels in turn: creates each once, then renews it.
local here = debug.getinfo(1, "S").source:match("^@(.-)[^/]*$")
dofile(here .. "report.lua")
dofile(here .. "rotate.lua")

rotate(1000, function(i) return "/sign?cname=channel-" .. i end)

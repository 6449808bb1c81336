-- /push to 1 000 channels in turn.
local here = debug.getinfo(1, "S").source:match("^@(.-)[^/]*$")
dofile(here .. "report.lua")
dofile(here .. "rotate.lua")

local content = string.rep("x", 100)
rotate(1000, function(i) return "/push?cname=channel-" .. i .. "&content=" .. content end)

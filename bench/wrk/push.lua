-- /push of contents that never repeat: 100 bytes, of which the last ten count.
-- The head and the tail of the request are made once, so that wrk has little to do.
dofile(debug.getinfo(1, "S").source:match("^@(.-)[^/]*$") .. "report.lua")

local before, after
local count = 0

function init()
   local mark = "0000000000"
   local text = wrk.format(nil, "/push?cname=news&content=" .. string.rep("x", 90) .. mark)
   local from, to = text:find(mark, 1, true)
   before, after = text:sub(1, from - 1), text:sub(to + 1)
end

function request()
   count = count + 1
   return before .. string.format("%010d", count) .. after
end
